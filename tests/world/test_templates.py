"""Templates: found by id or name, rendered, and what is told about those that are not there."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import Client

ORDER = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
WELCOME = "7ba7b820-9dad-11d1-80b4-00c04fd430c9"
UNKNOWN = "11111111-2222-4333-8444-555555555555"

FIXTURES = """
schema: 1
default:
  templates:
    - {id: 00000000-0000-4000-8000-00000000000A, name: indexed, variables: [who, what],
       body: '{{0:variable}} has {{ 1:variable }}, {{0:variable}}.
         {{7:variable}} {{1}} {{who}} {{ what }} {{}} { {who} }'}
    - {id: 00000000-0000-4000-8000-00000000000b, name: plain, body: 'No variables at all.'}
    - {id: 00000000-0000-4000-8000-00000000000c, name: undeclared, body: 'Hi {{name}}'}
    - {id: 00000000-0000-4000-8000-00000000000d, name: declared, variables: [unused], body: 'Hi'}
    - {id: 00000000-0000-4000-8000-00000000000e, name: empty, body: ''}
"""


@pytest.fixture
def own(mock: Callable[..., Client]) -> Client:
    return mock(fixtures_inline=FIXTURES)


def rendered(client: Client, template: str, /, **parameters: str) -> Any:
    return client.send(template={"name": template, "parameters": parameters}).json()["data"]["body"]


@pytest.mark.parametrize("template", [{"id": ORDER}, {"name": "order_confirmation"}, {"id": ORDER.upper()}])
def test_by_id_or_name(client: Client, template: dict[str, str]) -> None:
    """The page's template is found by its id, in any case, or by its name, and the answer says both."""
    data = client.send(template={**template, "parameters": {"name": "Ada", "order_id": "7"}}).json()["data"]

    assert data["body"] == "Hi Ada, your order #7 has been confirmed."
    assert (data["template_id"], data["template_name"]) == (ORDER, "order_confirmation")


def test_the_id_wins(client: Client) -> None:
    """When id and name disagree, the id is obeyed, and whoever debugs is told (SEND-7)."""
    response = client.send(template={"id": WELCOME, "name": "order_confirmation"})

    assert response.json()["data"]["template_name"] == "welcome"
    assert "template.id wins: it is 'welcome', not 'order_confirmation'" in response.headers["x-mock-warning"]


def test_a_known_name_does_not_mend_an_unknown_id(client: Client) -> None:
    """An unknown id is not looked up by name instead (SEND-7)."""
    response = client.send(template={"id": UNKNOWN, "name": "order_confirmation"})

    assert_failure(response, 404, "RESOURCE_002", None, "Template not found")


@pytest.mark.parametrize("template", [{"id": UNKNOWN}, {"name": "nobody"}, {"name": ""}, {"name": "Welcome"}])
def test_unknown_template(client: Client, template: dict[str, str]) -> None:
    """404 with the page's text; the warning says which are known and how to add one (SEND-10)."""
    response = client.send(template=template)

    assert_failure(response, 404, "RESOURCE_002", None, "Template not found")
    warning = response.headers["x-mock-warning"]
    assert "known: order_confirmation, welcome, verification_code" in warning
    assert "MOCK_SENT_FIXTURES" in warning
    assert "MOCK_SENT_UNKNOWN_TEMPLATES=accept" in warning
    assert warning in client.last_line


def test_no_template_at_all(mock: Callable[..., Client]) -> None:
    """Where the fixtures have no template, the warning says so."""
    response = mock(fixtures_inline="schema: 1").send()

    assert_failure(response, 404, "RESOURCE_002", None, "Template not found")
    assert "known: none" in response.headers["x-mock-warning"]


def test_hostile_template_name(client: Client) -> None:
    """An unknown name cannot forge a header or a line of the log."""
    response = client.send(template={"name": "x\r\nx-evil: 1\n" + "y" * 5_000})

    assert response.status_code == 404
    assert "x-evil" not in response.headers
    assert len(client.log.getvalue().splitlines()) == 1


def test_placeholders(own: Client) -> None:
    """`{{0:variable}}` is the variable at that place, `{{name}}` the one of that name (SEND-13)."""
    body = rendered(own, "indexed", who="Ada", what="cats")

    assert body == "Ada has cats, Ada. {{7:variable}} {{1}} Ada cats {{}} { {who} }"


NAMES = (
    "first-name", "otp.code",
    "c\u00f3digo", "\u540d\u524d", "first name", "order#", "a/b", "$x", "1st", "\U0001f600", "x:y",
    "0:variable", "a'b\"c", "<b>", "%s", "\\1", "a\tb", "x" * 200,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("declared", [True, False])
def test_names_of_any_characters(client: Client, name: str, declared: bool) -> None:
    """Every name that is declared or given is filled, with spaces around it or without, and can lack its value."""
    variables = [name] if declared else []
    body = f"{{{{{name}}}}}, {{{{ {name}\t}}}}!"
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "any", "body": body, "variables": variables}])

    reply = client.send(template={"name": "any", "parameters": {name: "Ada"}})
    lacking = client.send(template={"name": "any"})

    if name == "0:variable" and not declared:
        assert reply.json()["data"]["body"] == body
        return
    assert reply.json()["data"]["body"] == "Ada, Ada!"
    assert "x-mock-warning" not in reply.headers
    assert "got no value for" in lacking.headers["x-mock-warning"]


