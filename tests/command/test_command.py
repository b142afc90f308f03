"""The command `mock-sent`, run as a person runs it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import yaml
from commands import COMMAND, PATIENCE, environment, run, serving
from conftest import PAGE_REQUEST
from replies import ROOT, Replies

import mock_sent

pytestmark = pytest.mark.real_socket


def pasted(line: str) -> tuple[int, dict[str, object]]:
    """What a shell gets for a line of curl: the status and the answer."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    done = subprocess.run(
        ["sh", "-c", f"{line} -s -w '\\n%{{http_code}}'"], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def test_the_first_two_lines() -> None:
    """The first line is the address, the second a curl that gets the page's answer when it is pasted."""
    with serving("--port", "0") as server:
        assert re.fullmatch(r"mock-sent listening on http://127\.0\.0\.1:\d+", server.lines[0])
        assert server.lines[1].startswith(f"curl {server.url}/v3/messages ")
        status, answer = pasted(server.lines[1])

    assert status == 202
    assert answer["data"]["body"] == "Hi John Doe, your order #12345 has been confirmed."  # type: ignore[index]


def test_the_third_line_repeats_the_ids() -> None:
    """The third line names the seed, and the seed gives the same ids again."""
    ids = []
    for _ in range(2):
        with serving("serve", "--port", "0") as server:
            seed = re.search(r"MOCK_SENT_SEED=(\w+) repeats", server.lines[2])
            assert seed
            answer = httpx2.post(f"{server.url}/v3/messages", json=PAGE_REQUEST).json()
            ids.append((seed[1], answer["data"]["recipients"]))
    with serving("--port", "0", variables={"MOCK_SENT_SEED": ids[0][0]}) as server:
        again = httpx2.post(f"{server.url}/v3/messages", json=PAGE_REQUEST).json()["data"]["recipients"]

    assert ids[0] != ids[1]
    assert again == ids[0][1]


def test_the_fourth_line_is_the_inbox() -> None:
    """The last line of the start is the address of the inbox, and a page is there."""
    with serving("--port", "0") as server:
        inbox = server.lines[3].rpartition(" ")[2]
        page = httpx2.get(inbox)

    assert inbox == f"{server.url}/_mock/inbox"
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")


def test_the_curl_when_keys_are_listed() -> None:
    """With a list of keys the line shows where to put one, and no key."""
    with serving("--port", "0", variables={"MOCK_SENT_API_KEYS": "canary-canary-1234"}) as server:
        assert "x-api-key: ONE_OF_MOCK_SENT_API_KEYS" in server.lines[1]
        assert "canary" not in "".join(server.lines)


def test_the_curl_of_another_contract(tmp_path: Path) -> None:
    """The line follows a contract of the user's, quotes and all."""
    path = tmp_path / "own.yaml"
    text = (ROOT / "openapi.yaml").read_text().replace("  /v3/messages:\n    post:", "  /v4/letters:\n    put:")
    path.write_text(text.replace("{name: John Doe, order_id", '{name: "O\'Hara $HOME `id`", order_id'))

    with serving("--port", "0", "--contract", str(path)) as server:
        status, answer = pasted(server.lines[1])

    assert status == 202
    assert answer["data"]["body"] == "Hi O'Hara $HOME `id`, your order #12345 has been confirmed."  # type: ignore[index]


def test_the_bare_command_obeys_the_environment(tmp_path: Path, replies: Replies) -> None:
    """Without a verb it serves, and every setting may be a variable."""
    port_file = tmp_path / "port"
    variables = {"MOCK_SENT_PORT": "0", "MOCK_SENT_PORT_FILE": str(port_file), "MOCK_SENT_AUTH": "required"}

    with serving(variables=variables) as server:
        port = int(port_file.read_text())
        assert server.url.endswith(f":{port}")
        response = httpx2.post(f"http://127.0.0.1:{port}/v3/messages", json=PAGE_REQUEST)

    replies.check(response)
    assert response.status_code == 401


def test_an_option_wins_over_a_variable(tmp_path: Path) -> None:
    """`--auth optional` beats `MOCK_SENT_AUTH=required`; without a verb too."""
    variables = {"MOCK_SENT_AUTH": "required", "MOCK_SENT_PORT": "1"}
    with serving("--port", "0", "--auth", "optional", variables=variables) as server:
        assert httpx2.post(f"{server.url}/v3/messages", json=PAGE_REQUEST).status_code == 202


