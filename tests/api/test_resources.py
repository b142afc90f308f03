"""The engine of resources, with one that has no Python: contacts, which only the contract of this test describes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Client
from contracts import extended

CONTACTS = """
paths:
  /v3/contacts:
    x-resource:
      name: contact
      list: contacts
      missing: contact_not_found
      scope: profile
      search: [phone_number, label]
      filters: {is_active: is, label: is}
      order: oldest
      most: 4
      unique: {phone_number: contact_exists}
      verbs: {listContacts: list, createContact: create, getContact: read, changeContact: merge, putContact: replace,
              deleteContact: delete}
    get:
      operationId: listContacts
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {$ref: '#/components/parameters/PageSize'}
        - {$ref: '#/components/parameters/Search'}
        - {$ref: '#/components/parameters/IsActive'}
        - {name: label, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/ProfileId'}
      responses:
        '200':
          description: A page of contacts.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data:
                    type: object
                    required: [contacts, pagination]
                    properties:
                      contacts: {type: array, items: {$ref: '#/components/schemas/Contact'}}
                      pagination: {$ref: '#/components/schemas/Pagination'}
        '400': {$ref: '#/components/responses/InvalidQuery'}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/ProfileNotFound'}
    post:
      operationId: createContact
      parameters:
        - {$ref: '#/components/parameters/IdempotencyKey'}
        - {$ref: '#/components/parameters/ProfileId'}
      requestBody: &contact-body
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ContactRequest'}}}
      responses: &changed
        '201': &contact
          description: The contact.
          content:
            application/json:
              schema: {type: object, properties: {data: {$ref: '#/components/schemas/Contact'}}}
        '400': {$ref: '#/components/responses/InvalidWebhook'}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': &missing
          description: No such contact, or the profile does not exist.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ErrorResponse'}
              examples:
                contact_not_found:
                  value:
                    error: {code: RESOURCE_001, message: Contact not found, details: null, doc_url: https://docs.sent.dm/errors/RESOURCE_001}
        '409':
          description: There is one already, or the key is in use.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ErrorResponse'}
              examples:
                contact_exists:
                  value:
                    error: {code: RESOURCE_007, message: Contact exists, details: null, doc_url: https://docs.sent.dm/errors/RESOURCE_007}
  /v3/contacts/{id}:
    get: &by-id
      operationId: getContact
      parameters:
        - {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
        - {$ref: '#/components/parameters/ProfileId'}
      responses: {'200': *contact, '404': *missing}
    patch:
      operationId: changeContact
      parameters:
        - {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {label: {type: string}, sandbox: {type: boolean}}}
      responses: {'200': *contact, '404': *missing}
    put:
      operationId: putContact
      parameters:
        - {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      requestBody: *contact-body
      responses: {'200': *contact, '404': *missing}
    delete:
      operationId: deleteContact
      parameters:
        - {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      responses: {'204': {description: Deleted.}, '404': *missing}
components:
  schemas:
    ContactRequest:
      type: object
      required: [phone_number]
      properties:
        phone_number: {type: string}
        label: {type: string, default: none}
        sandbox: {type: boolean}
    Contact:
      type: object
      required: [id, phone_number, label, is_active, created_at, updated_at]
      properties:
        id: {$ref: '#/components/schemas/Uuid'}
        phone_number: {type: string}
        label: {type: string}
        is_active: {type: boolean, default: true}
        created_at: {$ref: '#/components/schemas/Timestamp'}
        updated_at: {$ref: '#/components/schemas/TimestampOrNull'}
"""
PROFILE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
FIXTURES = f"{{schema: 1, default: {{balance: unlimited, profiles: [{{id: {PROFILE}, name: child}}]}}}}"


class Contacts:
    """The resource, as its clients see it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, method: str, path: str = "", **more: Any) -> httpx2.Response:
        return self.client.unchecked(method, f"/v3/contacts{path}", **more)

    def create(self, number: str, **more: Any) -> dict[str, Any]:
        headers = more.pop("headers", {})
        reply = self.ask("POST", json={"phone_number": number, **more}, headers=headers)
        assert reply.status_code == 201, reply.text
        data: dict[str, Any] = reply.json()["data"]
        return data

    def numbers(self, query: str = "", **more: Any) -> list[str]:
        return [each["phone_number"] for each in self.ask("GET", query, **more).json()["data"]["contacts"]]


@pytest.fixture
def contacts(mock: Callable[..., Client], tmp_path: Path) -> Contacts:
    return Contacts(mock(contract=extended(tmp_path / "own.yaml", CONTACTS), fixtures_inline=FIXTURES))


def test_create_and_read(contacts: Contacts) -> None:
    """A new item has an id, the time, what was said, and the contract's defaults for the rest."""
    contacts.client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})

    made = contacts.create("+1415")

    assert made == {
        "id": made["id"],
        "phone_number": "+1415",
        "label": "none",
        "is_active": True,
        "created_at": "2026-03-11T21:50:50.0000000+00:00",
        "updated_at": None,
    }
    assert contacts.ask("GET", f"/{made['id'].upper()}").json()["data"] == made


def test_list(contacts: Contacts) -> None:
    """Pages, search, filters and order are those that the contract names."""
    for number, label in (("+1", "Home"), ("+2", "work"), ("+3", "work")):
        contacts.create(number, label=label)

    assert contacts.numbers() == ["+1", "+2", "+3"]
    assert contacts.numbers("?page=2&page_size=2") == ["+3"]
    assert contacts.numbers("?search=HOME") == ["+1"]
    assert contacts.numbers("?label=work&is_active=true") == ["+2", "+3"]
    assert contacts.numbers("?is_active=false") == []
    assert contacts.ask("GET", "?page_size=2").json()["data"]["pagination"] == {
        "page": 1,
        "page_size": 2,
        "total_count": 3,
        "total_pages": 2,
        "has_more": True,
        "cursors": None,
    }


def test_change(contacts: Contacts) -> None:
    """A merge changes what it names; a replacement gives what it does not name its default; both tell the time."""
    id = contacts.create("+1", label="x")["id"]

    merged = contacts.ask("PATCH", f"/{id}", json={"label": "y"}).json()["data"]
    replaced = contacts.ask("PUT", f"/{id}", json={"phone_number": "+2"}).json()["data"]

    assert (merged["phone_number"], merged["label"]) == ("+1", "y")
    assert (replaced["phone_number"], replaced["label"]) == ("+2", "none")
    assert merged["updated_at"] is not None
    assert contacts.ask("GET", f"/{id}").json()["data"] == replaced


def test_delete(contacts: Contacts) -> None:
    """What was deleted is not found any more."""
    id = contacts.create("+1")["id"]

    assert contacts.ask("DELETE", f"/{id}").status_code == 204
    for method in ("GET", "DELETE"):
        reply = contacts.ask(method, f"/{id}")
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "RESOURCE_001")
    assert contacts.numbers() == []


def test_sandbox(contacts: Contacts) -> None:
    """A sandbox call answers as if, and keeps nothing."""
    id = contacts.create("+1")["id"]

    made = contacts.ask("POST", json={"phone_number": "+2", "sandbox": True})
    changed = contacts.ask("PATCH", f"/{id}", json={"label": "y", "sandbox": True})

    assert (made.status_code, made.headers["x-sandbox"]) == (201, "true")
    assert (changed.json()["data"]["label"], changed.headers["x-sandbox"]) == ("y", "true")
    assert contacts.numbers() == ["+1"]
    assert contacts.ask("GET", f"/{id}").json()["data"]["label"] == "none"


def test_unique(contacts: Contacts) -> None:
    """A second one with the same value is the failure that the contract names, for another profile too."""
    contacts.create("+1")

    for headers in ({}, {"x-profile-id": PROFILE}):
        reply = contacts.ask("POST", json={"phone_number": "+1"}, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "RESOURCE_007")


def test_unique_when_changed(contacts: Contacts) -> None:
    """A change may not take another one's value; its own it may keep."""
    contacts.create("+1")
    id = contacts.create("+2")["id"]

    assert contacts.ask("PUT", f"/{id}", json={"phone_number": "+1"}).status_code == 409
    assert contacts.ask("PUT", f"/{id}", json={"phone_number": "+2", "label": "same"}).status_code == 200


def test_profiles(contacts: Contacts) -> None:
    """A profile sees its own, the organization sees all."""
    headers = {"x-profile-id": PROFILE}
    own, organizations = contacts.create("+1", headers=headers)["id"], contacts.create("+2")["id"]

    assert contacts.numbers(headers=headers) == ["+1"]
    assert contacts.numbers() == ["+1", "+2"]
    assert contacts.ask("GET", f"/{organizations}", headers=headers).status_code == 404
    assert contacts.ask("GET", f"/{own}").status_code == 200


def test_keys(contacts: Contacts) -> None:
    """An idempotency key gives the first answer again, and makes nothing new."""
    headers = {"idempotency-key": "k"}

    first, again = (contacts.ask("POST", json={"phone_number": "+1"}, headers=headers) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert contacts.numbers() == ["+1"]


def test_accounts_never_meet(contacts: Contacts) -> None:
    """Another key has its own list."""
    id = contacts.create("+1")["id"]

    assert contacts.numbers(headers={"x-api-key": "another"}) == []
    assert contacts.ask("GET", f"/{id}", headers={"x-api-key": "another"}).status_code == 404


def test_cap(contacts: Contacts) -> None:
    """What is kept has an end, and the refusal says that it is the mock's."""
    for number in range(4):
        contacts.create(f"+{number}")

    reply = contacts.ask("POST", json={"phone_number": "+9"})

    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "MOCK_001")
    assert "keeps 4 contacts for each account" in reply.json()["error"]["message"]
    assert contacts.ask("POST", json={"phone_number": "+9", "sandbox": True}).status_code == 201
