"""IDEM and AUTH: idempotency keys, and who is let in."""

from concurrent.futures import ThreadPoolExecutor

from mock_sent.judging.conformance.api import SECOND, Api, Unknown, holds, same


def form_of_keys(api: Api) -> None:
    for key in (api.fresh_key(), api.fresh_key().ljust(255, "x")):
        same(f"status of a key of {len(key)}", api.send(key=key).status, 202)
    for key in ("x" * 256, "not allowed", "not.allowed", ""):
        api.send(key=key).is_failure(400, "VALIDATION_007")


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
    other, key = api.given("other_key"), api.fresh_key()
    first, second = api.send(key=key).accepted, api.send(key=key, as_=other).accepted
    same("Idempotent-Replayed at another account", second.headers.get("idempotent-replayed"), None)
    holds("another account gets messages of its own", not set(first.ids) & set(second.ids))


def other_body(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key).accepted, api.send(key=key, to=[SECOND])
    same("status", again.status, first.status)
    same("the body", again.content, first.content)


def in_flight(api: Api) -> None:
    key = api.fresh_key()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.send(key=key), range(8)))
    successes = [answer for answer in answers if answer.status == 202]
    holds("all successes are of one send", len({tuple(answer.ids) for answer in successes}) == 1)
    refused = [answer for answer in answers if answer.status != 202]
    for answer in refused:
        answer.is_failure(409, "CONFLICT_001")
    if not refused:
        raise Unknown("none of eight requests at once met another in flight")


def failures_are_not_kept(api: Api) -> None:
    api.real()
    key = api.fresh_key()
    api.send(key=key, template={"name": "no_such_template"}).is_failure(404, None)
    again = api.send(key=key)
    same("status after a failure", again.status, 202)
    same("Idempotent-Replayed", again.headers.get("idempotent-replayed"), None)


def invalid_under_a_key(api: Api) -> None:
    key = api.fresh_key()
    _ = api.send(key=key).accepted
    api.send(key=key, to=[]).is_failure(400, "VALIDATION_004")


def sandbox_is_remembered(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(key=key, sandbox=True).accepted, api.send(key=key, sandbox=True)
    same("the body", again.content, first.content)


def without_a_key(api: Api) -> None:
    first, second = api.send().accepted, api.send().accepted
    holds("the same send twice is two sends", not set(first.ids) & set(second.ids))


def reads_ignore_it(api: Api) -> None:
    answer = api.get(f"/v3/messages/{api.fresh_id()}", ("Idempotency-Key", "not allowed!"))
    answer.is_failure(404, "RESOURCE_003")


def no_key(api: Api) -> None:
    api.send(as_="").is_failure(401, None)


def unknown_key(api: Api) -> None:
    api.send(as_=api.fresh_id()).is_failure(401, None)


def other_credentials(api: Api) -> None:
    key = api.target.api_key
    for header in (("Authorization", f"Bearer {key}"), ("x-sender-id", key)):
        same(f"status with {header[0]} alone", api.get(_somewhere(api), header, as_="").status, 401)


def profile(api: Api) -> None:
    same("status", api.send(profile=api.given("profile")).status, 202)


def unknown_profile(api: Api) -> None:
    answer = api.send(profile=api.fresh_id())
    if answer.status == 403:
        raise Unknown("the key is none of an organization")
    answer.is_failure(404, "RESOURCE_014")


def profile_of_a_profile(api: Api) -> None:
    own, other = api.given("profile_key"), api.given("profile")
    same("status", api.send(as_=own, profile=other).status, 403)


def key_first(api: Api) -> None:
    broken = api.ask("POST", "/v3/messages", b"{", [("Content-Type", "text/plain")], as_="")
    same("status of a broken request without a key", broken.status, 401)


def _somewhere(api: Api) -> str:
    return f"/v3/messages/{api.fresh_id()}"


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