def test_plain_port() -> None:
    """`PORT` is obeyed as platforms expect, below `MOCK_SENT_PORT`."""
    with serving(variables={"PORT": "0"}) as server:
        assert not server.url.endswith(":4010")
    assert "MOCK_SENT_PORT               7 " in run("config", PORT="8", MOCK_SENT_PORT="7").stdout


def test_localhost_in_both_families() -> None:
    """`localhost` finds the server, whichever address a client takes it for."""
    with serving("--port", "0") as server:
        port = server.url.rpartition(":")[2]
        assert httpx2.get(f"http://localhost:{port}/openapi.json").status_code == 200


def test_a_port_in_use() -> None:
    """One clear line, and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))

    line = f"mock-sent: port {port} on 127.0.0.1 is in use; stop the other server or set MOCK_SENT_PORT / --port\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


BAD = [
    ({"MOCK_SENT_PROT": "1"}, (), "there is no setting MOCK_SENT_PROT (did you mean 'MOCK_SENT_PORT'?); "),
    ({"MOCK_SENT_XYZZY": "1"}, (), "there is no setting MOCK_SENT_XYZZY; `mock-sent config` lists them"),
    ({"MOCK_SENT_PORT": "http"}, (), "MOCK_SENT_PORT must be a whole number from 0 to 65535; it is 'http'"),
    ({"MOCK_SENT_PORT": "65536"}, (), "MOCK_SENT_PORT must be a whole number from 0 to 65535; it is '65536'"),
    ({"MOCK_SENT_PORT": "٤٠١٠"}, (), "MOCK_SENT_PORT must be a whole number from 0 to 65535"),
    ({"MOCK_SENT_PORT": "-1"}, (), "MOCK_SENT_PORT must be a whole number"),
    ({"PORT": "x"}, (), "PORT must be a whole number from 0 to 65535; it is 'x'"),
    ({}, ("--port", "x"), "--port must be a whole number from 0 to 65535; it is 'x'"),
    (
        {"MOCK_SENT_AUTH": "requird"},
        (),
        "MOCK_SENT_AUTH must be one of optional, required (did you mean 'required'?)",
    ),
    ({"MOCK_SENT_AUTH": "true"}, (), "MOCK_SENT_AUTH must be one of optional, required; it is 'true'"),
    (
        {"MOCK_SENT_AUTH_ERRORS": "json"},
        (),
        "MOCK_SENT_AUTH_ERRORS must be one of edition, empty, envelope",
    ),
    ({"MOCK_SENT_HEAD_TIMEOUT": "10"}, (), "MOCK_SENT_HEAD_TIMEOUT '10' is not a duration; write a number and a unit"),
    ({"MOCK_SENT_MAX_BODY": "1MB"}, (), "MOCK_SENT_MAX_BODY must be a whole number from 1 to 1073741824; it is '1MB'"),
    ({"MOCK_SENT_SEED": "a\nb"}, (), "MOCK_SENT_SEED must be printable text; it is 'a\\nb'"),
    ({"MOCK_SENT_LOG": "loud"}, (), "MOCK_SENT_LOG must be one of auto, text, json, off; it is 'loud'"),
    (
        {"MOCK_SENT_API_KEYS_FILE": "/none"},
        (),
        "MOCK_SENT_API_KEYS_FILE names '/none', which cannot be read: No such file or directory\n",
    ),
    (
        {"MOCK_SENT_CONTROL_TOKEN": "secret-canary\x01"},
        (),
        "MOCK_SENT_CONTROL_TOKEN must be printable text; it is",
    ),
    (
        {"MOCK_SENT_WEBHOOK_URL": "https://user:canary@host/\x01"},
        (),
        "MOCK_SENT_WEBHOOK_URL must be printable text; it is 'https://****@host/\\x01'",
    ),
    (
        {"MOCK_SENT_WEBHOOK_URL": "user:canary@host"},
        (),
        "MOCK_SENT_WEBHOOK_URL is '****@host', which is no http or https URL",
    ),
    ({"MOCK_SENT_FIXTURES_INLINE": "schema: 2"}, (), "MOCK_SENT_FIXTURES_INLINE:1:9: 'schema': 2 is not 1"),
    (
        {"MOCK_SENT_CONTRACT": "/none.yaml"},
        (),
        "MOCK_SENT_CONTRACT names '/none.yaml', which cannot be read: No such file or directory\n",
    ),
    ({"MOCK_SENT_FIXTURES": "/none.yaml"}, (), "MOCK_SENT_FIXTURES names '/none.yaml': there is no such file\n"),
    ({"MOCK_SENT_FIXTURES": "/"}, (), "MOCK_SENT_FIXTURES names '/': this is a directory, not a file\n"),
    ({"MOCK_SENT_SCENARIOS_DIR": "/none"}, (), "MOCK_SENT_SCENARIOS_DIR names '/none': there is no such directory\n"),
    ({"MOCK_SENT_SCENARIO": "/none.yaml"}, (), "MOCK_SENT_SCENARIO: /none.yaml: there is no such file\n"),
    ({"MOCK_SENT_SCENARIO": "slwo"}, (), "MOCK_SENT_SCENARIO: there is no scenario 'slwo' (did you mean 'slow'?)\n"),
    (
        {"MOCK_SENT_HOST": "256.256.256.256"},
        (),
        "host '256.256.256.256' cannot be resolved; set MOCK_SENT_HOST",
    ),
    (
        {"MOCK_SENT_PORT_FILE": "/none/port"},
        ("--port", "0"),
        "MOCK_SENT_PORT_FILE names '/none/port', which",
    ),
]


@pytest.mark.parametrize(("variables", "arguments", "complaint"), BAD)
def test_bad_settings(variables: dict[str, str], arguments: tuple[str, ...], complaint: str) -> None:
    """One line that names the setting and says what to do; exit code 2; no traceback and no secret."""
    free = {} if "PORT" in variables else {"MOCK_SENT_PORT": "0"}
    done = run("serve", *arguments, **{**free, **variables})

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"mock-sent: {complaint}")
    assert done.stderr.count("\n") == 1
    assert "canary" not in done.stderr


def test_an_unknown_option() -> None:
    """A mistyped option is refused with a suggestion."""
    done = run("--prot", "1")

    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("--workers", "4"), {}),
        (("serve", "--workers", "4"), {}),
        (("--workers=4",), {}),
        (("--workers",), {}),
        (("serve", "--workers", "--port", "0"), {}),
        (("config", "--workers", "4"), {}),
        ((), {"MOCK_SENT_WORKERS": "4"}),
        (("config",), {"MOCK_SENT_WORKERS": "x"}),
    ],
)
def test_several_workers(arguments: tuple[str, ...], variables: dict[str, str]) -> None:
    """One sentence says why there is one process and what to do instead; exit code 2."""
    done = run(*arguments, **{"MOCK_SENT_PORT": "0", **variables})

    source = "MOCK_SENT_WORKERS" if variables else "--workers"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"mock-sent: {source} cannot be obeyed: accounts, messages and idempotency keys live in one process, so "
        "several would each answer from a world of their own; start several servers on several ports, or use several "
        "API keys\n"
    )


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("--workers", "1"), {}),
        ((), {"MOCK_SENT_WORKERS": "1"}),
        ((), {"MOCK_SENT_WORKERS": ""}),
        ((), {"WEB_CONCURRENCY": "4"}),
        ((), {"WEB_CONCURRENCY": "many"}),
    ],
)
def test_one_worker(arguments: tuple[str, ...], variables: dict[str, str]) -> None:
    """One worker is what there is; WEB_CONCURRENCY, which platforms set by themselves, stops nothing."""
    with serving("--port", "0", *arguments, variables=variables) as server:
        assert httpx2.post(f"{server.url}/v3/messages", json=PAGE_REQUEST).status_code == 202


def test_an_empty_variable_is_unset() -> None:
    """An empty variable gives the default, as compose files leave them."""
    assert re.search(r"MOCK_SENT_AUTH +optional +default", run("config", MOCK_SENT_AUTH="").stdout)


def test_config(tmp_path: Path) -> None:
    """Every setting with its value and where it came from; of secrets the last four characters at most."""
    token = tmp_path / "token"
    token.write_text("token-canary-9876\n")
    done = run(
        "config",
        "--max-keys",
        "5",
        MOCK_SENT_API_KEYS="key-canary-1234, short",
        MOCK_SENT_CONTROL_TOKEN_FILE=str(token),
        MOCK_SENT_HEAD_TIMEOUT="2s",
        MOCK_SENT_FIXTURES_INLINE="schema: 1\ndefault: {}\n",
    )

    assert done.returncode == 0
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert lines["MOCK_SENT_HOST"] == ["MOCK_SENT_HOST", "127.0.0.1", "default"]
    assert lines["MOCK_SENT_PORT"] == ["MOCK_SENT_PORT", "4010", "default"]
    assert lines["MOCK_SENT_MAX_KEYS"] == ["MOCK_SENT_MAX_KEYS", "5", "--max-keys"]
    assert lines["MOCK_SENT_API_KEYS"] == ["MOCK_SENT_API_KEYS", "****1234,****", "MOCK_SENT_API_KEYS"]
    assert lines["MOCK_SENT_CONTROL_TOKEN"][1:] == ["****9876", "MOCK_SENT_CONTROL_TOKEN_FILE"]
    assert lines["MOCK_SENT_HEAD_TIMEOUT"][1:] == ["2000ms", "MOCK_SENT_HEAD_TIMEOUT"]
    assert lines["MOCK_SENT_FIXTURES"][1:] == ["-", "default"]
    assert all(name.startswith("MOCK_SENT_") for name in lines)
    assert "canary" not in done.stdout


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:canary@host/hook?a=b", "https://****@host/hook?a=b"),
        ("https://canary@host/", "https://****@host/"),
        ("https://user:can/ary@host/", "https://****@host/"),
        ("https://user:can@ary@host/", "https://****@host/"),
        ("//user:canary@host/", "****@host/"),
        ("https://host/hook", "https://host/hook"),
        ("https://host:80/@me?to=a@b", "https://host:80/@me?to=a@b"),
        ("http://[::1]:80/@me", "http://[::1]:80/@me"),
    ],
)
def test_config_of_a_url_with_credentials(url: str, shown: str) -> None:
    """Credentials in a URL are secrets too, a password with a slash in it as well."""
    line = next(line for line in run("config", MOCK_SENT_WEBHOOK_URL=url).stdout.splitlines() if "WEBHOOK_URL" in line)

    assert line.split() == ["MOCK_SENT_WEBHOOK_URL", shown, "MOCK_SENT_WEBHOOK_URL"]


def test_openapi() -> None:
    """The contract as YAML, byte for byte, or as JSON."""
    assert run("openapi").stdout == (ROOT / "openapi.yaml").read_text()
    assert json.loads(run("openapi", "--json").stdout)["paths"] == yaml.safe_load(run("openapi").stdout)["paths"]


def test_openapi_of_the_users_contract(tmp_path: Path) -> None:
    """With MOCK_SENT_CONTRACT it is that contract, as JSON with what it leaves to the shipped one."""
    text = (ROOT / "openapi.yaml").read_text("utf-8").replace("RESOURCE_002", "RESOURCE_902")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("x-delivery:", "x-something:"), "utf-8")

    assert run("openapi", MOCK_SENT_CONTRACT=str(own)).stdout == own.read_text("utf-8")
    shown = run("openapi", "--json", MOCK_SENT_CONTRACT=str(own)).stdout
    assert "RESOURCE_902" in shown
    assert "RESOURCE_002" not in shown
    assert json.loads(shown)["x-delivery"] == yaml.safe_load(text)["x-delivery"]


@pytest.mark.parametrize("arguments", [("openapi",), ("openapi", "--json"), ("scenarios", "list")])
def test_no_contract_of_the_users(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A contract that cannot be read is one message and exit code 2."""
    done = run(*arguments, MOCK_SENT_CONTRACT=str(tmp_path / "none.yaml"))

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "none.yaml" in done.stderr


