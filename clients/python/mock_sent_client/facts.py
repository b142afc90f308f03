"""What a test reads from its account: messages, requests, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SentMessage:
    """One message that was sent: to one recipient on one channel."""

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
    """One mistake of the client under test."""

    kind: str
    severity: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class AuditReport:
    """What the audit found: `result` is ok, failed or unknown."""

    result: str
    findings: Sequence[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [f for f in self.findings if f.severity == "error"]

    @property
    def kinds(self) -> list[str]:
        return [f.kind for f in self.findings]


def message_of(m: dict[str, Any]) -> SentMessage:
    names = ("id", "to", "channel", "text", "status", "idempotency_key", "request_id", "profile", "price", "at")
    return SentMessage(template=m["template"]["name"], template_id=m["template"]["id"], **{n: m[n] for n in names})


def request_of(x: dict[str, Any]) -> SentRequest:
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
