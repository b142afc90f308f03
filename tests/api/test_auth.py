"""Who is calling: keys, profiles, and what a 401 or 403 without a body says elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import PAGE_REQUEST, Client

RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
FRANCHISE = "3f2504e0-4f89-41d3-9a0c-0305e82c3303"
ORGANIZATION = {"x-api-key": "00000000-0000-4000-8000-000000000002"}
FRANCHISEE = {"x-api-key": "00000000-0000-4000-8000-000000000003"}


def without_key(client: Client) -> Client:
    del client.headers["x-api-key"]
    return client


def id_of(response: Any) -> str:
    return str(response.json()["data"]["recipients"][0]["message_id"])


def test_no_key_is_the_account_anonymous(client: Client) -> None:
    """By default the page's curl works as it stands, and the warning says that the real API would refuse (AUTH-3)."""
    response = without_key(client).send()

    assert response.status_code == 202
    assert "no x-api-key: the real API answers 401" in response.headers["x-mock-warning"]
    assert "account=anonymous" in client.last_line


@pytest.mark.parametrize("key", ["", " "])
def test_an_empty_key_is_none(mock: Callable[..., Client], key: str) -> None:
    """A header without a value is no key (AUTH-1)."""
    response = mock(auth="required").send(headers={"x-api-key": key})

    assert (response.status_code, response.content) == (401, b"")


def test_any_text_is_a_key(mock: Callable[..., Client]) -> None:
    """Without a list of keys every text is one, of any length and script (AUTH-4)."""
    client = mock(auth="required")

    for key in (b"x", b"8ba7b830-9dad-11d1-80b4-00c04fd430c8", b"\xc3\xa9" * 100, b"a b"):
        response = client.post("/v3/messages", json=PAGE_REQUEST, headers={"x-api-key": key})  # type: ignore[arg-type]
        assert response.status_code == 202


@pytest.mark.parametrize(
    ("headers", "why"),
    [({}, "the x-api-key header is missing"), ({"x-api-key": "no"}, "this x-api-key is not among MOCK_SENT_API_KEYS")],
)
def test_empty_401(mock: Callable[..., Client], headers: dict[str, str], why: str) -> None:
    """The page's 401 has no body; header and log say why (AUTH-1, AUTH-2, ERR-3)."""
    client = without_key(mock(auth="required", api_keys=("yes",)))

    response = client.send(headers=headers)

    assert (response.status_code, response.content) == (401, b"")
    assert "content-type" not in response.headers
    assert response.headers["x-mock-warning"] == why
    assert why in client.last_line
    assert " 401 " in client.last_line
    assert "unauthorized" in client.last_line


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [({}, "AUTH_001", "API key is missing"), ({"x-api-key": "no"}, "AUTH_002", "API key is invalid")],
)
def test_401_in_the_envelope(mock: Callable[..., Client], headers: dict[str, str], code: str, message: str) -> None:
    """With `AUTH_ERRORS=envelope` a 401 says its code (AUTH-1, AUTH-2)."""
    client = without_key(mock(auth="required", api_keys=("yes",), auth_errors="envelope"))

    assert_failure(client.send(headers=headers), 401, code, None, message)


def test_known_keys(mock: Callable[..., Client]) -> None:
    """The listed keys are known, and those of the fixtures too (AUTH-4)."""
    client = mock(auth="required", api_keys=("one", "two"))

    for key in ("one", "two", *ORGANIZATION.values(), *FRANCHISEE.values()):
        assert client.send(headers={"x-api-key": key}).status_code == 202
    for key in ("three", "on", "one,two", "ONE"):
        assert client.send(headers={"x-api-key": key}).status_code == 401


def test_unknown_key_where_none_is_required(mock: Callable[..., Client]) -> None:
    """A wrong key is refused even where no key is needed: it is a mistake of the client (AUTH-2)."""
    client = mock(api_keys=("one",))

    assert client.send(headers={"x-api-key": "two"}).status_code == 401
    assert without_key(client).send().status_code == 202


@pytest.mark.parametrize("path", ["/v3/messages/x", "/v3/messages/x/activities"])
def test_reads_need_a_key_too(mock: Callable[..., Client], path: str) -> None:
    """Every operation asks who is calling, before it looks at anything else (AUTH-9)."""
    client = without_key(mock(auth="required"))

    assert (client.get(path).status_code, client.get(path).content) == (401, b"")


def test_the_key_comes_first(mock: Callable[..., Client]) -> None:
    """Who is not let in learns nothing about the request; an unknown path stays 404 (AUTH-9)."""
    client = without_key(mock(auth="required", max_body=10))

    assert client.post("/v3/messages", content=b"x" * 100).status_code == 401
    assert client.send({}).status_code == 401
    assert client.get("/v3/nothing").status_code == 404
    assert client.get("/v3/messages").status_code == 405