def test_scenarios_of_the_users_contract(tmp_path: Path) -> None:
    """A scenario is checked by the outcomes of MOCK_SENT_CONTRACT, not by those of the shipped one."""
    own, scenario = tmp_path / "own.yaml", tmp_path / "mine.yaml"
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    own.write_text(text.replace("code: BUSINESS_003", "code: BUSINESS_903"), "utf-8")
    scenario.write_text("schema: 1\nname: mine\nsend:\n- then: {fail: BUSINESS_903}\n")

    done = run("scenarios", "check", str(scenario))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{scenario}:4:16: the contract has no outcome 'BUSINESS_903'" in done.stderr
    done = run("scenarios", "check", str(scenario), MOCK_SENT_CONTRACT=str(own))
    assert (done.returncode, done.stdout) == (0, f"ok: {scenario}: mine, 1 send and 0 deliver rules\n")


def test_version() -> None:
    """The version alone, on one line."""
    done = run("--version")

    assert (done.returncode, done.stdout) == (0, mock_sent.__version__ + "\n")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("serve", "--help")])
def test_help(arguments: tuple[str, ...]) -> None:
    """Help goes to stdout, ends well, and names every option with its variable."""
    done = run(*arguments)

    assert done.returncode == 0
    assert "mock-sent" in done.stdout
    assert "--workers" not in done.stdout
    if "serve" in arguments:
        assert "MOCK_SENT_AUTH_ERRORS" in " ".join(done.stdout.split())


