"""Holds a reply against `openapi.yaml`. It reads the file by itself: the code under test is not asked."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).parents[2]
# Headers of HTTP itself, which an API's description does not list.
_OF_HTTP = {"content-length", "content-type", "date", "connection", "allow", "transfer-encoding", "accept-encoding"}
# A scenario may have failures remembered (`store_failures`); the contract remembers successes only.
_OF_SCENARIOS = {"idempotent-replayed", "x-original-request-id"}


def quickly_loaded(path: Path) -> Any:
    """What `yaml.safe_load` makes of a file, by the parser in C where PyYAML has it."""
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def contract_document() -> Any:
    """`openapi.yaml`, read once for all tests: nobody may change it."""
    return quickly_loaded(ROOT / "openapi.yaml")


@cache
def replies_of(edition: str) -> "Replies":
    """The documented replies of an edition that is not the first one."""
    return Replies(ROOT / "editions" / edition / "openapi.yaml")


class Replies:
    """The documented replies."""

    def __init__(self, path: Path = ROOT / "openapi.yaml") -> None:
        self.document: dict[str, Any] = quickly_loaded(path)
        resource = DRAFT202012.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource("urn:contract", resource)
        self.checked = 0

    def check(self, response: httpx2.Response) -> None:
        """Fail unless the contract describes exactly this reply."""
        request = response.request
        where = f"{request.method} {request.url.path} -> {response.status_code} {response.text[:500]}"
        assert "x-mock-bug" not in response.headers, where
        described = self._described(request.method, request.url.path, response.status_code)
        assert described, f"not described: {where}"
        self._check_headers(described, response, where)
        if request.method != "HEAD":
            self._check_body(described, response, where)
        self.checked += 1

    def _described(self, method: str, path: str, status: int) -> dict[str, Any] | None:
        item = next((i for p, i in self.document["paths"].items() if re.fullmatch(_regex(p), path)), None)
        operation = item.get("get" if method == "HEAD" else method.lower()) if item else None
        if item and not operation:
            return self._common(405) if status == 405 else None
        if operation and str(status) in operation["responses"]:
            return self._target(operation["responses"][str(status)])
        return self._common(status)

    def _common(self, status: int) -> dict[str, Any] | None:
        responses = self.document["components"]["responses"].values()
        return next((r for r in responses if r.get("x-status") == status), None)

    def _target(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"][2:].split("/"):
                target = target[step]
            node = target
        return node

    def _check_headers(self, described: dict[str, Any], response: httpx2.Response, where: str) -> None:
        headers = {name.lower(): self._target(h) for name, h in described["headers"].items()}
        for name, header in headers.items():
            assert name in response.headers or not header["required"], f"{name} is missing: {where}"
            if name in response.headers:
                self._validate(header["schema"], response.headers[name], f"{name} of {where}")
        for name in response.headers:
            known = name in headers or name in _OF_HTTP | _OF_SCENARIOS or name.startswith("x-mock-")
            assert known, f"{name} is undescribed: {where}"

    def _check_body(self, described: dict[str, Any], response: httpx2.Response, where: str) -> None:
        content = described.get("content")
        if content is None and "x-envelope" in described and response.content:
            content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
        if content is None:
            assert response.content == b"", f"the body must be empty: {where}"
            return
        assert response.headers["content-type"].startswith("application/json"), where
        self._validate(content["application/json"]["schema"], response.json(), where)

    def _validate(self, schema: dict[str, Any], value: Any, where: str) -> None:
        whole = {"$ref": f"urn:contract{schema['$ref']}"} if "$ref" in schema else schema
        errors = list(Draft202012Validator(whole, registry=self._registry).iter_errors(value))
        assert not errors, f"{where}: {errors[0].json_path} {errors[0].message}"


def _regex(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
