"""What the compiler takes beyond the shipped contract, because the vendor's API has it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Client
from contracts import extended
from march import EDITION

from mock_sent.contract import Edition, load
from mock_sent.ground.errors import FileError

ADDED = """
x-faults:
  oneOf: {code: VALIDATION_001, text: "'{at}' must be a text or a menu"}
paths:
  /v3/menus:
    post:
      operationId: createMenu
      parameters:
        - {name: tag, in: query, schema: {type: array, items: {type: integer}, maxItems: 2}}
        - {name: kind, in: query, explode: false, schema: {type: array, items: {enum: [a, b]}}}
        - {name: most, in: query, schema: {type: [number, 'null'], maximum: 9.5}}
        - {name: X-Table, in: header, required: true, schema: {type: string, maxLength: 3}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Menu'}}}
      responses:
        '202': &menu
          description: Begun, or done already.
          content: {application/json: {schema: {$ref: '#/components/schemas/MenuReply'}}}
        '200': *menu
        '400': {$ref: '#/components/responses/InvalidWebhook'}
components:
  schemas:
    Menu:
      type: object
      required: [name]
      properties:
        name: {type: string, x-faults: {required: {code: VALIDATION_004, text: a menu needs a name}}}
        dishes: {type: array, items: {$ref: '#/components/schemas/Menu'}}
        drinks: {oneOf: [{type: string}, {$ref: '#/components/schemas/Menu'}]}
        prices:
          type: object
          propertyNames: {enum: [small, large]}
          additionalProperties: {type: integer, minimum: 1}
        seats:
          type: object
          properties: {inside: {}}
          patternProperties: {'^out': {type: integer}}
          additionalProperties: false
        never: false
        always: true
    MenuReply:
      type: object
      properties:
        data: {$ref: '#/components/schemas/ShownMenu'}
    ShownMenu:
      type: object
      required: [name, dishes]
      properties:
        name: {type: string}
        dishes: {type: [array, 'null'], items: {$ref: '#/components/schemas/ShownMenu'}}
        since: {type: string, format: date-time, x-from: at}
        cost: {type: string, x-as: four_decimals}
        status: {const: open}
        rank: {type: integer, default: 7}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return extended(tmp_path_factory.mktemp("contract") / "own.yaml", ADDED)


@pytest.fixture
def ask(mock: Callable[..., Client], file: str) -> Callable[..., dict[str, list[str]] | None]:
    """The details of the refusal, or None where there is none."""
    client = mock(contract=file)

    def ask(body: Any, query: str = "", table: str | None = "12") -> dict[str, list[str]] | None:
        headers = {} if table is None else {"x-table": table}
        reply = client.unchecked("POST", f"/v3/menus{query}", json=body, headers=headers)
        assert reply.status_code in (202, 400), reply.text
        return None if reply.status_code == 202 else reply.json()["error"]["details"]

    return ask


def test_a_schema_that_contains_itself(ask: Callable[..., Any]) -> None:
    """A violation deep inside is named by its path, with the text of the schema that it broke."""
    assert ask({"name": "a", "dishes": [{"name": "b", "dishes": [{"name": "c"}]}]}) is None
    assert ask({"name": "a", "dishes": [{"name": "b", "dishes": [{"name": 5}, {}]}]}) == {
        "dishes[0].dishes[0].name": ["'dishes[0].dishes[0].name' must be a string"],
        "dishes[0].dishes[1].name": ["a menu needs a name"],
    }


def test_one_of(ask: Callable[..., Any]) -> None:
    """What fits none of the alternatives has the text of `oneOf`."""
    assert ask({"name": "a", "drinks": "water"}) is None
    assert ask({"name": "a", "drinks": {"name": "b"}}) is None
    assert ask({"name": "a", "drinks": 5}) == {"drinks": ["'drinks' must be a text or a menu"]}


def test_property_names(ask: Callable[..., Any]) -> None:
    """A member's name that is not allowed, and a value under one that is, each have a text."""
    assert ask({"name": "a", "prices": {"small": 1}}) is None
    assert ask({"name": "a", "prices": {"huge": 1}}) == {"prices.huge": ["'prices.huge' is not valid"]}
    assert ask({"name": "a", "prices": {"small": 0}}) == {"prices.small": ["'prices.small' is not valid"]}


def test_members_that_are_not_allowed(ask: Callable[..., Any]) -> None:
    """Each is named by its place, where the contract has only the one text of all rules for it."""
    assert ask({"name": "a", "seats": {"inside": 1, "outside": 2}, "always": {"x": 1}}) is None
    assert ask({"name": "a", "seats": {"inside": 1, "above": 2, "below": 3}}) == {
        "seats.above": ["'seats.above' is not valid"],
        "seats.below": ["'seats.below' is not valid"],
    }
    assert ask({"name": "a", "never": 1}) == {"never": ["'never' is not valid"]}


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("?tag=1&tag=2", None),
        ("?kind=a,b", None),
        ("?tag=1&tag=2&tag=3", {"tag": ["'tag' is not valid"]}),
        ("?tag=1&tag=x", {"tag[1]": ["'tag[1]' must be an integer"]}),
        ("?kind=a,c", {"kind[1]": ["'kind[1]' is not valid"]}),
        ("?most=9.5", None),
        ("?most=10", {"most": ["'most' is not valid"]}),
        ("?most=1e3", {"most": ["'most' must be a number"]}),
    ],
)
def test_typed_queries(ask: Callable[..., Any], query: str, details: dict[str, list[str]] | None) -> None:
    """An array is given several times, or once with commas where `explode` is false; a number may have a fraction."""
    assert ask({"name": "a"}, query) == details


