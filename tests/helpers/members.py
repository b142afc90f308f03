"""The public members of the pytest client, as docs/pytest.md lists them: name, parameters, type."""

import inspect
from dataclasses import fields, is_dataclass


def members(of: type) -> dict[str, str]:
    """Each public member, and the type of its value or of what it returns, as the code has it."""
    found = {}
    for name, member in vars(of).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            assert member.fget
            found[name] = _text(inspect.signature(member.fget).return_annotation)
        elif inspect.isfunction(member):
            found[f"{name}({', '.join(_parameters(member))})"] = _text(inspect.signature(member).return_annotation)
    if is_dataclass(of):
        found = {field.name: _text(field.type) for field in fields(of)} | found
    return found


def _parameters(method: object) -> list[str]:
    assert callable(method)
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    return [f"{stars.get(p.kind.name, '')}{p.name}" for p in list(inspect.signature(method).parameters.values())[1:]]


def _text(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.replace("mock_sent_client.facts.", "").replace("collections.abc.", "").replace("typing.", "")