@pytest.mark.parametrize("name", ["a{b", "a}b", "a}}b", "{x}", " x ", "{{x}}", "}"])
def test_declared_names_with_braces(client: Client, name: str) -> None:
    """A name with braces, or spaces around it, is filled where it is declared, by name or by place."""
    body = f"<{{{{{name}}}}}> {{{{0:variable}}}}"
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "odd", "body": body, "variables": [name]}])

    reply = client.send(template={"name": "odd", "parameters": {name: "Ada"}})

    assert reply.json()["data"]["body"] == "<Ada> Ada"
    assert "x-mock-warning" not in reply.headers


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Hi {{}}", "{{}}"),
        ("Hi {{ }}", "{{ }}"),
        ("Hi {{name", "{{name"),
        ("Hi {{name}", "{{name}"),
        ("Hi {{na{me}}", "{{na{me}}"),
        ("{{name {{name}}", "{{name "),
    ],
)
@pytest.mark.parametrize("part", ["body", "header", "footer"])
def test_what_no_value_can_fill(client: Client, part: str, body: str, shown: str) -> None:
    """What looks like a placeholder, and is none that a value can fill, is told where the template is sent."""
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "odd", "body": "Hi", part: body}])

    for sandbox in (False, True):
        reply = client.send(template={"name": "odd", "parameters": {"name": "Ada"}}, sandbox=sandbox)
        said = f"template 'odd' has {shown}, which no value can fill"
        assert said in reply.headers["x-mock-warning"]


@pytest.mark.parametrize("body", ["Hi {name}", "{ {name} }", "}}", "{{{name}}}", "a {b} }} c"])
def test_braces_that_are_text(client: Client, body: str) -> None:
    """Single braces are text, and so are closing ones."""
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "odd", "body": body}])

    reply = client.send(template={"name": "odd", "parameters": {"name": "Ada"}})

    assert reply.json()["data"]["body"] == body.replace("{{name}}", "Ada")
    assert "x-mock-warning" not in reply.headers


def test_header_and_footer(client: Client) -> None:
    """A header and a footer are filled too, and want their values."""
    parts = {"body": "Hi", "header": "For {{name}}", "footer": "{{x-y}}: {{0:variable}}"}
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "around", **parts, "variables": ["name"]}])

    sent = client.send(template={"name": "around", "parameters": {"name": "Ada", "x-y": "1"}}).json()["data"]
    lacking = client.send(template={"name": "around", "parameters": {"name": "Ada"}})

    message = client.get(f"/v3/messages/{sent['recipients'][0]['message_id']}").json()["data"]
    assert message["message_body"] == {"header": "For Ada", "content": "Hi", "footer": "1: Ada", "buttons": None}
    assert "got no value for x-y" in lacking.headers["x-mock-warning"]

    long = client.send(template={"name": "around", "parameters": {"name": "A" * 5_000, "x-y": "1"}}).json()["data"]
    message = client.get(f"/v3/messages/{long['recipients'][0]['message_id']}").json()["data"]
    assert len(message["message_body"]["header"]) == 1_000


def test_invented_template_with_odd_names(mock: Callable[..., Client]) -> None:
    """A made-up text shows the values of all parameters, whatever their names are."""
    names = [*NAMES, "a}b", "{{x}}", " x "]
    parameters = {name: f"value-{i}." for i, name in enumerate(names)}

    reply = mock(unknown_templates="accept").send(template={"name": "new", "parameters": parameters})
    body = reply.json()["data"]["body"]

    assert [value for value in parameters.values() if value not in body] == []