def test_a_header_that_must_be_given(ask: Callable[..., Any]) -> None:
    """A required header that is left out is a violation, as one is that breaks its schema."""
    assert ask({"name": "a"}, table=None) == {"x-table": ["'x-table' is required"]}
    assert ask({"name": "a"}, table="1234") == {"x-table": ["'x-table' is not valid"]}


def test_unknown_members_inside_lists(mock: Callable[..., Client], file: str) -> None:
    """A member that no schema describes is named, however deep it stands."""
    reply = mock(contract=file).unchecked(
        "POST", "/v3/menus", json={"name": "a", "dishes": [{"name": "b", "colour": 1}]}, headers={"x-table": "12"}
    )

    assert "dishes[0].colour" in reply.headers["x-mock-warning"]


def test_a_range_of_statuses_is_no_status(tmp_path: Path) -> None:
    """An operation whose only success is `2XX` stops the start, for there is no status to answer with."""
    file = extended(
        tmp_path / "own.yaml", "paths: {/v3/x: {get: {operationId: x, responses: {2XX: {description: x}}}}}"
    )

    with pytest.raises(
        FileError, match=r"own\.yaml:[0-9]+:[0-9]+: an operation needs a response of the 2xx, such as '200'"
    ):
        load(Path(file))


def edition(file: str) -> Edition:
    return load(Path(file), shipped=None)


def test_two_successes(file: str) -> None:
    """The first one is usual; each has what a reply of it shows."""
    operation = edition(file).by_id["createMenu"]

    assert operation.success == 202
    for status in (202, 200):
        assert operation.projection_of(status)({"name": "a", "dishes": None})["name"] == "a"


def test_a_projection(file: str) -> None:
    """Null where it is allowed, left out where it is not required, defaults, constants, formats and other names."""
    show = edition(file).by_id["createMenu"].show

    assert show({"name": "a", "more": 1, "dishes": [{"name": "b", "at": 1_773_265_850_179_660_600, "cost": 75}]}) == {
        "name": "a",
        "status": "open",
        "dishes": [
            {
                "name": "b",
                "dishes": None,
                "since": "2026-03-11T21:50:50.1796606+00:00",
                "cost": "0.0075",
                "status": "open",
                "rank": 7,
            }
        ],
        "rank": 7,
    }


@pytest.mark.parametrize("known", [{}, {"name": None}])
def test_a_projection_without_what_is_required(file: str, known: dict[str, Any]) -> None:
    """A handler that does not tell what the schema demands is a bug of ours, and not an answer that lacks it."""
    show = edition(file).by_id["createMenu"].show

    with pytest.raises(Exception, match="name"):
        show(known)


def test_a_list_that_needs_no_change() -> None:
    """A list whose objects are what the schema shows is shown as it is; any other one is made anew."""
    show = EDITION.by_id["sendMessage"].show
    known = {"body": "x", "template_id": "i", "template_name": "n"}
    recipient = {"message_id": "m", "to": "+1", "channel": None}
    recipients = [recipient]

    assert show({**known, "recipients": recipients})["recipients"] is recipients
    assert show({**known, "recipients": [{**recipient, "body": "x"}]})["recipients"] == recipients
    assert show({**known, "recipients": [{"to": "+1", "message_id": "m"}]})["recipients"] == recipients
    assert show({**known, "recipients": []})["recipients"] == []
