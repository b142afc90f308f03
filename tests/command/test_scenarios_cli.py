"""`mock-sent scenarios` tells in plain lines, and a wrong file is one message and exit code 2."""

from pathlib import Path

from click.testing import CliRunner, Result
from scenario_world import DE, SHIPPED, UK, library

from mock_sent.command.scenarios import scenarios

OPTIONS = ("--to", UK, "--template", "t1", "--header", "X-A=b", "--sandbox", "--key", "k", "--times", "3")


def run(*words: str, folder: Path = SHIPPED) -> Result:
    result = CliRunner().invoke(scenarios, words, obj=lambda: library(folder))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_list() -> None:
    """list names each scenario and what it is about."""
    result = run("list")

    assert result.exit_code == 0
    assert "shaky                 one send in five answers 503, the same ones on every machine\n" in result.output
    assert len(result.output.splitlines()) == len(library().names)


def test_show() -> None:
    """show prints the file as it is."""
    assert run("show", "slow").output == (SHIPPED / "slow.yaml").read_text()


def test_check(tmp_path: Path) -> None:
    """check tells every file, and is 2 if one of them is wrong."""
    (tmp_path / "bad.yaml").write_text("schema: 1\nname: bad\nsend:\n- than: accept\n")
    (tmp_path / "good.yaml").write_text("schema: 1\nname: good\nsend:\n- then: accept\n")

    result = run("check", f"{tmp_path}/bad.yaml", f"{tmp_path}/good.yaml", f"{tmp_path}/none.yaml")

    assert result.exit_code == 2
    assert result.stdout == f"ok: {tmp_path}/good.yaml: good, 1 send and 0 deliver rules\n"
    assert result.stderr == (
        f"{tmp_path}/bad.yaml:4:3: unknown key 'than' in a send rule (did you mean 'then'?)\n"
        f"{tmp_path}/none.yaml: there is no such file\n"
    )
    assert run("check", f"{tmp_path}/good.yaml").exit_code == 0


def test_try() -> None:
    """try says what each send gets and which rule said so."""
    result = run("try", "retry-then-ok", "--to", UK, "--times", "3")

    assert result.output.splitlines() == [
        "1. fail internal_error  [retry-then-ok/1#1]",
        "2. fail internal_error  [retry-then-ok/1#2]",
        "3. accept  [retry-then-ok/1#3]",
    ]


def test_try_tells_why_not() -> None:
    """try says of each rule that did not fire why, and what becomes of the messages."""
    result = run(
        "try",
        "magic-numbers,uk-is-down,delivery-fails",
        "--to",
        UK,
        "--to",
        DE,
        "--channel",
        "whatsapp",
        "--times",
        "1",
    )

    lines = result.output.splitlines()
    assert lines[0] == "1. accept  [no rule fired]"
    assert f"     not magic-numbers/n40: to: {UK} or {DE}, wanted +15005550140" in lines
    assert lines[-2:] == [
        f"     {UK} by whatsapp: FAILED instead of PROCESSED (ERR_ROUTE_DENIED)  [uk-is-down/no-route]",
        f"     {DE} by whatsapp: ends DELIVERED, every 20s  [uk-is-down/slow-whatsapp]",
    ]


def test_try_with_all_options(tmp_path: Path) -> None:
    """try takes what a send has: template, headers, key, sandbox; a key that was kept is replayed."""
    path = tmp_path / "t.yaml"
    path.write_text("""
schema: 1
name: t
send:
  - when: {template: t1, header: {x-a: b}, sandbox: true, idempotency_key: present}
    then: [{fail: rate_limited, retry_after: 5s, drip: 2s}, {drop: reset, commit: true, delay: 900ms}]
deliver:
  - then: {reach: SENT, every: {min: 1s, max: 2s}}
""")

    result = run(
        "try",
        str(path),
        "--to",
        UK,
        *["--template", "t1", "--header", "X-A=b", "--sandbox", "--key", "k", "--times", "3"],
    )

    assert result.output.splitlines() == [
        "1. fail rate_limited dripping over 2s retry after 5  [t/1#1]",
        "2. drop reset after 0.9s (the send is kept)  [t/1#2]",
        f"     {UK} by sent: ends SENT, every 1s to 2s  [t/1]",
        "3. replay of send 2: the key is known, no rule is asked",
    ]


def test_try_tells_all_that_becomes_of_messages(tmp_path: Path) -> None:
    """try tells outcomes, holds, routes and the answers of phones."""
    path = tmp_path / "day.yaml"
    path.write_text(
        "schema: 1\nname: day\ndeliver:\n"
        f'- {{when: {{to: "{UK}"}}, then: {{fail: opted_out}}}}\n- then: {{hold: 8h, route: [whatsapp, sms]}}\n'
        "reply:\n- then: {text: STOP, after: {min: 1s, max: 5s}, channel: rcs}\n"
    )

    phone = "once delivered, the phone writes 'STOP' after 1s to 5s on rcs  [day/1]"
    assert run("try", str(path), "--to", UK, "--to", DE, "--times", "1").output.splitlines()[1:] == [
        f"     {UK} by sent: ends with opted_out  [day/1]",
        f"     {UK} by sent: {phone}",
        f"     {DE} by sent: held for 28800s, then ends DELIVERED, by whatsapp and then sms  [day/2]",
        f"     {DE} by sent: {phone}",
    ]
    assert "1 reply rules" in run("check", str(path)).output


def test_try_with_a_pause() -> None:
    """The clock of try moves on by the pause, so that a limit's window ends."""
    result = run("try", "rate-limit-starter", "--to", UK, "--times", "70", "--pause", "500ms")

    lines = [line for line in result.output.splitlines() if line[0].isdigit()]
    assert lines[60] == "61. fail rate_limited retry after 30  [rate-limit-starter/1]"
    assert run("try", "rate-limit-starter", "--to", UK, "--times", "70", "--pause", "1s").output.count("fail") == 0


def test_try_without_a_recipient() -> None:
    """Without --to it tries an ordinary number, says so beside the answers, and gives the same answers as with it."""
    result, named = run("try", "retry-then-ok"), run("try", "retry-then-ok", "--to", "+14155551234")

    assert (result.exit_code, result.stdout) == (0, named.stdout)
    assert result.stdout.startswith("1. fail internal_error  [retry-then-ok/1#1]")
    assert (result.stderr, named.stderr) == ("to +14155551234; --to names another recipient\n", "")


def test_misuse(tmp_path: Path) -> None:
    """Each misuse of the command is one line and exit code 2."""
    for words, said in (
        (["show", "slwo"], "Error: there is no scenario 'slwo' (did you mean 'slow'?)\n"),
        (["try", "shakey", "--to", UK], "Error: there is no scenario 'shakey' (did you mean 'shaky'?)\n"),
        (["try", "shaky", "--to", UK, "--header", "x"], "Error: --header 'x' has no value; write NAME=VALUE\n"),
        (["try", "shaky", "--to", "0770"], "Error: --to '0770' is not a number such as +447700900123\n"),
        (
            ["try", "shaky", "--to", UK, "--pause", "5"],
            "Error: --pause '5' is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m\n",
        ),
    ):
        result = run(*words)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)
    missing = run("list", folder=tmp_path / "none")
    assert (missing.exit_code, missing.stderr) == (2, f"Error: {tmp_path}/none: there is no such directory\n")
