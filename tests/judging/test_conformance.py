"""`mock-sent conformance`: ours holds every statement, a wrong server is found out, and three ways to read it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import Live, fast_clock
from march import EDITION
from replies import ROOT
from wrong import DEVIATIONS, Deviation, Wrong

from mock_sent.app import create_app
from mock_sent.command.cli import cli
from mock_sent.contract import Edition, load
from mock_sent.ground.errors import StartupError
from mock_sent.judging.conformance.api import Target
from mock_sent.judging.conformance.judge import CHECKS, Judgement, judge
from mock_sent.serving.server import running_app
from mock_sent.settings import Settings

pytestmark = pytest.mark.real_socket

STATEMENTS = EDITION.statements
POOR, ORGANIZATION, PROFILE, OTHER = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3, 9))
STRICT: dict[str, Any] = {"auth": "required", "api_keys": (POOR, ORGANIZATION, PROFILE, OTHER)}
OPTIONS: dict[str, Any] = {
    "api_key": ORGANIZATION,
    "other_key": OTHER,
    "poor_key": POOR,
    "profile": "3f2504e0-4f89-41d3-9a0c-0305e82c3303",
    "profile_key": PROFILE,
}
# What no run of a minute can settle. Whether IDEM-6 shows depends on who is faster.
BEYOND = {"IDEM-9", "IDEM-12", "AUTH-3", "AUTH-4", "READ-9", "HEAD-5"}


def judged(url: str, *, waiting: bool = False, edition: Edition = EDITION, **more: Any) -> dict[str, Judgement]:
    """The verdicts; only with `waiting` those on what becomes of a message, which take a second each."""
    statements = [s for s in STATEMENTS if waiting or not s["id"].startswith("LIFE")]
    return {each.id: each for each in judge(Target(base_url=url, **{**OPTIONS, **more}), edition, statements)}


def of(verdicts: dict[str, Judgement], is_: str) -> set[str]:
    return {verdict.id for verdict in verdicts.values() if verdict.is_ == is_}


@contextmanager
def wrong_server(*deviations: Deviation) -> Iterator[str]:
    app = create_app(Settings(seed="wrong", log="off", **STRICT))
    with running_app(Wrong(app, *deviations), refusal=app.state.refusal) as server:
        yield server.url


def test_ours(live: Callable[..., Live]) -> None:
    """Against mock-sent as strict as the real API nothing differs, and all that can be told holds."""
    url = live(**STRICT).url
    with fast_clock(url, ORGANIZATION):
        verdicts = judged(url, waiting=True)

    assert not of(verdicts, "differs"), of(verdicts, "differs")
    assert of(verdicts, "unknown") & CHECKS.keys() <= {"IDEM-6"}
    assert of(verdicts, "unknown") >= BEYOND


def test_checks_are_of_statements() -> None:
    """Every check has its statement in a contract."""
    assert CHECKS.keys() <= {statement["id"] for statement in (*STATEMENTS, *october_edition().statements)}
    assert not CHECKS.keys() & BEYOND


def test_sandbox(live: Callable[..., Live]) -> None:
    """With --sandbox nothing is sent or kept: what needs a real send is unknown, the rest holds."""
    server = live(**STRICT)
    verdicts = judged(server.url, sandbox=True)

    assert not of(verdicts, "differs"), of(verdicts, "differs")
    real = {"SEND-7", "SEND-9", "SEND-10", "SEND-11", "SEND-13", "IDEM-7", "READ-1", "READ-2", "READ-3", "READ-4"}
    assert real <= of(verdicts, "unknown")
    assert {verdicts[id].why for id in real} == {"needs a real send; --sandbox forbids it"}
    assert len(of(verdicts, "holds")) >= 40
    assert "messages=" not in server.log.getvalue()


def test_without_options(live: Callable[..., Live]) -> None:
    """What a missing option would have told is unknown, and the reason names the option."""
    verdicts = judged(live(**STRICT).url, other_key="", poor_key="", profile="", profile_key="")

    assert not of(verdicts, "differs")
    assert verdicts["IDEM-4"].why == "needs --other-key"
    assert verdicts["SEND-11"].why == "needs --poor-key"
    assert verdicts["AUTH-8"].why == "needs --profile-key"


@pytest.mark.parametrize("id", DEVIATIONS)
def test_each_deviation_is_found(id: str) -> None:
    """One planted deviation, and its statement differs, with a reason."""
    with wrong_server(DEVIATIONS[id]) as url:
        verdicts = judged(url)

    assert verdicts[id].is_ == "differs"
    assert verdicts[id].why


def test_all_ten_deviations_are_found() -> None:
    """Together they hide nothing of one another."""
    with wrong_server(*DEVIATIONS.values()) as url:
        verdicts = judged(url)

    assert len(DEVIATIONS) == 10
    assert DEVIATIONS.keys() <= of(verdicts, "differs")


def test_no_deviation_is_imagined() -> None:
    """The changing server without a deviation is ours."""
    with wrong_server() as url:
        assert not of(judged(url), "differs")


# What a contract of the user's calls otherwise.
RENAMED = {
    "VALIDATION_": "INVALID_",
    "RESOURCE_": "MISSING_",
    "BUSINESS_": "TRADE_",
    "PROCESSED": "ROUTED",
    "FAILED": "LOST",
    "DELIVERED": "ARRIVED",
    "ERR_TEMPLATE_PARAMS_INVALID": "ERR_VALUES",
    "Template not found": "No such template",
    "Request validation failed": "Not valid",
    "'202':": "'201':",
}


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """A contract that has other statuses, codes and texts than ours."""
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    for old, new in RENAMED.items():
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return path


def test_what_is_expected_comes_from_the_contract(live: Callable[..., Live], renamed: Path) -> None:
    """A server with a contract of its own differs from it in nothing, whatever its words are."""
    url = live(**STRICT, contract=str(renamed)).url
    with fast_clock(url, ORGANIZATION):
        verdicts = judged(url, waiting=True, edition=load(renamed))

    assert not of(verdicts, "differs"), {id: verdicts[id].why for id in of(verdicts, "differs")}
    assert of(verdicts, "unknown") & CHECKS.keys() <= {"IDEM-6"}


def test_a_wrong_contract_shows(live: Callable[..., Live], renamed: Path) -> None:
    """A contract that is not the server's is told by what the server answers instead."""
    url = live(**STRICT).url
    with fast_clock(url, ORGANIZATION):
        verdicts = judged(url, waiting=True, edition=load(renamed))

    assert verdicts["SEND-1"].why == "status is 202, not 201"
    assert verdicts["SEND-10"].why == "error.code is 'RESOURCE_002', not 'MISSING_002'"
    assert verdicts["LIFE-4"].why.startswith("status is 202")
    assert of(verdicts, "differs") >= {"ERR-4", "ERR-5", "ERR-8", "ERR-12", "IDEM-1", "LIFE-1", "READ-5", "WEB-14"}


