"""No word of the vendor's stands in code: statuses, codes, events, states of deliveries and sentences are data."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from march import EDITION
from replies import ROOT

PACKAGE = ROOT / "mock_sent"
CLIENT = ROOT / "clients" / "python"

# Literals that equal a word of the contract and are not one: each group with its reason.
EXEMPT: Mapping[str, frozenset[str]] = {
    "our own stages of a message, the same in all editions; a status is written in capitals": frozenset(
        {"accepted", "routed", "sent", "delivered", "read", "failed", "held", "blocked", "filtered", "cancelled"}
    ),
    "our own names of what became of a delivery": frozenset({"pending", "retrying", "delivered", "failed"}),
    "names of members and collections, which an edition shares with our handlers": frozenset({"messages", "templates"}),
    "names of channels": frozenset({"sms", "whatsapp", "rcs", "sent", "auto"}),
}

_SENTENCES = ("description", "summary", "text", "message", "says")
_WORDS = ("status", "event", "code", "reason", "delivery_status", "event_type", "message_status", "sub_type")


def vendor_words() -> frozenset[str]:
    """The statuses, codes, events, states, reasons, and choices in capitals, of the shipped contract."""
    found = {stage.status for stage in EDITION.lifecycle.stages.values()} | set(EDITION.events.types)
    found |= set(EDITION.delivery_states.values()) | set(EDITION.document["x-codes-of-several"])
    found |= {gate.ending.reason for gate in EDITION.gates if gate.ending and gate.ending.reason}
    for node in mappings(EDITION.document):
        found |= {node[name] for name in _WORDS if isinstance(node.get(name), str)}
        values = [*node.get("enum", []), node.get("const"), node.get("default")]
        found |= {value for value in values if isinstance(value, str) and value.isupper()}
    exempt = frozenset().union(*EXEMPT.values())
    return frozenset(found - exempt)


def vendor_sentences() -> frozenset[str]:
    """The texts of the shipped contract."""
    found = {
        node[name] for node in mappings(EDITION.document) for name in _SENTENCES if isinstance(node.get(name), str)
    }
    return frozenset(text.strip() for text in found if " " in text)


def mappings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from mappings(value)


def literals_of_python(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string, the pieces of f-strings too, docstrings aside."""
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


_REGEX = r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/"
# A comment, a quoted text, where a template begins, a regular expression, a brace, a name, any character.
_JS = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?P<quoted>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')|(?P<template>`)"
    rf"|(?P<regex>(?<=[(,=:\[!&|?{{}};] ){_REGEX}|(?<=[(\[!]){_REGEX})"
    r"|(?P<open>\{)|(?P<close>\})|(?P<name>[A-Za-z_$][\w$]*)|.",
    re.DOTALL,
)
_PIECE = re.compile(r"(?P<piece>(?:\\.|\$(?!\{)|[^`$\\])*)(?P<end>`|\$\{)", re.DOTALL)


def literals_of_script(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each quoted string, of the pieces of template literals and of names, comments aside."""
    at, open_braces, templates = 0, 0, list[int]()
    while at < len(text):
        found = _JS.match(text, at)
        assert found
        at = found.end()
        kind = found.lastgroup
        if kind == "quoted":
            yield text.count("\n", 0, found.start()) + 1, found[0][1:-1]
        elif kind == "name":
            yield text.count("\n", 0, found.start()) + 1, found[0]
        elif kind == "open":
            open_braces += 1
        is_end = kind == "close" and templates and templates[-1] == open_braces
        if kind == "close" and not is_end:
            open_braces -= 1
        if kind == "template" or is_end:
            piece = _PIECE.match(text, at)
            assert piece, f"a template that does not end, in line {text.count(chr(10), 0, at) + 1}"
            yield text.count("\n", 0, at) + 1, piece["piece"]
            at = piece.end()
            if kind == "template" and piece["end"] != "`":
                templates.append(open_braces)
            elif is_end and piece["end"] == "`":
                templates.pop()


def literals_of_markup(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each quoted string of HTML or CSS."""
    for found in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'|=([\w.-]+)\]", text):
        yield text.count("\n", 0, found.start()) + 1, found[1] or found[2] or found[3] or ""


def literals_of_json(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string."""
    json.loads(text)
    yield from literals_of_markup(text)


READERS = {
    ".py": literals_of_python,
    ".js": literals_of_script,
    ".css": literals_of_markup,
    ".html": literals_of_markup,
    ".json": literals_of_json,
}
FILES = [
    path
    for folder in (PACKAGE, CLIENT)
    for path in sorted(folder.rglob("*"))
    if path.suffix in READERS and not path.is_relative_to(PACKAGE / "data")
]
WORDS, SENTENCES = vendor_words(), vendor_sentences()
# In capitals or with a dot in the middle: such a word is found inside a sentence too.
MARKED = re.compile(
    rf"(?<![\w.-])(?:{'|'.join(sorted(re.escape(w) for w in WORDS if w.isupper() or '.' in w))})(?![\w-])"
)


def vendors_in(text: str) -> str:
    """The word or sentence of the vendor's that a literal is, or has in it; empty if there is none."""
    if text in WORDS or text.strip() in SENTENCES:
        return text
    found = MARKED.search(text)
    return found[0] if found else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_literal_is_a_word_of_the_vendors(path: Path) -> None:
    """Neither Python nor the page writes a status, a code, an event, a state or a sentence of the contract."""
    literals = READERS[path.suffix](path.read_text("utf-8"))

    found = {f"line {line}: {text[:80]!r} has {word!r}" for line, text in literals if (word := vendors_in(text))}
    assert not found


def test_the_contract_has_what_is_looked_for() -> None:
    """Words of every kind are known, so that the test above cannot pass by looking for nothing."""
    assert {
        "DELIVERED",
        "PENDING",
        "VALIDATION_004",
        "message.failed",
        "UTILITY",
        "ERR_TEMPLATE_PARAMS_INVALID",
    } <= WORDS
    assert {"Template not found", "Message failed", "'{at}' is required"} <= SENTENCES


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".py", 'def f():\n    """DELIVERED."""\n    return "DELIVERED"\n'),
        (".py", 'x = f"{y} instead of FAILED"\n'),
        (".py", 'x = {"a": ["Template not found"]}\n'),
        (".js", "// 'SENT'\nconst a = `${b ? `c ${\"VALIDATION_004\"}` : /\"'/.test(c)} d`;\n"),
        (".js", "/* 'SENT' */ const a = text.match(/(?:[^\"]|\"x)/g) ?? 'message.failed';\n"),
        (".js", "const a = `${b} is FAILED`;\n"),
        (".js", "const a = { DELIVERED: 1 };\n"),
        (".css", '.tick[data-status="READ"], .tick[data-status=SENT] { opacity: 1; }\n'),
        (".json", '{"enum": ["ACCEPTED"]}\n'),
    ],
)
def test_a_planted_word_is_found(suffix: str, text: str) -> None:
    """A word is found wherever it can stand, once, and not in comments and docstrings."""
    assert len([word for _, literal in READERS[suffix](text) if (word := vendors_in(literal))]) == 1
