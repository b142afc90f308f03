"""The shape of `openapi.yaml` that the compiler relies on. A file is checked before it is compiled."""

from typing import Any

import jsonschema_rs

from mock_sent.contract.document import Document
from mock_sent.contract.extensions import DELIVERY, ENDING, GATE, INBOUND, LIFECYCLE, RESOURCE, TEXT, TEXTS
from mock_sent.ground.errors import Steps

_DEEPEST = 64

_FAULT = {
    "type": "object",
    "required": ["code", "text"],
    "properties": {"code": TEXT, "text": TEXT, "as": {"const": "message"}},
}
_FAULTS = {"type": "object", "additionalProperties": _FAULT}
_ERROR = {
    "type": "object",
    "required": ["code", "message", "details", "doc_url"],
    "properties": {
        "code": TEXT,
        "message": TEXT,
        "details": {"type": ["object", "null"]},
        "doc_url": {"type": ["string", "null"]},
    },
}
_ERROR_EXAMPLE = {
    "type": "object",
    "required": ["value"],
    "properties": {"value": {"type": "object", "required": ["error"], "properties": {"error": _ERROR}}},
}


def _map_of(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{name}"}}


def _or_ref(shape: dict[str, Any]) -> dict[str, Any]:
    """The shape, or any `$ref`, because the referenced node is checked at its own place."""
    return {"type": "object", "if": {"required": ["$ref"]}, "else": shape}


_SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "info": {
            "type": "object",
            "required": ["title", "description"],
            "properties": {"x-sdks": {"type": "object", "additionalProperties": TEXT}},
            "additionalProperties": TEXT,
        },
        "paths": {**_map_of("path"), "propertyNames": {"pattern": "^/"}},
        "components": {
            "type": "object",
            "properties": {
                "parameters": _map_of("parameter"),
                "responses": _map_of("failure"),
                "schemas": _map_of("schema"),
            },
        },
        "x-faults": _FAULTS,
        "x-lifecycle": LIFECYCLE,
        "x-gates": {"type": "array", "items": GATE},
        "x-outcomes": {"type": "object", "additionalProperties": ENDING},
        "x-delivery": DELIVERY,
        "x-inbound": INBOUND,
        "x-codes-of-several": {"type": "array", "minItems": 1, "items": TEXT},
        "x-not-executed": {"type": "array", "items": TEXT},
        "x-key-wait": {"type": "integer", "minimum": 0},
        "x-known-paths": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}},
        "webhooks": _map_of("event"),
    },
    "$defs": {
        "path": {
            "type": "object",
            "properties": {
                "x-resource": RESOURCE,
                "parameters": {"type": "array", "items": {"$ref": "#/$defs/parameter"}},
                "summary": TEXT,
                "description": TEXT,
                "servers": {"type": "array"},
            },
            "patternProperties": {"^x-": {}},
            "additionalProperties": {"$ref": "#/$defs/operation"},
        },
        "event": {
            "type": "object",
            "required": ["x-topic", "post"],
            "properties": {
                "x-topic": TEXT,
                "x-stage": TEXT,
                "post": {
                    "type": "object",
                    "required": ["requestBody"],
                    "properties": {
                        "requestBody": {
                            "type": "object",
                            "required": ["content"],
                            "properties": {
                                "content": {
                                    "type": "object",
                                    "required": ["application/json"],
                                    "additionalProperties": {"$ref": "#/$defs/event-media"},
                                }
                            },
                        }
                    },
                },
            },
        },
        "event-media": {
            "type": "object",
            "required": ["schema", "examples"],
            "properties": {
                "schema": {"$ref": "#/$defs/schema"},
                "examples": {**_map_of("example"), "minProperties": 1},
            },
        },
        "operation": {
            "type": "object",
            "properties": {
                "operationId": TEXT,
                "summary": TEXT,
                "description": TEXT,
                "parameters": {"type": "array", "items": {"$ref": "#/$defs/parameter"}},
                "requestBody": {"type": "object", "properties": {"content": _map_of("media")}},
                "responses": {
                    "type": "object",
                    "patternProperties": {"^2": {"$ref": "#/$defs/success"}},
                    "additionalProperties": {"$ref": "#/$defs/failure"},
                },
            },
        },
        "parameter": _or_ref(
            {
                "required": ["name", "in"],
                "anyOf": [{"required": ["schema"]}, {"required": ["content"]}],
                "properties": {
                    "name": TEXT,
                    "in": TEXT,
                    "description": TEXT,
                    "schema": {"$ref": "#/$defs/schema"},
                    "content": {**_map_of("media"), "minProperties": 1, "maxProperties": 1},
                },
            }
        ),
        "success": _or_ref(
            {"required": ["description"], "properties": {"description": TEXT, "content": _map_of("media")}}
        ),
        "failure": _or_ref(
            {
                "required": ["description"],
                "properties": {
                    "description": TEXT,
                    "x-outcome": TEXT,
                    "x-status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "x-envelope": _map_of("error-example"),
                    "content": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "properties": {"examples": _map_of("example")},
                        },
                    },
                },
            }
        ),
        "media": {
            "type": "object",
            "properties": {"schema": {"$ref": "#/$defs/schema"}, "examples": _map_of("example")},
        },
        "example": {
            "type": "object",
            "if": {"anyOf": [{"required": ["$ref"]}, {"required": ["externalValue"]}]},
            "else": {"required": ["value"]},
        },
        "error-example": _ERROR_EXAMPLE,
        "schema": {
            "type": ["object", "boolean"],
            "properties": {
                "description": TEXT,
                "properties": _map_of("schema"),
                "items": {"$ref": "#/$defs/schema"},
                "required": TEXTS,
                "type": {"anyOf": [TEXT, TEXTS]},
                "enum": {"type": "array"},
                "anyOf": {"type": "array", "items": {"$ref": "#/$defs/schema"}},
                "oneOf": {"type": "array", "items": {"$ref": "#/$defs/schema"}},
                "x-faults": _FAULTS,
                "x-source": TEXT,
                "x-as": TEXT,
                "x-from": TEXT,
            },
        },
    },
}


def demand_shape(document: Document) -> None:
    """Raises `FileError` for the first part that does not have the shape."""
    _demand_json(document, document.raw, ())
    try:
        jsonschema_rs.validate(_SHAPE, document.raw)
    except jsonschema_rs.ValidationError as e:
        raise document.fault(e.instance_path, e.message[:200]) from None


def demand_error_example(document: Document, example: Any, at: Steps) -> None:
    """Raises `FileError` if an example at a place is not an error envelope."""
    try:
        jsonschema_rs.validate(_ERROR_EXAMPLE, example)
    except jsonschema_rs.ValidationError as e:
        raise document.fault((*at, *e.instance_path), e.message[:200]) from None


def _demand_json(document: Document, node: Any, at: tuple[str | int, ...]) -> None:
    """Raises `FileError` for YAML that is not JSON: numbers as keys, dates, nodes that contain themselves."""
    if len(at) > _DEEPEST:
        raise document.fault(at, f"nested more than {_DEEPEST} levels deep")
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise document.fault((*at, str(key)), f"the key {key!r} is no text; put it in quotes")
            if type(value) is not str or len(at) == _DEEPEST:  # most values are texts, which need no check
                _demand_json(document, value, (*at, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            _demand_json(document, value, (*at, i))
    elif not (node is None or isinstance(node, str | int | float)):
        raise document.fault(at, f"a {type(node).__name__} is not a value of JSON; put it in quotes if it is a text")
