"""Holds a reply of the control plane against its own description, `control.yaml`."""

import re
from typing import Any

import httpx2
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mock_sent.control.described import load

# The guard answers before anybody knows the path; and a path that is not there has no description.
_ANYWHERE = {401, 403, 404, 405, 415}


class ControlReplies:
    """The described replies."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = load().raw
        resource = DRAFT202012.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource("urn:control", resource)

    def check(self, response: httpx2.Response) -> None:
        """Fail unless `control.yaml` describes exactly this reply."""
        request = response.request
        where = f"{request.method} {request.url} -> {response.status_code} {response.text[:500]}"
        described = self._described(request.method.lower(), request.url.path.removeprefix("/_mock"), response, where)
        content = described.get("content")
        if request.method == "HEAD":
            return
        if content is None:
            assert response.content == b"", where
            return
        media_type = response.headers["content-type"].partition(";")[0]
        assert media_type in content, f"{media_type}: {where}"
        if media_type == "application/json":
            self._validate(content[media_type]["schema"], response.json(), where)

    def _described(self, method: str, path: str, response: httpx2.Response, where: str) -> dict[str, Any]:
        responses = self.document["components"]["responses"]
        item: dict[str, Any] = next((i for p, i in self.document["paths"].items() if re.fullmatch(_regex(p), path)), {})
        operation = item.get("get" if method == "head" else method)
        if operation is None:
            assert response.status_code in _ANYWHERE, f"not described: {where}"
            return dict(responses["Refusal"])
        status = str(response.status_code)
        assert status in operation["responses"] or status >= "400", f"not described: {where}"
        described: dict[str, Any] = operation["responses"].get(status) or operation["responses"]["default"]
        name = described.get("$ref", "").rpartition("/")[2]
        return responses[name] if name else described

    def _validate(self, schema: dict[str, Any], value: Any, where: str) -> None:
        whole = {"$ref": f"urn:control{schema['$ref']}"} if "$ref" in schema else _absolute(schema)
        errors = list(Draft202012Validator(whole, registry=self._registry).iter_errors(value))
        assert not errors, f"{where}: {errors[0].json_path} {errors[0].message}"


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: f"urn:control{v}" if k == "$ref" else _absolute(v) for k, v in node.items()}
    return [_absolute(each) for each in node] if isinstance(node, list) else node


def _regex(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
