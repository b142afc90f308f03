"""The checks of IDEM and AUTH: idempotency keys, and authentication."""

from threading import Thread

from mock_sent.judging.conformance.api import Answer, Api
from mock_sent.judging.conformance.comparing import Differs, Unknown, holds, same
from mock_sent.judging.conformance.expected import SEND


def form_of_keys(api: Api) -> None:
    longest = api.expected.longest_key
    for key in (api.fresh_key(), api.fresh_key().ljust(longest, "x")):
        same(f"status of a key of {len(key)}", api.send(key=key).status, api.expected.success(SEND))
    for key in ("x" * (longest + 1), "not allowed", "not.allowed", ""):
        api.send(key=key).is_failure("invalid_idempotency_key")


def replay(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key).accepted, api.send(key=key)
    same("status of the replay", again.status, first.status)
    same("body of the replay", again.content, first.content)


def marks_of_a_replay(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key).accepted, api.send(key=key).accepted
    same("Idempotent-Replayed of the first", first.headers.get("idempotent-replayed"), None)
    same("Idempotent-Replayed", again.headers.get("idempotent-replayed"), "true")
    original = first.json["meta"]["request_id"]
    same("X-Original-Request-Id", again.headers.get("x-original-request-id"), original)
    same("meta.request_id", again.json["meta"]["request_id"], original)
    holds("X-Request-Id is the replay's own", again.headers.get("x-request-id") not in (None, original))


def keys_of_accounts(api: Api) -> None:
    other, key = api.option("other_key"), api.fresh_key()
    first, second = api.send(key=key).accepted, api.send(key=key, as_=other).accepted
    same("Idempotent-Replayed at another account", second.headers.get("idempotent-replayed"), None)
    holds("another account gets messages of its own", not set(first.ids) & set(second.ids))


def other_body(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key).accepted, api.send(key=key, to=api.expected.numbers[1:])
    same("status", again.status, first.status)
    same("the body", again.content, first.content)


def in_flight(api: Api) -> None:
    key = api.fresh_key()
    answers = _send_at_once(api, key, 8)
    success = api.expected.success(SEND)
    successes = [answer for answer in answers if answer.status == success]
    holds("all successes are of one send", len({tuple(answer.ids) for answer in successes}) == 1)
    refused = [answer for answer in answers if answer.status != success]
    for answer in refused:
        answer.is_failure("conflict")
    if not refused:
        raise Unknown("of eight concurrent requests, none arrived while another was in flight")


def _send_at_once(api: Api, key: str, count: int) -> list[Answer]:
    """The answers to equal sends. The threads are daemons, so that Ctrl-C need not wait for them."""
    answers: list[Answer] = []
    failures: list[Exception] = []

    def send() -> None:
        try:
            answers.append(api.send(key=key))
        except (Differs, Unknown) as e:
            failures.append(e)

    threads = [Thread(target=send, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return answers


def failures_are_not_kept(api: Api) -> None:
    api.demand_real_sends()
    key = api.fresh_key()
    api.send(key=key, template={"name": "no_such_template"}).has_status_of("template_not_found")
    again = api.send(key=key)
    same("status after a failure", again.status, api.expected.success(SEND))
    same("Idempotent-Replayed", again.headers.get("idempotent-replayed"), None)


def invalid_under_a_key(api: Api) -> None:
    key = api.fresh_key()
    _ = api.send(key=key).accepted
    api.send(key=key, to=[]).is_failure(api.expected.refusal(api.body(to=[])))


def sandbox_is_remembered(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key, sandbox=True).accepted, api.send(key=key, sandbox=True)
    same("the body", again.content, first.content)


def without_a_key(api: Api) -> None:
    first, second = api.send().accepted, api.send().accepted
    holds("the same send twice is two sends", not set(first.ids) & set(second.ids))


def reads_ignore_it(api: Api) -> None:
    api.read(api.fresh_id(), ("Idempotency-Key", "not allowed!")).is_failure("message_not_found")


def no_key(api: Api) -> None:
    api.send(as_="").is_failure("api_key_missing")


def unknown_key(api: Api) -> None:
    api.send(as_=api.fresh_id()).is_failure("api_key_unknown")


def other_credentials(api: Api) -> None:
    key = api.target.api_key
    for header in (("Authorization", f"Bearer {key}"), ("x-sender-id", key)):
        api.read(api.fresh_id(), header, as_="").has_status_of("unauthorized")


def profile(api: Api) -> None:
    same("status", api.send(profile=api.option("profile")).status, api.expected.success(SEND))


def unknown_profile(api: Api) -> None:
    answer = api.send(profile=api.fresh_id())
    if answer.status == api.expected.failure("forbidden").status:
        raise Unknown("the key does not belong to an organization")
    answer.is_failure("profile_not_found")


def profile_of_a_profile(api: Api) -> None:
    own, other = api.option("profile_key"), api.option("profile")
    api.send(as_=own, profile=other).is_failure("not_permitted")


def key_first(api: Api) -> None:
    broken = api.call(SEND, b"{", ("Content-Type", "text/plain"), as_="")
    broken.has_status_of("unauthorized")


CHECKS = {
    "IDEM-1": form_of_keys,
    "IDEM-2": replay,
    "IDEM-3": marks_of_a_replay,
    "IDEM-4": keys_of_accounts,
    "IDEM-5": other_body,
    "IDEM-6": in_flight,
    "IDEM-7": failures_are_not_kept,
    "IDEM-8": invalid_under_a_key,
    "IDEM-10": sandbox_is_remembered,
    "IDEM-11": without_a_key,
    "IDEM-13": reads_ignore_it,
    "AUTH-1": no_key,
    "AUTH-2": unknown_key,
    "AUTH-5": other_credentials,
    "AUTH-6": profile,
    "AUTH-7": unknown_profile,
    "AUTH-8": profile_of_a_profile,
    "AUTH-9": key_first,
}
