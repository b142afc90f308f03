"""A test's handle on one account of a mock server, over plain HTTP, with the standard library alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from mock_sent.clock import uuid_for

_PATIENCE = 90


class HandleError(Exception):
    """The server cannot be reached, or refuses what was asked; the text says why."""


@dataclass(frozen=True)
class SentMessage:
    """One message that was sent: a recipient on a channel."""

    id: str
    to: str
    channel: str
    text: str
    status: str
    template: str
    template_id: str
    idempotency_key: str | None
    request_id: str
    profile: str | None
    price: float
    at: str


@dataclass(frozen=True)
class SentRequest:
    """One request of the client under test, and how it was answered. `why` has the reasons."""

    id: str
    method: str
    path: str
    status: int
    outcome: str | None
    rule: str | None
    fault: str | None
    idempotency_key: str | None
    headers: Mapping[str, str]
    body: Any
    reply: Any
    messages: Sequence[str]
    why: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One thing that the client does wrong."""

    kind: str
    severity: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Audit:
    """What the audit found: `result` is ok, failed or unknown."""

    result: str
    findings: Sequence[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [f for f in self.findings if f.severity == "error"]

    @property
    def kinds(self) -> list[str]:
        return [f.kind for f in self.findings]


class Control:
    """The control plane of a server, for one key."""

    def __init__(self, url: str, api_key: str = "", token: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {n: v for n, v in (("x-api-key", api_key), ("x-mock-token", token)) if v}
        # Never by a proxy that the environment names: the server is near.
        self._opener = build_opener(ProxyHandler({}))

    def ask(self, method: str, path: str, content: Any = None, media_type: str = "application/json") -> Any:
        """The answer's JSON. Raises `HandleError`."""
        data = None if method in ("GET", "DELETE") else content if isinstance(content, bytes) else _dumps(content)
        headers = {**self._headers, "content-type": media_type} if data is not None else self._headers
        try:
            request = Request(f"{self.url}/_mock{path}", data, headers, method=method)
            with self._opener.open(request, timeout=_PATIENCE) as reply:
                return json.loads(reply.read() or b"null")
        except HTTPError as e:
            raise HandleError(_said(e)) from None
        except (URLError, HTTPException, OSError, ValueError) as e:
            reason = getattr(e, "reason", e)
            raise HandleError(f"no mock-sent server answers at {self.url}: {reason}") from None


class SentMock:
    """One account of a mock server: what a test sets before, and asks afterwards."""

    def __init__(self, url: str, api_key: str, token: str = "") -> None:
        self.url, self.api_key = url.rstrip("/"), api_key
        self._control = Control(url, api_key, token)
        self._last = ""
        self._allowed: frozenset[str] | None = frozenset()

    # Before

    def scenario(self, name_or_yaml: str | Path) -> None:
        """Switch a scenario on: by name, as YAML text, or a file's path."""
        if isinstance(name_or_yaml, Path):
            text = name_or_yaml.read_text("utf-8")
        elif ":" in name_or_yaml or "\n" in name_or_yaml:
            text = name_or_yaml
        else:
            self._control.ask("PUT", "/scenario", {"name": name_or_yaml})
            return
        self._control.ask("PUT", "/scenario", text.encode(), "application/yaml")

    def no_scenario(self) -> None:
        """Switch the account's scenario off."""
        self._control.ask("DELETE", "/scenario")

    def template(self, name: str, body: str, **more: Any) -> str:
        """Store a template, and return its id; `{{code}}` in the body is a parameter."""
        id = str(more.pop("id", uuid_for("template", name)))
        self._control.ask("PUT", "/templates", [{"id": id, "name": name, "body": body, **more}])
        return id

    def balance(self, amount: float | str) -> None:
        """What the account can spend; "unlimited" for no limit."""
        self._control.ask("PUT", "/balance", {"balance": amount})

    def advance(self, span: str) -> None:
        """Jump ahead in time: "24h", "900ms"."""
        self._control.ask("POST", "/clock", {"advance": span})

    def freeze(self, at: str | None = None) -> None:
        """Let time stand still, now or at an ISO 8601 time."""
        self._control.ask("POST", "/clock", {"freeze": at or True})

    def resume(self) -> None:
        """Let time run on from where it stands."""
        self._control.ask("POST", "/clock", {"resume": True})

    def reset(self) -> None:
        """Back to the fixtures: no message, no key, no scenario, the machine's time."""
        self._control.ask("POST", "/reset", {})
        self._last = ""

    def drop(self) -> None:
        """Forget the account."""
        self._control.ask("DELETE", "/account")

    # Afterwards

    @property
    def messages(self) -> list[SentMessage]:
        """Every message that was sent, the oldest first."""
        return self.find_messages()

    def find_messages(self, **filters: str) -> list[SentMessage]:
        """Those that fit: to, channel, template, text, status; * stands for anything."""
        found = self._control.ask("GET", f"/messages?{urlencode({'limit': 10_000, **filters})}")
        return [_message(m) for m in found["messages"]]

    def wait_for_message(self, timeout: str = "5s", **filters: str) -> SentMessage:
        """The next message that fits, by identity: two calls never return the same one. Waits in real time."""
        __tracebackhide__ = True
        query = {"limit": 1, "wait": timeout, **filters, **({"after": self._last} if self._last else {})}
        found = self._control.ask("GET", f"/messages?{urlencode(query)}")["messages"]
        if not found:
            verdict = self._control.ask("POST", "/verify", {**filters, "times": ">=1"})
            since = " after the one that was returned last" if self._last else ""
            near = "".join(f"\n  {line}" for line in verdict["near_misses"])
            raise AssertionError(f"no message that fits came within {timeout}{since}{near}")
        self._last = found[0]["id"]
        return _message(found[0])

    @property
    def requests(self) -> list[SentRequest]:
        """Every request of the client under test, the oldest first."""
        listed = self._control.ask("GET", "/requests?limit=10000")["requests"]
        explained = [self._control.ask("GET", f"/requests/{x['request_id']}") for x in reversed(listed)]
        return [_request(x) for x in explained]

    @property
    def webhooks(self) -> list[dict[str, Any]]:
        """The deliveries of webhooks, as the control plane shows them."""
        return list(self._control.ask("GET", "/webhooks/deliveries")["deliveries"])

    def verify(self, times: int | str = ">=1", **pattern: Any) -> dict[str, Any]:
        """The verdict on a pattern: result, count, near_misses, sentence."""
        return dict(self._control.ask("POST", "/verify", {**pattern, "times": times}))

    def assert_sent(self, *, times: int | str = 1, **pattern: Any) -> None:
        """Fail unless so many messages fit: to, channel, template, text, header, idempotency_key, ..."""
        __tracebackhide__ = True
        verdict = self.verify(times, **pattern)
        if verdict["result"] != "ok":
            words = ", ".join(f"{word}={value!r}" for word, value in pattern.items())
            raise AssertionError(f"assert_sent({words}): " + verdict["sentence"].replace("; ", "\n  "))

    def assert_not_sent(self, **pattern: Any) -> None:
        """Fail if any message fits."""
        __tracebackhide__ = True
        self.assert_sent(times=0, **pattern)

    # The audit

    @property
    def audit(self) -> Audit:
        """What the client does wrong although the answers said yes."""
        found = self._control.ask("GET", "/audit")
        findings = [Finding(f["kind"], f["severity"], f["sentence"]) for f in found["findings"]]
        return Audit(found["result"], findings)

    def allow_audit(self, *kinds: str) -> None:
        """These findings do not fail the test; without a kind, none does."""
        self._control.ask("GET", f"/audit?{urlencode({'fail_on': ','.join(kinds)})}")  # refuses a word that is none
        self._allowed = None if not kinds or self._allowed is None else self._allowed | set(kinds)

    def assert_good_client(self) -> None:
        """Fail if the audit has an error that was not allowed. The fixture asks this at the end of a test."""
        __tracebackhide__ = True
        if self._allowed is None:
            return
        audit = self.audit
        bad = [f for f in audit.errors if f.kind not in self._allowed]
        if bad:
            kinds = ", ".join(sorted({repr(f.kind) for f in bad}))
            lines = "\n".join(f"  {f}" for f in bad)
            raise AssertionError(
                f"the client uses the API badly, although every answer said yes:\n{lines}\n"
                f"(sent_mock.allow_audit({kinds}), or @pytest.mark.sent_allow_audit({kinds}), lets it pass)"
            )

    def timeline(self) -> str:
        """What happened, line by line, and the seed with which it happens again."""
        listed = self._control.ask("GET", "/requests?limit=50")["requests"]
        messages = {m["id"]: m for m in self._control.ask("GET", "/messages?limit=10000")["messages"]}
        lines = [line for x in reversed(listed) for line in _lines(x, messages)] or ["no request came"]
        lines += [f"audit: {finding}" for finding in self.audit.findings]
        seed = self._control.ask("GET", "/ready")["seed"]
        return "\n".join([*lines, f"MOCK_SENT_SEED={seed} repeats its ids and chances ({self.url})"])


def _lines(x: dict[str, Any], messages: dict[str, Any]) -> list[str]:
    parts = [x["at"][11:23], x["method"], x["path"], "->", str(x["status"]), x["outcome"] or ""]
    parts += [
        f"{name} {x[field]}" for name, field in (("rule", "rule"), ("fault", "fault"), ("key", "key")) if x[field]
    ]
    parts += [f"({x['key_fate']})"] if x["key_fate"] else []
    sent = [messages[id] for id in x["messages"] if id in messages]
    return [" ".join(filter(None, parts)), *(f"    {m['to']} {m['channel']} {m['status']}: {m['text']}" for m in sent)]


def _message(m: dict[str, Any]) -> SentMessage:
    names = ("id", "to", "channel", "text", "status", "idempotency_key", "request_id", "profile", "price", "at")
    return SentMessage(template=m["template"]["name"], template_id=m["template"]["id"], **{n: m[n] for n in names})


def _request(x: dict[str, Any]) -> SentRequest:
    names = ("method", "path", "status", "outcome", "rule", "fault", "messages", "why")
    request, reply = x["request"], x["reply"]["body"]
    return SentRequest(
        id=x["request_id"],
        idempotency_key=x["key"],
        headers=request["headers"],
        body=request["body"],
        reply=reply,
        **{n: x[n] for n in names},
    )


def _said(error: HTTPError) -> str:
    """The server's own sentence."""
    with error:
        try:
            return str(json.loads(error.read())["error"])
        except (ValueError, KeyError, TypeError):
            return f"{error.url} answers {error.code}"


def _dumps(content: Any) -> bytes:
    return json.dumps(content).encode()
