"""What a user's contract may say of a plain resource: all of it works, or stops the start with its line."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Client
from contracts import extended
from replies import contract_document

from mock_sent.app import create_app
from mock_sent.ground.errors import FileError
from mock_sent.settings import Settings

THINGS = """
paths:
  /v3/things:
    x-resource:
      name: thing
      list: things
      missing: thing_not_found
      search: [title, note]
      filters: {tags: has}
      unique: {code: thing_exists}
      verbs: {listThings: list, createThing: create, getThing: read, putThing: replace, deleteThing: delete}
    get:
      operationId: listThings
      parameters:
        - {$ref: '#/components/parameters/Search'}
        - {name: tags, in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/ProfileId'}
      responses:
        '200':
          description: The things.
          content:
            application/json:
              schema:
                properties:
                  data:
                    required: [things, pagination]
                    properties:
                      things: {type: array, items: {$ref: '#/components/schemas/Thing'}}
                      pagination: {$ref: '#/components/schemas/Pagination'}
        '400': {$ref: '#/components/responses/InvalidQuery'}
        '404': {$ref: '#/components/responses/ProfileNotFound'}
    post:
      operationId: createThing
      parameters: [{$ref: '#/components/parameters/ProfileId'}]
      requestBody: &body
        content: {application/json: {schema: {$ref: '#/components/schemas/ThingRequest'}}}
      responses:
        '201': &thing
          description: The thing.
          content: {application/json: {schema: {properties: {data: {$ref: '#/components/schemas/Thing'}}}}}
        '400': {$ref: '#/components/responses/InvalidWebhook'}
        '404': {$ref: '#/components/responses/ProfileNotFound'}
        '409': &known
          description: There is no such thing, or one already.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ErrorResponse'}
              examples:
                thing_not_found: {value: {error: {code: RESOURCE_098, message: None, details: null, doc_url: null}}}
                thing_exists: {value: {error: {code: RESOURCE_099, message: Exists, details: null, doc_url: null}}}
  /v3/things/{thing_id}:
    get:
      operationId: getThing
      parameters: &by-id
        - {name: thing_id, in: path, required: true, schema: {type: string}}
        - {$ref: '#/components/parameters/ProfileId'}
      responses: {'200': *thing, '404': *known}
    put:
      operationId: putThing
      parameters: *by-id
      requestBody: *body
      responses: {'200': *thing, '404': *known}
    delete:
      operationId: deleteThing
      parameters: *by-id
      requestBody: {content: {application/json: {schema: {properties: {sandbox: {type: boolean}}}}}}
      responses: {'200': *thing, '404': *known}
components:
  schemas:
    ThingRequest:
      type: object
      required: [title]
      properties:
        id: {type: string, maxLength: 9}
        title: {type: string}
        note: {type: [string, 'null']}
        code: {type: [string, 'null']}
        price: {type: number}
        count: {type: integer, default: 1}
        tags: {type: [array, 'null'], items: {type: string}}
        due: {type: string, format: date-time}
        sandbox: {type: boolean}
    Thing:
      type: object
      required: [id, title, note, price, created_at, updated_at]
      properties:
        id: {type: string}
        title: {type: string}
        note: {type: [string, 'null']}
        code: {type: [string, 'null']}
        price: {type: [number, 'null']}
        count: {type: integer}
        tags: {type: [array, 'null'], items: {type: string}}
        due: {type: string, format: date-time}
        created_at: {type: string, format: date-time}
        updated_at: {type: string, format: date-time}
"""
PROFILE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
FIXTURES = f"{{schema: 1, default: {{balance: unlimited, profiles: [{{id: {PROFILE}, name: child}}]}}}}"


def changed(*changes: tuple[str, str]) -> str:
    """The contract's addition with texts replaced, each wherever it stands."""
    text = THINGS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


class Things:
    """The resource, as its clients see it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, method: str, path: str = "", **more: Any) -> Any:
        """The data of a success."""
        reply = self.client.unchecked(method, f"/v3/things{path}", **more)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()["data"]

    def status(self, method: str, path: str = "", **more: Any) -> int:
        return int(self.client.unchecked(method, f"/v3/things{path}", **more).status_code)

    def create(self, title: str, **more: Any) -> Any:
        return self.ask("POST", json={"title": title, **more})

    def titles(self, query: str = "", **more: Any) -> list[str]:
        return sorted(each["title"] for each in self.ask("GET", query, **more)["things"])


Begin = Callable[..., Things]


@pytest.fixture
def begin(mock: Callable[..., Client], tmp_path: Path) -> Begin:
    def begun(*changes: tuple[str, str]) -> Things:
        contract = extended(tmp_path / "own.yaml", changed(*changes))
        return Things(mock(contract=contract, fixtures_inline=FIXTURES))

    return begun


@pytest.fixture
def things(begin: Begin) -> Things:
    return begin()


def test_decimals(things: Things) -> None:
    """A number keeps its decimals; an integer that was written as 3.0 is 3."""
    made = things.create("a", price=2.75, count=3.0)

    assert (made["price"], repr(made["count"])) == (2.75, "3")
    assert repr(things.create("b", price=3.0)["price"]) == "3.0"
    assert things.ask("GET", f"/{made['id']}") == made


def test_time_of_a_client(things: Things) -> None:
    """A time that the client gave is shown as the client wrote it."""
    made = things.create("a", due="2026-01-01T00:00:00Z")

    assert made["due"] == "2026-01-01T00:00:00Z"
    assert things.ask("GET")["things"] == [made]


def test_what_cannot_be_shown_is_not_kept(begin: Begin) -> None:
    """If the reply of a creation or a change fails, nothing was created or changed."""
    things = begin(("required: [id, title, note, price,", "required: [id, title, note, count,"), (", default: 1", ""))
    id = things.create("a", count=1)["id"]

    assert things.status("POST", json={"title": "b"}) == 500
    assert things.status("PUT", f"/{id}", json={"title": "c"}) == 500
    assert things.titles() == ["a"]


def test_scope(begin: Begin) -> None:
    """Without `scope` every profile sees all items of the account; with it, only its own."""
    own, headers = ("missing: thing", "scope: profile\n      missing: thing"), {"x-profile-id": PROFILE}
    for things, seen, status in ((begin(), ["a"], 200), (begin(own), [], 404)):
        id = things.create("a")["id"]

        assert things.titles(headers=headers) == seen
        assert things.status("GET", f"/{id}", headers=headers) == status
        assert things.titles() == ["a"]


def test_a_list_without_pages(things: Things) -> None:
    """A list whose query has no page is one page with all items."""
    for number in range(21):
        things.create(str(number))

    listed = things.ask("GET")

    assert len(listed["things"]) == 21
    assert {name: listed["pagination"][name] for name in ("page", "page_size", "total_pages", "has_more")} == {
        "page": 1,
        "page_size": 21,
        "total_pages": 1,
        "has_more": False,
    }


def test_a_list_without_a_size(begin: Begin) -> None:
    """A list whose query has a page without a size has 20 items on a page."""
    page = "- {name: page, in: query, schema: {type: integer}}\n        - {name: tags"
    things = begin(("- {name: tags", page))
    for number in range(21):
        things.create(str(number))

    assert len(things.titles()) == 20
    assert len(things.titles("?page=2")) == 1


def test_filter_and_search(things: Things) -> None:
    """A member without a value is not found: not by `has`, and not by the word none."""
    things.create("a", tags=["x"])
    things.create("b", tags=None)
    things.create("c", note="nonesuch")

    assert things.titles("?tags=x") == ["a"]
    assert things.titles("?search=none") == ["c"]


def test_unique_without_a_value(things: Things) -> None:
    """Many items may have no value where a value may be there once."""
    for title in ("a", "b"):
        things.create(title)
    things.create("c", code="x")

    assert things.status("POST", json={"title": "d", "code": "x"}) == 409


def test_updated_at(things: Things) -> None:
    """Where the contract does not allow null, a new item was last changed when it was created."""
    made = things.create("a")

    assert made["updated_at"] == made["created_at"]


def test_replace(things: Things) -> None:
    """What a replacement leaves out gets its default, or no value; the id stays."""
    made = things.create("a", note="n", price=1.5, count=7, tags=["x"], due="2026-01-01T00:00:00Z")

    put = things.ask("PUT", f"/{made['id']}", json={"title": "b", "id": "mine"})

    left = {"title": "b", "note": None, "price": None, "count": 1, "updated_at": put["updated_at"]}
    assert put == {name: value for name, value in made.items() if name not in ("due", "tags")} | left
    assert things.ask("GET", f"/{made['id']}") == put


def test_delete_with_a_body(things: Things) -> None:
    """If the contract documents a body, the reply of a deletion shows the item; in a sandbox, it stays."""
    made = things.create("a")
    path = f"/v3/things/{made['id']}"

    tried = things.client.unchecked("DELETE", path, json={"sandbox": True})
    assert (tried.status_code, tried.headers["x-sandbox"], tried.json()["data"]) == (200, "true", made)
    assert things.titles() == ["a"]

    gone = things.client.unchecked("DELETE", path)
    assert (gone.json()["data"], "x-sandbox" in gone.headers) == (made, False)
    assert things.status("GET", f"/{made['id']}") == 404


def test_replies_without_an_item(begin: Begin) -> None:
    """A deletion whose data is null answers with null; a change whose success has no body, with none."""
    empty = "content: {application/json: {schema: {properties: {data: {type: 'null'}}}}}"
    known = "responses: {'200': *thing, '404': *known}\ncomponents"
    deleted = (known, known.replace("*thing", f"{{description: Done., {empty}}}"))
    put = ("*body\n      responses: {'200': *thing,", "*body\n      responses: {'204': {description: Done.},")
    things = begin(deleted, put)
    path = f"/v3/things/{things.create('a')['id']}"

    reply = things.client.unchecked("PUT", path, json={"title": "b"})
    assert (reply.status_code, reply.content, things.titles()) == (204, b"", ["b"])
    assert things.client.unchecked("DELETE", path).json()["data"] is None


def test_another_name_of_the_id(begin: Begin) -> None:
    """An id of another name works where `x-from` says so."""
    other = (
        ("        id: {type: string}", "        thing_no: {type: string, x-from: id}"),
        ("[id, title", "[thing_no, title"),
    )
    things = begin(*other)

    made = things.create("a")

    assert things.ask("GET", f"/{made['thing_no']}") == made


# the kind -> (the change, what stands in the line that is named, the reason)
REFUSED = {
    "operation": (
        ("deleteThing: delete", "dropThing: delete"),
        "dropThing",
        "no operation has the operationId 'dropThing'",
    ),
    "key": (
        ("missing: thing", "key: it\n      missing: thing"),
        "getThing: read",
        "the path '/v3/things/{thing_id}' has no {it}; `key` must name the parameter with the id",
    ),
    "path": (
        ("/{thing_id}:", "/{thing_id}/{part}:"),
        "getThing: read",
        "the path '/v3/things/{thing_id}/{part}' has no {id}; `key` must name the parameter with the id",
    ),
    "search": (("search: [title", "search: [titel"), "titel", "no reply shows a thing with the member 'titel'"),
    "filter": (("{tags: has}", "{tag: has}"), "tag: has", "no reply shows a thing with the member 'tag'"),
    "unique": (("{code: thing", "{cod: thing"), "cod: thing", "no reply shows a thing with the member 'cod'"),
    "id": (
        ("        id: {type: string}", "        thing_no: {type: string}"),
        "x-resource",
        "no reply shows the id of an item; write `x-from: id` at the member that shows it",
    ),
    "list": (("list: things", "list: thinks"), "thinks", "the data of listThings has no member 'thinks'"),
    "page": (
        ("- {name: tags", "- {name: page, in: query, schema: {type: string}}\n        - {name: tags"),
        "listThings: list",
        "the query parameter 'page' of listThings must be an integer",
    ),
}


@pytest.mark.parametrize(("change", "marker", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_work_stops_the_start(change: tuple[str, str], marker: str, reason: str, tmp_path: Path) -> None:
    """One sentence with the file, the line and the column."""
    path = extended(tmp_path / "own.yaml", changed(change))

    with pytest.raises(FileError, match=rf"^own\.yaml:[0-9]+:[0-9]+: {re.escape(reason)}$") as caught:
        create_app(Settings(contract=path))

    assert marker in Path(path).read_text("utf-8").splitlines()[caught.value.line - 1]


def test_an_older_contract_with_fewer_operations(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A contract without `x-resource` gets the shipped one's, with those verbs for which it has an operation."""
    document = deepcopy(contract_document())
    del document["paths"]["/v3/webhooks"]["x-resource"]
    del document["paths"]["/v3/webhooks/{id}/toggle-status"]
    for response in document["paths"]["/v3/webhooks"]["post"]["responses"].values():
        response.pop("links", None)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document), "utf-8")

    reply = mock(contract=str(path)).unchecked("GET", "/v3/webhooks")

    assert (reply.status_code, reply.json()["data"]["webhooks"]) == (200, [])
