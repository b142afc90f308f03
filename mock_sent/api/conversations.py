"""Reading what was said to and by contacts: GET /v3/conversations, one conversation, and the summary of a contact."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.api.messages import known_of
from mock_sent.api.resources import page_of
from mock_sent.ground.errors import ApiError
from mock_sent.world.lifecycle import events, stage
from mock_sent.world.messages import Message
from mock_sent.world.surfaces import channel_now

# The stages that count for a channel, and against it (READ-12).
_GOOD, _BAD = ("sent", "delivered", "read", "received"), "failed"


async def list_all(call: Call) -> Reply:
    """A page of the messages of all conversations, the newest first (READ-11)."""
    mailbox, profile = call.account.mailbox, call.profile
    count = len(mailbox) if profile is None else sum(1 for _ in _of_profile(mailbox, profile))
    return _page(call, _of_profile(mailbox.newest(), profile), count)


async def list_one(call: Call) -> Reply:
    """A page of the messages to and from one contact, the newest first; an unknown id has none."""
    found = _of_contact(call, await call.account.conversations.number_of(call.path["id"]))
    return _page(call, iter(found), len(found))


async def summarize(call: Call) -> Reply:
    """The counts of the messages to and from one contact (READ-12)."""
    account, id = call.account, call.path["contact_id"].lower()
    found = _of_contact(call, await account.conversations.number_of(id))
    if not found:
        raise ApiError("contact_not_found")
    now, lifecycle = account.clock.now(), account.edition.lifecycle
    counts: dict[str, list[int]] = {}
    for message in found:
        channel = channel_now(message, events(message, now), lifecycle)
        at, (every, good, bad) = stage(message, now), counts.setdefault(channel, [0, 0, 0])
        counts[channel] = [every + 1, good + (at in _GOOD), bad + (at == _BAD)]
    scores = [
        {"channel": channel, "success_score": _percent(good, every), "fail_score": _percent(bad, every)}
        for channel, (every, good, bad) in counts.items()
    ]
    known: dict[str, Any] = {
        "contact_id": id,
        "message_count": len(found),
        "first_message_at": found[-1].send.at,
        "last_message_at": found[0].send.at,
        "channels_used": list(counts),
        "channel_scores": scores,
    }
    return success(call, known)


def _of_contact(call: Call, number: str | None) -> list[Message]:
    if number is None:
        return []
    sends = [send for send in call.account.mailbox.sends() if number in send.recipients]
    of_number = (m for m in call.account.mailbox.messages_of(sends) if m.to == number)
    return list(_of_profile(of_number, call.profile))[::-1]


def _of_profile(messages: Iterable[Message], profile: str | None) -> Iterator[Message]:
    return (message for message in messages if profile is None or message.profile == profile)


def _page(call: Call, found: Iterator[Message], count: int) -> Reply:
    page, pagination = page_of(call, range(count))
    shown = islice(found, page[0], page[-1] + 1) if page else ()
    messages = [{**known_of(message, call.account), "events": None} for message in shown]
    return success(call, {"messages": messages, "pagination": pagination})


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)
