"""docs/scenarios.md teaches what the language can do, with files that work."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scenario_world import library

from mock_sent.scenarios.language import schema

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def words(part: Any) -> Iterator[str]:
    """The keys and the choices that the schema knows."""
    if isinstance(part, dict):
        yield from part.get("properties", ())
        yield from (word for word in part.get("enum", ()) if isinstance(word, str))
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from words(inner)


@pytest.mark.parametrize("text", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_example(text: str) -> None:
    """Every YAML block of the page is a scenario."""
    assert library().compile(text, "docs/scenarios.md").name


def test_eleven_examples() -> None:
    """The page has the eleven examples that it promises."""
    assert len(BLOCKS) == 12


def test_everything_is_named() -> None:
    """Each key and choice of the language, and each shipped scenario, stands on the page."""
    known = {*words(schema()), *library().names}

    assert not [word for word in sorted(known) if not re.search(rf"\b{re.escape(word)}\b", PAGE)]


def test_every_magic_number_is_in_the_table() -> None:
    """The table has the numbers of magic-numbers.yaml, and no other."""
    text = library().path("magic-numbers").read_text()

    assert set(re.findall(r"\+15005550\d{3}", PAGE)) == set(re.findall(r"\+15005550\d{3}", text))


def test_the_published_schema_is_a_schema() -> None:
    """Editors read the file as plain JSON Schema."""
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(json.dumps(schema())))
