"""The shape of our own parts of a document: what the keys that begin with x- may have."""

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}

STAGE = {
    "type": "object",
    "required": ["status", "text"],
    "properties": {"status": TEXT, "event": TEXT, "text": TEXT, "with_reason": TEXT, "next": TEXTS, "channels": TEXTS},
}
LIFECYCLE = {
    "type": "object",
    "required": ["way", "failed", "pace", "stages"],
    "properties": {
        "way": {**TEXTS, "minItems": 2},
        "failed": TEXT,
        "pace": TEXT,
        "stages": {"type": "object", "additionalProperties": STAGE},
        "unrouted": TEXT,
        "failures": {"type": "object", "additionalProperties": TEXT},
        "untold": TEXT,
        "shown_as": {"type": "object", "additionalProperties": TEXT},
    },
}
GATE = {
    "type": "object",
    "required": ["gate"],
    "properties": {"gate": TEXT, "whole": TEXT, "each": TEXT},
    "anyOf": [{"required": ["whole"]}, {"required": ["each"]}],
}
ENDING = {
    "type": "object",
    "required": ["stage"],
    "properties": {
        "stage": TEXT,
        "instead_of": TEXT,
        "reason": {"type": ["string", "null"]},
        "reason_code": TEXT,
        "was": TEXT,
    },
}
# The mock's own names of a delivery's states; the edition has a word for each.
STATES = ("pending", "retrying", "delivered", "failed")
DELIVERY = {
    "type": "object",
    "required": ["states"],
    "properties": {
        "event_id_header": TEXT,
        "of_profiles": TEXT,
        "states": {"type": "object", "required": [*STATES], "additionalProperties": TEXT},
    },
}
INBOUND = {
    "type": "object",
    "required": ["number", "channels", "keywords"],
    "properties": {
        "stage": TEXT,
        "number": TEXT,
        "channels": TEXTS,
        "keywords": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["words"],
                "properties": {"words": TEXTS, "event": TEXT, "opted_out": {"type": "boolean"}},
            },
        },
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name", "list", "missing", "verbs"],
    "properties": {
        "name": TEXT,
        "list": TEXT,
        "key": TEXT,
        "missing": TEXT,
        "scope": {"const": "profile"},
        "search": TEXTS,
        "filters": {"type": "object", "additionalProperties": {"enum": ["is", "has"]}},
        "order": {"enum": ["newest", "oldest"]},
        "most": {"type": "integer", "minimum": 1},
        "unique": {"type": "object", "additionalProperties": TEXT},
        "verbs": {"type": "object", "additionalProperties": TEXT},
    },
}
