"""The pages that show the contract: /openapi.yaml, /openapi.json and /docs. They load nothing from elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

import orjson
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from mock_sent.api.refusing import bug_of
from mock_sent.api.routing import allowed
from mock_sent.contract import Edition, Operation
from mock_sent.ground.headers import joined, names_media_type
from mock_sent.journal import Log
from mock_sent.journal.record import head_text, headers_of

# The methods of each page, besides HEAD.
METHODS = ("GET",)

Headers = Mapping[str, str]
Page = Callable[[Headers], Response]

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
pre { border: 1px solid #8884; border-radius: 6px; overflow-x: auto; padding: 0.75rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
h2 { border-top: 1px solid #8888; margin-top: 3rem; padding-top: 1rem; }
.source { opacity: 0.7; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class PageEndpoint:
    """The ASGI application of one page. A method other than GET and HEAD is a plain 405, a bug of ours a plain 500."""

    def __init__(self, page: Page, log: Log) -> None:
        self._page, self._log = page, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        if scope["method"] not in (*METHODS, "HEAD"):
            text = f"{scope['method'][:50]} is no method of this page; it has {allowed(METHODS)}\n"
            return PlainTextResponse(text, 405, {"allow": allowed(METHODS)})
        try:
            return self._page(joined(headers_of(head_text(scope["headers"])))[0])
        except Exception as bug:
            reply = bug_of(bug, self._log)
            headers = {name.decode(): value.decode() for name, value in reply.headers}
            return PlainTextResponse(reply.body, reply.status, headers)


def contract_pages(edition: Edition, log: Log) -> dict[str, PageEndpoint]:
    """The pages by path."""

    def as_json(_: Headers) -> Response:
        return Response(orjson.dumps(edition.document), media_type="application/json")

    def as_yaml(_: Headers) -> Response:
        import yaml

        text = yaml.safe_dump(edition.document, sort_keys=False, allow_unicode=True, width=120)
        return Response(text, media_type="application/yaml")

    def docs(_: Headers) -> Response:
        return Response(
            "".join(_Page(edition).pieces()), media_type="text/html", headers={"content-security-policy": _POLICY}
        )

    def root(headers: Headers) -> Response:
        """Redirect a browser to the inbox, a program to the contract."""
        looked_at = names_media_type(headers.get("accept", ""), "text/html")
        return RedirectResponse("/_mock/inbox" if looked_at else "/docs", headers={"vary": "accept"})

    pages = {"/openapi.json": as_json, "/openapi.yaml": as_yaml, "/docs": docs, "/": root}
    return {path: PageEndpoint(page, log) for path, page in pages.items()}


class _Page:
    """The HTML page of an edition."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def pieces(self) -> Iterator[str]:
        info, operations = self._edition.document["info"], self._edition.operations
        yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
        yield f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style><body>"
        yield f"<h1>{escape(info['title'])}, as mock-sent serves it</h1><p>{escape(info['description'])}</p>"
        yield "<p>The same for programs: <a href=/openapi.json>/openapi.json</a>, "
        yield "<a href=/openapi.yaml>/openapi.yaml</a>."
        yield " In brackets beside a part is where we know it from; without one it is the vendor's page.</p><ul>"
        for each in operations:
            yield f"<li><a href='#{escape(each.id)}'><code>{each.method} {escape(each.path)}</code></a></li>"
        yield "</ul>"
        for each in operations:
            yield from self._operation(each)
        yield "</body></html>"

    def _operation(self, operation: Operation) -> Iterator[str]:
        content, follow = operation.content, self._edition.follow
        title = f"{operation.method} {escape(operation.path)}"
        yield f"<h2 id='{escape(operation.id)}'><code>{title}</code>{_source(content)}</h2>"
        yield f"<p>{escape(content.get('description', content.get('summary', '')))}</p>"
        if parameters := operation.described_parameters:
            yield "<h3>Parameters</h3><table>"
            for _, p in parameters:
                name = f"<code>{escape(p['name'])}</code> ({escape(p['in'])})"
                yield f"<tr><td>{name}<td>{escape(p.get('description', ''))}"
            yield "</table>"
        if body := follow(content.get("requestBody")):
            media = body.get("content", {}).get("application/json", {})
            members = "".join(self._members(media.get("schema"), "", ()))
            yield f"<h3>Request body</h3><table>{members}</table>"
            yield from self._examples(media)
        yield "<h3>Responses</h3>"
        for status, response in content["responses"].items():
            response = follow(response)
            yield f"<h4>{status}{_source(response)}</h4><p>{escape(response['description'])}</p>"
            yield from self._examples(response.get("content", {}).get("application/json", {}))

    def _members(self, schema: Any, prefix: str, above: tuple[int, ...]) -> Iterator[str]:
        """The members of an object and of the objects inside it. A recursive schema is shown once."""
        schema = self._edition.follow(schema)
        if not isinstance(schema, dict) or id(schema) in above:
            return
        required = schema.get("required", ())
        for name, node in schema.get("properties", {}).items():
            member = self._edition.follow(node)
            kind = member.get("type", "")
            kind = " or ".join(kind) if isinstance(kind, list) else kind
            demanded = ", required" if name in required else ""
            yield f"<tr><td><code>{escape(prefix + name)}</code><td>{escape(kind)}{demanded}"
            yield f"<td>{escape(member.get('description', ''))}{_source(member)}"
            yield from self._members(member, f"{prefix}{name}.", (*above, id(schema)))

    def _examples(self, media: dict[str, Any]) -> Iterator[str]:
        for name, node in media.get("examples", {}).items():
            example = self._edition.follow(node)
            if "value" not in example:
                continue
            text = orjson.dumps(example["value"], option=orjson.OPT_INDENT_2).decode()
            yield f"<p><code>{escape(name)}</code>{_source(example)}</p><pre>{escape(text)}</pre>"


def _source(part: dict[str, Any]) -> str:
    return f" <span class=source>[{escape(part['x-source'])}]</span>" if "x-source" in part else ""