def test_values_are_not_rendered_again(own: Client) -> None:
    """A value that looks like a placeholder is text."""
    assert rendered(own, "indexed", who="{{what}}", what="{{0:variable}}").startswith("{{what}} has {{0:variable}}, ")


def test_empty_and_odd_values(own: Client) -> None:
    """A value may be empty, or any text."""
    assert rendered(own, "undeclared", name="") == "Hi "
    assert rendered(own, "undeclared", name="\\1 \x00 \U0001f600 $&") == "Hi \\1 \x00 \U0001f600 $&"


def test_templates_without_variables(own: Client) -> None:
    """Extra parameters are ignored, and an empty text is a text."""
    assert rendered(own, "plain", more="x") == "No variables at all."
    assert rendered(own, "empty") == ""


@pytest.mark.parametrize(
    ("template", "lacking", "text"),
    [
        ({"name": "indexed", "parameters": {"who": "Ada", "1": "", "7": ""}}, "what", "Ada has {{ 1:variable }}, Ada."),
        ({"name": "undeclared", "parameters": {"nam": "Ada"}}, "name", "Hi {{name}}"),
        ({"name": "undeclared", "parameters": None}, "name", "Hi {{name}}"),
        ({"name": "undeclared"}, "name", "Hi {{name}}"),
        ({"name": "declared"}, "unused", "Hi"),
    ],
)
def test_missing_parameter(own: Client, template: dict[str, Any], lacking: str, text: str) -> None:
    """202 all the same; the placeholder stays, and the warning names the variable (SEND-9)."""
    response = own.send(template=template)

    assert response.status_code == 202
    assert response.json()["data"]["body"].startswith(text)
    warning = response.headers["x-mock-warning"]
    assert f"template {template['name']!r} got no value for {lacking}; the message will fail" in warning


def test_nothing_missing(own: Client) -> None:
    """Where every variable has a value there is no warning."""
    assert "x-mock-warning" not in own.send(template={"name": "undeclared", "parameters": {"name": "x"}}).headers


@pytest.mark.parametrize("template", [{"id": UNKNOWN}, {"name": "brand_new"}, {"id": UNKNOWN, "name": "brand_new"}])
def test_unknown_templates_accepted(mock: Callable[..., Client], template: dict[str, str]) -> None:
    """With `accept` an unknown template gets a made-up text that shows the parameters, the same for each seed."""
    asked = {**template, "parameters": {"name": "Ada", "code": "4711"}}
    one, same, other = (
        mock(unknown_templates="accept", seed=seed).send(template=asked).json()["data"] for seed in ("a", "a", "b")
    )

    assert "Ada" in one["body"]
    assert "4711" in one["body"]
    assert one["body"] == same["body"] != other["body"]
    assert one["template_id"] == same["template_id"] == template.get("id", one["template_id"])
    assert one["template_name"] == template.get("name", one["template_name"])


def test_known_templates_under_accept(mock: Callable[..., Client]) -> None:
    """`accept` changes nothing for a template that is known."""
    data = mock(unknown_templates="accept").send().json()["data"]

    assert data["body"] == "Hi John Doe, your order #12345 has been confirmed."


def test_invented_template_without_a_name(mock: Callable[..., Client]) -> None:
    """An empty name is a name."""
    data = mock(unknown_templates="accept").send(template={"name": ""}).json()["data"]

    assert data["template_name"] == ""


def test_invented_templates_can_be_read(mock: Callable[..., Client]) -> None:
    """A message of an invented template has the same text when it is read."""
    client = mock(unknown_templates="accept")
    data = client.send(template={"name": "brand_new"}).json()["data"]

    message = client.get(f"/v3/messages/{data['recipients'][0]['message_id']}").json()["data"]
    assert message["message_body"]["content"] == data["body"]
    assert (message["template_id"], message["template_name"]) == (data["template_id"], "brand_new")


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_text_that_would_fill_the_memory_is_cut(client: Client, sandbox: bool) -> None:
    """A long value in a template that names it two thousand times gives a megabyte and a warning."""
    client.put("/_mock/templates", json=[{"id": UNKNOWN, "name": "bomb", "body": "{{a}}" * 2_000}])

    reply = client.send(template={"name": "bomb", "parameters": {"a": "x" * 1_000_000}}, sandbox=sandbox)

    assert reply.json()["data"]["body"] == "x" * 1024 * 1024
    assert "was cut at 1048576 characters" in reply.headers["x-mock-warning"]
