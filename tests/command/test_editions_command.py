"""`mock-sent editions`: what there is, what changed, and which calls break."""

import json
import re
from collections.abc import Callable

import pytest
from conftest import PAGE_REQUEST, Live
from replies import ROOT

from mock_sent.command.cli import main

HOOK = {"display_name": "a", "endpoint_url": "http://127.0.0.1:9/a", "event_types": ["messages"]}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["editions", *arguments])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out + said.err


def test_what_breaks(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """The summary first, then what breaks and what differs; equal differences once; exit code 1."""
    client = live()
    client.post("/v3/webhooks", json=HOOK)
    for _ in range(3):
        client.post("/v3/messages", json=PAGE_REQUEST)
    code, said = run(capsys, "replay", "--to", "2026-10", "--url", client.url, "--api-key", client.api_key)
    lines = said.splitlines()

    assert code == 1
    assert lines[0].startswith("failed: 4 requests, made again under the edition 2026-10: 1 break, 3 get another")
    assert lines[1].startswith("breaks   POST /v3/webhooks (req_")
    assert lines[2].strip() == "status: was 201, is 400"
    assert any(line.startswith("differs  POST /v3/messages (req_") and line.endswith(" and 2 more)") for line in lines)
    assert said.count("data.body: gone") == 1


def test_the_example_of_the_page(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """docs/editions.md shows what the command says."""
    client = live()
    client.post("/v3/webhooks", json=HOOK)
    client.post("/v3/messages", json=PAGE_REQUEST)
    client.post("/v3/messages", json={"to": PAGE_REQUEST["to"], "text": "Hello"})
    said = run(capsys, "replay", "--to", "2026-10", "--url", client.url, "--api-key", client.api_key)[1]
    shown = (ROOT / "docs" / "editions.md").read_text("utf-8").partition("```text\n")[2].partition("```")[0]

    assert re.sub("req_[A-Za-z0-9]{10}", "req_...", said) == re.sub("req_[A-Za-z0-9]{10}", "req_...", shown)


def test_nothing_breaks(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0; the JSON is the server's answer."""
    client = live()
    client.post("/v3/messages", json=PAGE_REQUEST)
    mine = ("replay", "--url", client.url, "--api-key", client.api_key)
    code, said = run(capsys, *mine, "--json")

    assert (code, json.loads(said)["to"], json.loads(said)["differs"]) == (0, "2026-10", 1)
    assert run(capsys, *mine, "--to", "2026-03")[1].startswith(
        "ok: 1 requests, made again under the edition 2026-03: 0"
    )


def test_mistakes(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """An edition that is none, and a server that is none, are one sentence and exit code 2."""
    client = live()

    code, said = run(capsys, "replay", "--to", "2026-1O", "--url", client.url)
    assert (code, said.count("\n"), "there is no edition '2026-1O'" in said) == (2, 1, True)
    assert run(capsys, "replay", "--url", "http://127.0.0.1:9")[0] == 2