def test_other_headers_are_no_credentials(mock: Callable[..., Client]) -> None:
    """`Authorization` and `x-sender-id` are not keys of this version (AUTH-5)."""
    client = without_key(mock(auth="required"))

    assert client.send(headers={"authorization": "Bearer x", "x-sender-id": "x"}).status_code == 401


# Profiles


def test_a_profile_of_the_organization(client: Client) -> None:
    """The header scopes the call to a child profile, in any case (AUTH-6)."""
    assert client.send(headers={"x-profile-id": RETAIL}).status_code == 202
    assert f"profile={RETAIL}" in client.last_line
    assert client.send(headers={"x-profile-id": RETAIL.upper()}).status_code == 202
    assert f"profile={RETAIL}" in client.last_line


@pytest.mark.parametrize("profile", ["11111111-2222-4333-8444-555555555555", FRANCHISE])
def test_unknown_profile(client: Client, profile: str) -> None:
    """A profile that is nobody's, or another organization's, is 404 and the warning says what to do (AUTH-7)."""
    response = client.send(headers={"x-profile-id": profile})

    assert_failure(response, 404, "RESOURCE_014", None, "Profile not found")
    assert "no such profile in the fixtures" in response.headers["x-mock-warning"]


def test_unknown_profile_on_a_read(client: Client) -> None:
    """The reads take the header as well (AUTH-7)."""
    id = id_of(client.send())

    response = client.get(f"/v3/messages/{id}", headers={"x-profile-id": FRANCHISE})
    assert_failure(response, 404, "RESOURCE_014", None, "Profile not found")


def test_the_organizations_own_profiles(client: Client) -> None:
    """An account that names profiles has those, and not the default's (AUTH-6)."""
    assert client.send(headers={**ORGANIZATION, "x-profile-id": FRANCHISE}).status_code == 202
    assert client.send(headers={**ORGANIZATION, "x-profile-id": RETAIL}).status_code == 404


def test_a_profiles_own_key(client: Client) -> None:
    """A profile's key acts as that profile, inside its organization's account (AUTH-6)."""
    id = id_of(client.send(headers=FRANCHISEE))

    assert f"profile={FRANCHISE}" in client.last_line
    assert client.get(f"/v3/messages/{id}", headers=FRANCHISEE).status_code == 200
    assert client.get(f"/v3/messages/{id}", headers=ORGANIZATION).status_code == 200
    assert client.get(f"/v3/messages/{id}").status_code == 404


@pytest.mark.parametrize("value", [FRANCHISE, RETAIL, "x"])
def test_a_profiles_key_may_not_name_a_profile(client: Client, value: str) -> None:
    """Only an organization's key may send the header: 403 without a body, explained elsewhere (AUTH-8, ERR-3)."""
    response = client.send(headers={**FRANCHISEE, "x-profile-id": value})

    assert (response.status_code, response.content) == (403, b"")
    why = "only an organization's key may send x-profile-id; this is a profile's"
    assert response.headers["x-mock-warning"] == why
    assert why in client.last_line
    assert "forbidden" in client.last_line


def test_403_in_the_envelope(mock: Callable[..., Client]) -> None:
    """With `AUTH_ERRORS=envelope` a 403 says its code (AUTH-8)."""
    client = mock(auth_errors="envelope")

    response = client.send(headers={**FRANCHISEE, "x-profile-id": FRANCHISE})
    assert_failure(response, 403, "AUTH_004", None, "You do not have permission to do this")


def test_profiles_share_their_organizations_keys(client: Client) -> None:
    """An idempotency key belongs to the organization, whichever of its profiles calls (IDEM-4)."""
    first = client.send(headers={**ORGANIZATION, "idempotency-key": "k"})
    again = client.send(headers={**FRANCHISEE, "idempotency-key": "k"})

    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


def test_keys_are_not_logged(client: Client) -> None:
    """The log shows the last four characters of a key, and of a short one none."""
    client.send(headers={"x-api-key": "canary-canary-1234"})
    client.send(headers={"x-api-key": "short"})

    lines = client.log.getvalue()
    assert "account=****1234" in lines
    assert "canary" not in lines
    assert "short" not in lines


def test_accounts_are_capped(mock: Callable[..., Client]) -> None:
    """Past the cap the account idle for longest is forgotten, and the log says so."""
    client = mock(max_accounts=2)
    id = id_of(client.send(headers={"x-api-key": "first-key-0001"}))
    client.send(headers={"x-api-key": "second-key-0002"})
    assert client.get(f"/v3/messages/{id}", headers={"x-api-key": "first-key-0001"}).status_code == 200

    client.send(headers={"x-api-key": "third-key-0003"})

    assert (
        "account dropped, because there are more than MOCK_SENT_MAX_ACCOUNTS account=****0002" in client.log.getvalue()
    )
    assert client.get(f"/v3/messages/{id}", headers={"x-api-key": "first-key-0001"}).status_code == 200