def test_as_a_module() -> None:
    """`python -m mock_sent` is the same command."""
    done = run("-m", "mock_sent", "--version", command=sys.executable)

    assert done.stdout == mock_sent.__version__ + "\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it in order, and at once, with an idle client still connected."""
    with serving("--port", "0") as server, httpx2.Client() as client:
        assert client.post(f"{server.url}/v3/messages", json=PAGE_REQUEST).status_code == 202
        code, seconds = server.stop(number)

    assert code == 0
    assert seconds < 2  # the promise is one second; the rest is for a busy machine


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_log_on_a_terminal() -> None:
    """On a terminal the log is text."""
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=follower, text=True, env=environment()
    )
    os.close(follower)
    with process:
        assert process.stdout
        url = process.stdout.readline().rpartition(" ")[2].strip()
        httpx2.post(f"{url}/v3/messages", json=PAGE_REQUEST)
        line = os.read(leader, 4_096).decode()
        process.terminate()
    os.close(leader)

    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} 202 POST /v3/messages \d+ms req_\w{10} account=anonymous ", line)


def log_of(tmp_path: Path, **variables: str) -> list[str]:
    path = tmp_path / "log"
    with serving("--port", "0", log=path, variables=variables) as server:
        headers = {"x-api-key": "canary-canary-1234", "idempotency-key": "k"}
        httpx2.post(f"{server.url}/v3/messages", json=PAGE_REQUEST, headers=headers)
        httpx2.post(f"{server.url}/v3/messages", json={}, headers=headers)
        server.stop()
    lines = path.read_text().splitlines()
    assert not any("canary" in line for line in lines)
    return lines


def test_log_as_text(tmp_path: Path) -> None:
    """`LOG=text`: a line for each request, for people."""
    first, second = log_of(tmp_path, MOCK_SENT_LOG="text")

    assert " 202 POST /v3/messages " in first
    assert "account=****1234/33f1ec key=k fresh messages=4" in first
    assert " 400 POST /v3/messages " in second
    assert "faults: 'to' must contain at least one recipient; 'template' is required" in second


@pytest.mark.parametrize("variables", [{"MOCK_SENT_LOG": "json"}, {}])
def test_log_as_json(tmp_path: Path, variables: dict[str, str]) -> None:
    """`LOG=json`, and no terminal: an object for each request, for machines."""
    first, second = map(json.loads, log_of(tmp_path, **variables))

    assert (first["status"], first["method"], first["path"]) == (202, "POST", "/v3/messages")
    assert (first["account"], first["key"]) == ("****1234/33f1ec", "k")
    assert (first["key_fate"], first["messages"]) == ("fresh", 4)
    assert second["faults"] == ["'to' must contain at least one recipient", "'template' is required"]


def test_no_log(tmp_path: Path) -> None:
    """`LOG=off`: nothing."""
    assert log_of(tmp_path, MOCK_SENT_LOG="off") == []
