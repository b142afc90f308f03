"""The facts of an exchange that patterns are compared with: in verify, in search, and to explain unfired rules."""

from typing import Any

from mock_sent.ground.headers import joined
from mock_sent.journal.record import Exchange
from mock_sent.scenarios.words import DEFAULT_CHANNELS, Facts


def facts_of(x: Exchange) -> Facts:
    """The facts of the request and its answer. A member of the wrong type counts as absent."""
    body = x.body()
    sent = body if isinstance(body, dict) else {}
    named = sent.get("template")
    template = named if isinstance(named, dict) else {}
    words = {
        "to": _texts(sent.get("to")),
        "channel": _texts(sent.get("channel")) or DEFAULT_CHANNELS,
        "template": _texts([template.get("name"), template.get("id")]),
        "status": [str(x.status)],
        "profile": [x.profile] if x.profile else [],
        "request_id": [x.request_id],
        "method": [x.method],
        "path": [x.path],
        "outcome": [x.outcome or ("accepted" if 200 <= x.status < 300 else "none")],
        "rule": [x.rule] if x.rule else [],
        "key_fate": [x.key_fate] if x.key_fate else [],
    }
    seen = x.key_fate == "replayed"
    headers = joined(x.headers)[0]
    key = headers.get("idempotency-key")
    return Facts(words, headers, key, seen, len(words["to"]), sent.get("sandbox") is True)


def _texts(values: Any) -> list[str]:
    return [text for text in values if isinstance(text, str)] if isinstance(values, list) else []
