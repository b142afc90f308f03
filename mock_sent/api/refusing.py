"""Replies of the data plane to errors: a documented failure, misuse of the mock, a bug of ours."""

import traceback
from pathlib import Path

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, bug_reply, failure
from mock_sent.contract import Edition, Outcome
from mock_sent.ground.errors import ApiError, Misuse
from mock_sent.journal import Log

_MISUSE = "mock_misuse"


def refusal_of(edition: Edition, call: Call, error: ApiError) -> Reply:
    """The documented failure, in the vendor's envelope."""
    outcome = _outcome(edition, call, error)
    call.exchange.outcome = outcome.name
    if error.warning:
        call.warn(error.warning)
    if error.message:
        outcome = outcome._replace(message=error.message)
    details = error.details if error.message else error.details or outcome.details
    reply = failure(outcome, details, call.request_id, call.clock.now())
    reply.headers += [(name.encode(), value.encode()) for name, value in error.headers.items()]
    return reply


def misuse_of(edition: Edition, call: Call, error: Misuse) -> Reply:
    """The reply to a request for something that the mock does not have. Its code is the mock's own."""
    call.exchange.outcome = _MISUSE
    if error.lack:
        call.noted_not_taken().add_lack(error.lack)
    outcome = edition.common[_MISUSE]._replace(message=str(error))
    if error.status:
        outcome = outcome._replace(status=error.status)
    return failure(outcome, None, call.request_id, call.clock.now())


def bug_of(bug: Exception, log: Log) -> Reply:
    """The reply to a bug of ours. Both the log and the reply say where the bug is."""
    frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(bug.__traceback__)]
    where = f"{type(bug).__name__} at {frames[-1]}"
    log.event("bug in mock-sent", where=where, trail=" < ".join(reversed(frames)))
    return bug_reply(where)


def _outcome(edition: Edition, call: Call, error: ApiError) -> Outcome:
    """The failure as the operation describes it; otherwise as the contract describes it elsewhere."""
    outcomes = edition.outcomes_with(error.outcome, call.operation if call.exchange.operation else None)
    outcome = outcomes[error.outcome]
    return outcomes.with_code(outcome.status, error.code) if error.code and outcome.has_body else outcome
