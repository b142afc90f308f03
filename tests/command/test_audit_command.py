"""`mock-sent audit`: an exit code for CI."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from conftest import PAGE_REQUEST, Live

from mock_sent.command.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["audit", *arguments])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out + said.err


def misuse(client: Live) -> None:
    for to in ("+14155551234", "+447700900123"):
        client.post("/v3/messages", json={**PAGE_REQUEST, "to": [to]}, headers={"idempotency-key": "k"})


def test_clean(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """A client that did nothing wrong: exit code 0."""
    client = live()
    client.post("/v3/messages", json=PAGE_REQUEST)

    assert run(capsys, "--url", client.url, "--api-key", client.api_key) == (0, "ok: 0 errors, 0 warnings\n")


def test_errors(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """Errors are told in a line each; exit code 1."""
    client = live()
    misuse(client)

    code, said = run(capsys, "--url", client.url, "--api-key", client.api_key)

    assert code == 1
    assert said.startswith("error: key_reused_for_other_body: req_")
    assert said.endswith("failed: 1 errors, 0 warnings\n")


def test_fail_on(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """The caller says what counts; then the rest are warnings."""
    client = live()
    misuse(client)
    mine = ("--url", client.url, "--api-key", client.api_key)

    code, said = run(capsys, *mine, "--fail-on", "unknown_member,missing_api_key")

    assert (code, said.splitlines()[-1]) == (0, "ok: 0 errors, 1 warnings")
    assert run(capsys, *mine, "--fail-on", "nothing")[0] == 2


def test_all(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """`--all` judges every account, and says whose each finding is."""
    client = live()
    misuse(client)

    code, said = run(capsys, "--url", client.url, "--all")

    assert (code, said.partition("/")[0]) == (1, "****test")


def test_unknown(live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """A journal that has forgotten is not clean: exit code 1."""
    client = live(max_journal=1)
    for _ in range(2):
        client.post("/v3/messages", json=PAGE_REQUEST)

    assert run(capsys, "--url", client.url, "--api-key", client.api_key)[0] == 1


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no server answers, one line says so; exit code 2. (See test_asking.py.)"""
    said = "mock-sent: no mock-sent server answers at http://127.0.0.1:9: nobody listens there (connection refused)\n"

    assert run(capsys, "--url", "http://127.0.0.1:9") == (2, said)


@pytest.mark.parametrize("token", ["secret-0001", "geheimß-\u20ac"])
def test_token(token: str, live: Callable[..., Live], capsys: pytest.CaptureFixture[str]) -> None:
    """A server with a control token wants it, as an option or in the environment."""
    client = live(control_token=token)

    assert run(capsys, "--url", client.url)[0] == 2
    assert run(capsys, "--url", client.url, "--token", token)[0] == 0


def test_needs_a_url() -> None:
    """Without a URL there is nothing to judge: exit code 2, and help."""
    from mock_sent.command.cli import cli

    ran = CliRunner().invoke(cli, ["audit"])

    assert ran.exit_code == 2
    assert "--url" in ran.output
