"""JSON Schemas of a document, made self-contained: their references refer to their own `$defs`, and may recurse."""

from collections.abc import Iterator
from typing import Any

from mock_sent.contract.document import Document, steps_of
from mock_sent.ground.errors import Steps

# Keywords whose schemas each describe the same value.
COMBINED = ("anyOf", "oneOf", "allOf")
# Keywords whose value is a schema, a list of schemas, or schemas by name.
_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "propertyNames", "contains")
_SEVERAL = (*COMBINED, "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")


class Schemas:
    """Resolves the schemas of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with all schemas that it refers to, for a validator that does not have the document."""
        needed: dict[str, Any] = {}
        turned = self._turn(schema, needed)
        return {**turned, "$defs": needed} if needed else turned

    def target(self, schema: Any) -> Any:
        """The schema; if it is a `$ref`, the schema that it refers to, with the keywords beside the `$ref` added."""
        if not isinstance(schema, dict) or "$ref" not in schema:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        found = self.document.follow(schema)
        return {**found, **beside} if beside else found

    def _turn(self, node: Any, needed: dict[str, Any]) -> Any:
        """A copy whose references refer to `$defs`. The referenced schemas are added to `needed`."""
        if isinstance(node, list):
            return [self._turn(each, needed) for each in node]
        if not isinstance(node, dict):
            return node
        turned = {key: self._turn(inner, needed) for key, inner in node.items()}
        ref = node.get("$ref")
        if isinstance(ref, str) and ref.startswith("#/"):
            name = ".".join(steps_of(ref))
            turned["$ref"] = f"#/$defs/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in needed:
                needed[name] = True  # a schema may refer to itself
                needed[name] = self._turn(self.document.follow(node), needed)
        return turned


def walk(document: Document, schema: Any, at: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """A schema and every schema inside it, each once, with its place. Raises `FileError` for an invalid one."""
    seen: set[int] = set()
    waiting: list[tuple[Steps, Any]] = [(at, schema)]
    while waiting:
        place, node = waiting.pop()
        node = document.follow(node, place)
        if isinstance(node, bool):
            continue
        if not isinstance(node, dict):
            raise document.fault(place, "a schema must be a mapping")
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield place, node
        inner: list[tuple[Steps, Any]] = [((*place, key), node[key]) for key in _ONE if isinstance(node.get(key), dict)]
        for key in _SEVERAL:
            inner += [((*place, key, i), each) for i, each in enumerate(node.get(key, ()))]
        for key in _NAMED:
            inner += [((*place, key, name), each) for name, each in node.get(key, {}).items()]
        waiting += reversed(inner)
