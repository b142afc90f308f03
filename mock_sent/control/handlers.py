"""The handler of each operation of `control.yaml`, by operationId."""

from collections.abc import Mapping

from mock_sent.control import (
    accounts,
    clock,
    deliveries,
    described,
    events,
    files,
    inbound,
    messages,
    replaying,
    requests,
    scenarios,
    verifying,
)
from mock_sent.control.calls import Handler

HANDLERS: Mapping[str, Handler] = {
    "health": described.health,
    "ready": described.ready,
    "openapi": described.openapi,
    "accounts": accounts.in_use,
    "dropAccount": accounts.drop,
    "reset": accounts.reset,
    "templates": accounts.templates,
    "putTemplates": accounts.put_templates,
    "balance": accounts.balance,
    "putBalance": accounts.put_balance,
    "edition": accounts.edition,
    "putEdition": accounts.put_edition,
    "dropEdition": accounts.drop_edition,
    "replayJournal": replaying.replay,
    "receiveMessage": inbound.receive,
    "scenario": scenarios.current,
    "putScenario": scenarios.put,
    "dropScenario": scenarios.drop,
    "scenarios": scenarios.known,
    "clock": clock.read,
    "moveClock": clock.move,
    "requests": requests.found,
    "explain": requests.explain,
    "messages": messages.found,
    "advanceMessage": messages.advance,
    "deliveries": deliveries.found,
    "resendDelivery": deliveries.resend,
    "verify": verifying.verify_sent,
    "audit": verifying.audit_sent,
    "events": events.stream,
    "inbox": files.page,
    "inboxFile": files.file,
}