def test_command_with_a_contract_of_the_users(
    live: Callable[..., Live], renamed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MOCK_SENT_CONTRACT says what the command expects."""
    server = live(**STRICT, contract=str(renamed))
    with fast_clock(server.url, ORGANIZATION):
        theirs = command(server.url, "--format", "json", "--sandbox")
        monkeypatch.setenv("MOCK_SENT_CONTRACT", str(renamed))
        own = command(server.url, "--format", "json", "--sandbox")

    assert (theirs.exit_code, own.exit_code) == (1, 0), own.output
    assert json.loads(own.output)["counts"].keys() == {"holds", "unknown"}


def test_what_the_contract_lacks_is_unknown(live: Callable[..., Live], tmp_path: Path) -> None:
    """A statement about an operation that the contract does not describe is left open."""
    path = tmp_path / "own.yaml"
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    path.write_text(text.replace("operationId: createWebhook", "operationId: newWebhook"), "utf-8")
    verdicts = judged(live(**STRICT).url, edition=load(path), sandbox=True)

    assert verdicts["WEB-14"].why == "the contract has no operation createWebhook"


def test_another_server() -> None:
    """A server of another API is wrong, and stops nothing."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"[]"})

    refusal = create_app(Settings(log="off")).state.refusal
    with running_app(app, refusal=refusal) as server:
        verdicts = judged(server.url)

    assert of(verdicts, "holds") <= {"SEND-8"}
    assert len(of(verdicts, "differs")) > 40


def test_nobody_there() -> None:
    """That nobody answers is no verdict."""
    with pytest.raises(StartupError, match="cannot be judged"):
        judged("http://127.0.0.1:9")


DESIGN = {"AUTH-1", "AUTH-2", "AUTH-5", "AUTH-9", "ERR-3", "SAND-5"}


@pytest.mark.parametrize("sandbox", [True, False])
def test_a_mock_as_it_is(live: Callable[..., Live], sandbox: bool) -> None:
    """A mock with its usual settings differs by design alone: each reason names its setting, and the exit code is 0."""
    url = live().url
    with fast_clock(url, ORGANIZATION):
        text, data = command(url, *["--sandbox"][:sandbox]), command(url, "--sandbox", "--format", "json")
        junit = command(url, "--sandbox", "--format", "junit")

    assert (text.exit_code, data.exit_code, junit.exit_code) == (0, 0, 0), text.output
    assert text.output.splitlines()[-1].split(", ")[1:3] == ["0 differ", f"{len(DESIGN)} differ by design"]
    assert "differs by design: MOCK_SENT_AUTH=optional lets a request without a key in (AUTH-3)" in text.output
    found = json.loads(data.output)
    assert {s["id"] for s in found["statements"] if s["verdict"] == "by_design"} == DESIGN
    assert found["counts"]["by_design"] == len(DESIGN)
    suite = ElementTree.fromstring(junit.output)
    assert (suite.get("failures"), suite.get("skipped")) == ("0", str(len(suite.findall("testcase/skipped"))))


@pytest.mark.parametrize(
    ("settings", "differing"),
    [
        ({**STRICT, "unknown_templates": "accept"}, {"SEND-10", "IDEM-7"}),
        ({**STRICT, "auth_errors": "envelope"}, {"ERR-3"}),
        ({**STRICT, "max_body": 10_000_000}, {"ERR-6"}),
        ({**STRICT, "max_body": 10_000}, {"SEND-12"}),
        ({"auth": "required"}, {"AUTH-2", "ERR-3"}),
        ({"api_keys": STRICT["api_keys"]}, {"AUTH-1", "AUTH-5", "AUTH-9", "SAND-5"}),
    ],
)
def test_each_setting_that_deviates(live: Callable[..., Live], settings: dict[str, Any], differing: set[str]) -> None:
    """What another setting changes is by design, and everything else is judged as before."""
    verdicts = judged(live(**settings).url)

    assert (of(verdicts, "differs"), of(verdicts, "by_design")) == (set(), differing)


@pytest.mark.parametrize("settings", [{"mode": "examples"}, {"scenario": "insufficient-balance"}])
def test_a_mock_that_plays(live: Callable[..., Live], settings: dict[str, Any]) -> None:
    """A mock of examples, or with a scenario, differs in much, and says why."""
    verdicts = judged(live(**STRICT, **settings).url)

    assert not of(verdicts, "differs")
    assert len(of(verdicts, "by_design")) > 10


def test_a_deviation_is_not_excused(live: Callable[..., Live]) -> None:
    """What a mock does not declare differs, and so does what another server than a mock does."""
    app = create_app(Settings(seed="wrong", log="off"))
    with running_app(Wrong(app, DEVIATIONS["SEND-1"]), refusal=app.state.refusal) as server:
        assert of(judged(server.url), "differs") >= {"SEND-1"}

    def disguise(reply: Any) -> None:
        reply.headers.pop("x-mock-explain", None)

    app = create_app(Settings(seed="wrong", log="off"))
    with running_app(Wrong(app, disguise), refusal=app.state.refusal) as server:
        assert of(judged(server.url), "differs") >= DESIGN


def command(url: str, *more: str) -> Any:
    arguments = ["conformance", "--base-url", url, "--api-key", ORGANIZATION, *more]
    return CliRunner().invoke(cli, arguments)


def test_text(live: Callable[..., Live]) -> None:
    """One line for each statement, a sum at the end, and exit code 0 when nothing differs."""
    url = live(**STRICT).url
    with fast_clock(url, ORGANIZATION):
        result = command(url)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("holds   SEND-1  A send is answered at once with 202")
    assert lines[-1].endswith(" unknown")
    assert ", 0 differ, " in lines[-1]


def test_json_and_exit_code() -> None:
    """JSON has a verdict for each statement; exit code 1 says that something differs."""
    with wrong_server(DEVIATIONS["SEND-1"]) as url:
        result = command(url, "--format", "json", "--sandbox")

    assert result.exit_code == 1
    found = json.loads(result.output)
    assert [entry["id"] for entry in found["statements"]] == [statement["id"] for statement in STATEMENTS]
    (first,) = (entry for entry in found["statements"] if entry["id"] == "SEND-1")
    assert (first["verdict"], first["why"]) == ("differs", "status is 200, not 202")
    assert sum(found["counts"].values()) == len(STATEMENTS)


def test_junit() -> None:
    """JUnit has a failure for what differs and a skip for what is unknown."""
    with wrong_server(DEVIATIONS["SAND-1"]) as url, fast_clock(url, ORGANIZATION):
        result = command(url, "--format", "junit")

    suite = ElementTree.fromstring(result.output)
    assert suite.get("tests") == str(len(STATEMENTS)) == str(len(suite))
    failed = [case.get("name", "").split()[0] for case in suite if case.find("failure") is not None]
    assert "SAND-1" in failed
    assert suite.get("failures") == str(len(failed))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


def test_a_mock_of_october(live: Callable[..., Live]) -> None:
    """It names its edition, is judged by that contract, and nothing differs."""
    url = live(edition="2026-10", free_text="open").url
    with fast_clock(url, ORGANIZATION):
        result = command(url, "--other-key", OTHER)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[-2] == "judged by the contract of the edition 2026-10: the mock names it"
    assert ", 0 differ, " in lines[-1]
    held = {line.split()[1] for line in lines if line.startswith("holds")}
    assert held >= {"SEND-9", "SEND-13", "SEND-15", "SEND-16", "SEND-17", "SEND-19", "LIFE-1", "LIFE-4", "WEB-17"}


def test_october_as_strict_as_the_real_api(live: Callable[..., Live]) -> None:
    """With the keys that a statement needs, profiles and a poor account too."""
    settings = {**STRICT, "edition": "2026-10"}
    url, october = live(**settings).url, october_edition()
    with fast_clock(url, POOR):
        verdicts = {each.id: each for each in judge(Target(base_url=url, **OPTIONS), october, october.statements)}

    assert of(verdicts, "differs") == set(), [verdicts[id] for id in of(verdicts, "differs")]
    assert verdicts["SEND-11"].is_ == "holds"


def test_the_account_has_another_edition_than_the_server(live: Callable[..., Live]) -> None:
    """What counts is what the key's account speaks."""
    client = live()
    client.put("/_mock/edition", json={"edition": "2026-10"}, headers={"x-api-key": ORGANIZATION})

    assert judged_by(command(client.url, "--sandbox")) == "2026-10: the mock names it"
    assert judged_by(command(live().url, "--sandbox")) == "2026-03: the mock names it"


def test_the_edition_of_another_server() -> None:
    """One that is no mock is told by the status that it answers to a send in the sandbox."""

    def disguise(reply: Any) -> None:
        for name in ("x-mock-explain", "x-mock-edition"):
            reply.headers.pop(name, None)

    app = create_app(Settings(seed="wrong", log="off", edition="2026-10"))
    with running_app(Wrong(app, disguise), refusal=app.state.refusal) as server:
        found = judged_by(command(server.url, "--sandbox"))
        chosen = command(server.url, "--sandbox", "--edition", "2026-03")

    assert found == "2026-10: a sandbox send was answered with the status 'QUEUED'"
    assert judged_by(chosen) == "2026-03: --edition names it"
    assert chosen.exit_code == 1
    assert "differs SEND-1 " in chosen.output


def test_an_edition_that_nothing_tells() -> None:
    """Then it is that of the settings, and the report says so; an edition that there is not is refused."""

    def forget(reply: Any) -> None:
        reply.headers.pop("x-mock-explain", None)

    app = create_app(Settings(seed="wrong", log="off", auth="required", api_keys=(OTHER,)))
    with running_app(Wrong(app, forget), refusal=app.state.refusal) as server:
        found = judged_by(command(server.url, "--sandbox", "--api-key", "nobody-knows-this-key"))

    assert found.startswith("2026-03: no answer told the server's, and this is that of MOCK_SENT_EDITION=auto; ")
    refused = command("http://127.0.0.1:9", "--edition", "2026-1O")
    assert refused.exit_code == 2
    assert "there is no edition '2026-1O'; there are 2026-03, 2026-10" in refused.output


def judged_by(result: Any) -> str:
    """The edition by which a server was judged, and why."""
    found: str = result.output.splitlines()[-2].removeprefix("judged by the contract of the edition ")
    return found


def october_edition() -> Edition:
    return load(ROOT / "editions" / "2026-10" / "openapi.yaml", anonymous=False)
