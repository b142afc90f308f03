"""Writes docs/reference.md from the code and the contracts: settings, commands, errors, control routes, scenario keys.

Run by `scripts/pages`; tests/house/test_docs.py holds the page current.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from mock_sent.command.cli import cli
from mock_sent.control.described import load as load_control
from mock_sent.ground.values import bytes_of, shown_bytes
from mock_sent.scenarios.language import schema
from mock_sent.settings import SETTINGS, option_of, variable_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What is there, all of it?"
    yield ""
    yield "Written by `scripts/pages` from the code and the contracts. Do not edit: a test compares."
    yield from _settings()
    yield from _commands()
    yield from _errors()
    yield from _control()
    yield from _scenario_keys()


def _settings() -> Iterator[str]:
    yield from ("", "## Which settings are there?", "")
    yield "An option wins over its variable. An unknown `MOCK_SENT_` variable stops the start, because it is a typo."
    yield "A secret may also come from a file: `MOCK_SENT_CONTROL_TOKEN_FILE` names one."
    yield "`WEB_CONCURRENCY` is left alone, and `--workers` refused: [performance.md](performance.md) says why."
    yield "`PORT` counts where `MOCK_SENT_PORT` is not set."
    yield "`MOCK_SENT_URL` and `MOCK_SENT_COMMAND` are for the client: [pytest.md](pytest.md)."
    yield from ("", "| variable | option | default | says |", "| --- | --- | --- | --- |")
    for setting in SETTINGS:
        default = _default(setting.default, in_bytes=setting.metadata["parse"] is bytes_of)
        secret = " (secret)" if setting.metadata["secret"] else ""
        names = f"`{variable_of(setting.name)}` | `{option_of(setting.name)}`"
        yield f"| {names} | {default} | {setting.metadata['says']}{secret} |"


def _default(value: Any, *, in_bytes: bool) -> str:
    if in_bytes:
        return shown_bytes(value)
    if value in ("", ()):
        return "-"
    return f"{value // 10**9}s" if isinstance(value, int) and value >= 10**9 else f"{value}"


def _commands() -> Iterator[str]:
    yield from ("", "## Which commands are there?", "")
    yield "`mock-sent` alone is `mock-sent serve`. `serve` and `config` take an option for each setting."
    yield from ("", "| command | does | options |", "| --- | --- | --- |")
    settings = {option_of(setting.name) for setting in SETTINGS}
    for name, command in _walk(cli, "mock-sent"):
        options = [max(p.opts, key=len) for p in command.params if isinstance(p, click.Option) and not p.hidden]
        own = ", ".join(f"`{option}`" for option in options if option not in settings and option != "--version")
        yield f"| `{name}` | {(command.help or '').strip().splitlines()[0]} | {own or '-'} |"


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for verb in sorted(command.commands):
        yield from _walk(command.commands[verb], f"{name} {verb}")


def _errors() -> Iterator[str]:
    yield from ("", "## Which errors are there?", "")
    yield "A scenario names an error by its name or its code. The texts stand in `openapi.yaml`."
    yield from ("", "| name | code | message |", "| --- | --- | --- |")
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    found = dict(_examples(document))
    for name in sorted(found):
        yield f"| `{name}` | `{found[name]['code']}` | {found[name]['message']} |"


def _examples(node: Any) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(node, list):
        for value in node:
            yield from _examples(value)
    elif isinstance(node, dict):
        for name, value in node.items():
            error = (
                value["value"].get("error")
                if isinstance(value, dict) and isinstance(value.get("value"), dict)
                else None
            )
            if isinstance(error, dict):
                yield name, error
            else:
                yield from _examples(value)


def _control() -> Iterator[str]:
    yield from ("", "## Which routes has the control plane?", "")
    yield "`/_mock/openapi.json` describes them. Each is about the account of `x-api-key`, or of `?account=<id>`."
    yield from ("", "| route | does |", "| --- | --- |")
    for path, item in load_control().raw["paths"].items():
        for method, operation in item.items():
            if method in ("get", "put", "post", "delete"):
                yield f"| `{method.upper()} /_mock{path}` | {operation['summary']} |"


def _scenario_keys() -> Iterator[str]:
    yield from ("", "## Which keys has a scenario?", "")
    yield "[scenarios.md](scenarios.md) teaches them."
    yield ""
    yield ", ".join(f"`{key}`" for key in sorted(set(_keys(schema()))))


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        properties = node.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in node.values():
            yield from _keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from _keys(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
