"""Random requests for a fuzz: what both contracts describe, what is nearly that, and what no client should send.

A seed gives the same requests in each run, as long as the server gives the same answers.
"""

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from control_replies import ControlReplies
from fuzzwords import GOOD, HEADERS, MEMBERS, METHODS, PAGES, SHORT_BODIES, SLIPS, TEXTS, UUID, VALUES, WAITS, WEIGHTS
from replies import contract_document


class _Asked(NamedTuple):
    """An operation, the document that describes it, and its path there. A page has no document."""

    document: Any
    path: str
    method: str
    operation: dict[str, Any]

    @property
    def weight(self) -> float:
        id = self.operation.get("operationId", "")
        return WEIGHTS.get(id, 3) if id else 1


class RequestFuzz:
    """Requests one after the other. `learn` takes ids out of an answer, so that later requests find what there is."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        asked = [_Asked({}, path, "GET", {}) for path in PAGES]
        for document, prefix in ((contract_document(), ""), (ControlReplies().document, "/_mock")):
            for path, item in document["paths"].items():
                methods = [name for name in item if name.upper() in METHODS]
                asked += [_Asked(document, f"{prefix}{path}", name.upper(), item[name]) for name in methods]
        self._asked, self._weights = asked, [each.weight for each in asked]
        self._ids: dict[str, deque[bytes]] = {}

    def request(self) -> bytes:
        """The bytes of a request that is valid HTTP. What it asks for may be anything."""
        asked = self._latest = self.random.choices(self._asked, self._weights)[0]
        method = self.random.choice(METHODS) if self._may(0.08) else asked.method
        body = self._body(asked) if asked.operation.get("requestBody") or self._may(0.1) else b""
        lines = [b"%s %s HTTP/1.1" % (method.encode(), self._target(asked)), *self._headers(body)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def learn(self, body: bytes) -> None:
        """Remember the ids in the answer to the latest request, for requests to paths that begin like its own."""
        known = self._ids_of(self._latest)
        known.extend(found for found in re.findall(rb'id": ?"([0-9A-Za-z_-]{8,36})"', body)[:3] if found not in known)

    def _ids_of(self, asked: _Asked) -> deque[bytes]:
        return self._ids.setdefault("/".join(asked.path.split("/")[:3]), deque([UUID], maxlen=20))

    def _may(self, share: float) -> bool:
        return self.random.random() < share

    def _some(self, values: Sequence[Any], counts: Sequence[int]) -> Iterator[Any]:
        for _ in range(self.random.choice(counts)):
            yield self.random.choice(values)

    def _target(self, asked: _Asked) -> bytes:
        parts = re.split(r"(\{\w+\})", asked.path)
        target = b"".join(self._id(asked) if part[:1] == "{" else part.encode() for part in parts)
        if self._may(0.06):
            at = self.random.randrange(len(target) + 1)
            target = target[:at] + self.random.choice(SLIPS) + target[at:]
        elif self._may(0.02):
            target = target.upper()
        elif self._may(0.02):
            target = target[self.random.randrange(len(target)) :]
        query = b"&".join(self._query(asked))
        target = (b"" if target.startswith(b"/") else b"/") + target + (b"?" + query if query else b"")
        return bytes(byte for byte in target if byte > 0x20)

    def _id(self, asked: _Asked) -> bytes:
        return self.random.choice(self._ids_of(asked) if self._may(0.8) else TEXTS)[:300]

    def _query(self, asked: _Asked) -> Iterator[bytes]:
        described = [_followed(asked.document, each) for each in asked.operation.get("parameters", [])]
        names = [each["name"].encode() for each in described if each["in"] == "query"]
        for name in self._some([*names, b"page", b"zz"], (0, 0, 0, 1, 2, 3)):
            value = self.random.choice(WAITS if name == b"wait" else TEXTS)
            yield name + b"=" + value if self._may(0.9) else name

    def _headers(self, body: bytes) -> Iterator[bytes]:
        yield b"Host: localhost"
        if body:
            yield b"Content-Length: %d" % len(body)
        if self._may(0.9):
            yield b"Content-Type: application/json"
        if self._may(0.85):
            yield b"x-api-key: fuzz-%d" % self.random.randrange(2)
        if self._may(0.1):
            yield b"Idempotency-Key: key-%d" % self.random.randrange(20)
        for name in self._some(HEADERS, (0, 0, 0, 1, 1, 2, 4)):
            value = self.random.choice(VALUES)
            for _ in range(2 if self._may(0.1) else 1):
                yield name + b": " + value

    def _body(self, asked: _Asked) -> bytes:
        if self._may(0.08):
            return self.random.choice(SHORT_BODIES)
        if self._may(0.03):
            return self.random.randbytes(self.random.randrange(1, 60))
        content = _followed(asked.document, asked.operation.get("requestBody", {})).get("content", {})
        good = GOOD.get(asked.operation.get("operationId", ""))
        if good and self._may(0.7):
            chosen = self.random.choice(good)
        else:
            chosen = self._value(asked.document, content.get("application/json", {}).get("schema", {}))
        value = deepcopy(chosen)
        if isinstance(value, dict) and value and self._may(0.25):
            value[self.random.choice([*value, "x"])] = self.random.choice(MEMBERS)
        return json.dumps(value).encode()  # half a surrogate is written as an escape

    def _value(self, document: Any, schema: Any, depth: int = 0) -> Any:
        """A value that may fit the schema."""
        schema = _followed(document, schema)
        if not isinstance(schema, dict) or depth > 5 or self._may(0.05):
            return self.random.choice(MEMBERS)
        for name in ("oneOf", "anyOf"):
            if name in schema:
                return self._value(document, self.random.choice(schema[name]), depth + 1)
        known = [*schema.get("enum", ()), *schema.get("examples", ())]
        if known and self._may(0.8):
            return self.random.choice(known)
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = kinds if isinstance(kinds, str) else self.random.choice(kinds)
        if kind == "object":
            needed = schema.get("required", ())
            members = schema.get("properties", {}).items()
            wanted = {name: each for name, each in members if name in needed or self._may(0.4)}
            return {name: self._value(document, each, depth + 1) for name, each in wanted.items()}
        if kind == "array":
            items = schema.get("items", {})
            return [self._value(document, items, depth + 1) for _ in range(self.random.choice((0, 1, 1, 2)))]
        return {"integer": 1, "number": 2.5, "boolean": True, "null": None}.get(kind, self._text(schema))

    def _text(self, schema: dict[str, Any]) -> str:
        if schema.get("format") == "uuid":
            return self.random.choice(self._ids_of(self._latest)).decode()
        texts = ["x", "http://127.0.0.1:9/", "messages", "5s", "+14155551234", "order_confirmation", UUID.decode()]
        return self.random.choice(texts)


def _followed(document: Any, node: Any) -> Any:
    """The node that a reference means."""
    while isinstance(node, dict) and "$ref" in node:
        found = document
        for step in node["$ref"][2:].split("/"):
            found = found[step]
        node = found
    return node
