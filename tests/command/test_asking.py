"""`audit`, `conformance` and `healthcheck` against servers that answer oddly or not at all."""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import perf_counter
from xml.etree import ElementTree

import pytest
from commands import environment
from conftest import Live
from odd import BROKEN, GOOD, LATE, OTHERS, SLOW, Odd, answer, changed, drips, ids, odd, of_finding, says, stays

from mock_sent.command import healthcheck
from mock_sent.command.cli import main

pytestmark = pytest.mark.real_socket

KEY, TOKEN = "sk_live_5b7e02c9", "token-77d1f4aa"
LONGEST = float(LATE.split()[1])
# Whatever the machine does besides.
SLACK = 5

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The exit code, and what was written to the two streams. Nothing that was written has a secret."""

    def run_(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        assert TOKEN not in said.out + said.err
        return int(end.value.code or 0), said.out, said.err

    return run_


def audit(run: Run, url: str, *more: str, timeout: float = SLACK) -> tuple[int, str, str]:
    span = f"{timeout * 1000:.0f}ms"
    return run("audit", "--url", url, "--api-key", KEY, "--token", TOKEN, "--timeout", span, *more)


def conformance(run: Run, url: str, *more: str, timeout: float = SLACK) -> tuple[int, str, str]:
    span = f"{timeout * 1000:.0f}ms"
    return run("conformance", "--base-url", url, "--api-key", KEY, "--sandbox", "--timeout", span, *more)


def assert_one_sentence(said: str, part: str) -> None:
    assert said.startswith("mock-sent: ")
    assert said.endswith("\n")
    assert said[:-1].isascii()
    assert said[:-1].isprintable()
    assert len(said) < 1100
    assert part in said


@pytest.mark.parametrize("case", [*BROKEN, *OTHERS], ids=ids([*BROKEN, *OTHERS]))
def test_audit(run: Run, case: Odd) -> None:
    """One sentence says what is odd; exit code 2."""
    with odd(case.play) as server:
        code, out, err = audit(run, server.url)

    assert (code, out) == (2, "")
    assert_one_sentence(err, case.audit)


@pytest.mark.parametrize("case", SLOW, ids=ids(SLOW))
def test_audit_has_a_total_timeout(run: Run, case: Odd) -> None:
    """The time-out is for the whole answer, not for each of its reads."""
    with odd(case.play) as server:
        started = perf_counter()
        code, out, err = audit(run, server.url, timeout=LONGEST)

    assert (code, out) == (2, "")
    assert_one_sentence(err, case.audit)
    assert perf_counter() - started < LONGEST + SLACK


@pytest.mark.parametrize(
    "accounts",
    [
        ..., None, {}, [None], [[]], [{}], [{"api_key": "k"}], [{"api_key": 1, "findings": []}],
        [{"api_key": "k", "findings": [{"sentence": "x"}]}], [{"findings": GOOD["findings"]}],
    ],
)  # fmt: skip
def test_audit_of_all(run: Run, accounts: object) -> None:
    """The accounts are looked at as well, at every level."""
    with odd(changed(accounts=accounts)) as server:
        code, out, err = audit(run, server.url, "--all")

    assert (code, out) == (2, "")
    assert_one_sentence(err, "is no mock-sent server of this version: the answer")


def test_what_an_audit_prints(run: Run) -> None:
    """A sentence has one line of printable ASCII, whatever it is made of, and no key."""
    with odd(of_finding(sentence=f"a\nb\x1b[2J\u202e\ud800 {KEY}")) as server:
        code, out, err = audit(run, server.url)

    assert (code, err) == (1, "")
    assert out == "a\\u000ab\\u001b[2J\\u202e\\ud800 ****\nfailed: 1 errors, 0 warnings\n"


def test_information_before_the_answer(run: Run) -> None:
    """Answers of 1xx are skipped."""
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(json.dumps(GOOD))
    with odd(stays(data)) as server:
        assert audit(run, server.url)[0] == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(run: Run, status: int) -> None:
    """Neither key nor token travels to another server; the sentence names it, without a query."""
    with odd(says(answer(json.dumps(GOOD)))) as other:
        location = f"Location: {other.url}/x?token=secret"
        with odd(says(answer("", f"{status} Elsewhere", location))) as server:
            code, _, err = audit(run, server.url)
            judged = conformance(run, server.url)

    assert other.received == []
    assert code == 2
    assert_one_sentence(err, f"(is it {other.url}/x?)")
    assert (judged[0], f"status is {status}, not 202" in judged[1]) == (1, True)


@pytest.mark.parametrize("case", [*BROKEN, *SLOW], ids=ids([*BROKEN, *SLOW]))
def test_conformance_of_no_server(run: Run, case: Odd) -> None:
    """Where nothing answers as HTTP, there is no report but one sentence; exit code 2."""
    with odd(case.play) as server:
        code, out, err = conformance(run, server.url, timeout=LONGEST if case in SLOW else SLACK)

    assert (code, out) == (2, "")
    assert_one_sentence(err, "cannot be judged: no answer to GET /v3/nothing: ")
    assert case.audit.replace("64", "8") in err


@pytest.mark.parametrize("case", OTHERS, ids=ids(OTHERS))
def test_conformance_of_another_server(run: Run, case: Odd) -> None:
    """Another server differs, in lines of printable ASCII; exit code 1."""
    with odd(case.play) as server:
        code, out, err = conformance(run, server.url)

    assert (code, err) == (1, "")
    assert all(line.isascii() and line.isprintable() and len(line) < 600 for line in out.splitlines())
    assert "differs SEND-1" in out
    assert "Traceback" not in out


UNWELL = [*BROKEN, *OTHERS[::4], *SLOW[::2]]


@pytest.mark.parametrize("case", UNWELL, ids=ids(UNWELL))
def test_healthcheck(capsys: pytest.CaptureFixture[str], case: Odd) -> None:
    """None of them is well: one sentence, exit code 1, before the image's time is over."""
    with odd(case.play) as server:
        started = perf_counter()
        code = healthcheck.main([f"127.0.0.1:{server.port}"], {})

        assert perf_counter() - started < 1.9
    assert code == 1
    assert_one_sentence(capsys.readouterr().err, f"127.0.0.1 port {server.port}")


FORMS = ("text", "json", "junit")


@pytest.mark.parametrize("form", FORMS)
def test_reports_have_no_keys(run: Run, form: str) -> None:
    """A server that says the keys again gets them into no report, however it writes them, and not in parts."""
    keys = {name: f"{KEY}\"'\\{name}" for name in ("api-key", "other-key", "poor-key", "profile-key")}
    told = [answer(json.dumps({"error": {"code": " ".join(keys.values())}}), "418 Teapot", f"X-Request-Id: {KEY}")]
    told += [answer("x" * n + " ".join(keys.values())) for n in (0, 450, 470, 480, 490)]
    options = [text for name, key in keys.items() for text in (f"--{name}", key)]
    for data in told:
        with odd(says(data)) as server:
            code, out, _ = conformance(run, server.url, "--format", form, *options)

        assert code == 1
        assert KEY[:8] not in out
        assert "****" in out or "x" * 400 in out
        if form == "junit":
            ElementTree.fromstring(out)


def test_a_server_that_falls_silent(run: Run) -> None:
    """After three statements without an answer the others are not tried; what is unknown so is no success: code 2."""
    asked = []

    def play(connection: object, over: Event) -> None:
        asked.append(1)
        if len(asked) == 1:
            says(answer("{}", "404 Not Found"))(connection, over)  # type: ignore[arg-type]

    with odd(play) as server:
        code, out, _ = conformance(run, server.url)

    # An unknown path, and a send that would tell the edition, come before the statements.
    assert (code, len(asked)) == (2, 5)
    assert out.count("unknown: no answer to POST /v3/messages: the connection was closed without an answer") == 3
    assert "was not checked, because the server did not answer for 3 statements in a row" in out
    assert out.splitlines()[-1].startswith("0 hold, 0 differ, ")


def test_one_odd_answer_is_judged(run: Run) -> None:
    """A server that breaks one answer only differs in that statement, which says how."""
    asked = []

    def play(connection: object, over: Event) -> None:
        asked.append(1)
        data = b"\x1b[2Jnonsense\r\n" if len(asked) == 3 else answer("{}", "404 Not Found")
        says(data)(connection, over)  # type: ignore[arg-type]

    with odd(play) as server:
        code, out, _ = conformance(run, server.url)

    assert code == 1
    assert r"differs: no answer to POST /v3/messages: what came is not HTTP: '\x1b[2Jnonsense'" in out
    assert "cannot be judged" not in out


BAD_URLS = {
    "": "must begin with http:// or https://",
    "127.0.0.1:4010": "must begin with http:// or https://",
    "localhost": "must begin with http:// or https://",
    "//127.0.0.1:4010": "must begin with http:// or https://",
    "http:/127.0.0.1:4010": "must begin with http:// or https://",
    "ftp://127.0.0.1": "must begin with http:// or https://",
    "file:///etc/passwd": "must begin with http:// or https://",
    "http://": "names no host",
    "http:///x": "names no host",
    "http://:4010": "names no host",
    "http://127.0.0.1:0": "has a port that is no number from 1 to 65535",
    "http://127.0.0.1:99999": "has a port that is no number from 1 to 65535",
    "http://127.0.0.1:abc": "has a port that is no number from 1 to 65535",
    "http://127.0.0.1:-1": "has a port that is no number from 1 to 65535",
    "http://127.0.0.1:\u0664\u0660\u0661\u0660": "has a port that is no number from 1 to 65535",
    "http://a b": "has a space",
    " http://127.0.0.1": "has a space",
    "http://127.0.0.1\n": "has a space or a character that cannot be printed",
    "http://127.0.0.1/\x1b[2J": "has a space or a character that cannot be printed",
    "http://127.0.0.1/\u202e": "has a space or a character that cannot be printed",
    "http://127.0.0.1\t:4010": "has a space or a character that cannot be printed",
    "http://::1:4010": "has an IPv6 address without brackets",
    "http://[::1": "has a host that cannot be one",
    "http://[::1]x:4010": "has a ",
    "http://[nonsense]:4010": "has a host that cannot be one",
    "http://a..b": "has a host that cannot be one",
    "http://.": "has a host that cannot be one",
    "http://" + "a" * 64: "has a host that cannot be one",
    "http://a\\b": "has a host that cannot be one",
    "http://a,b": "has a host that cannot be one",
    "http://\u2100": "has a host that cannot be one",
    "http://127.0.0.1?x=hidden": "has a query or a fragment",
    "http://127.0.0.1/#hidden": "has a query or a fragment",
    "http://user:hidden@127.0.0.1:4010": "has a user name or password in front of the host",
    "http://user:hid/den@127.0.0.1:4010": "'http://****@127.0.0.1:4010'",
    "http://user:hid?hidden@127.0.0.1:4010": "'http://****@127.0.0.1:4010'",
    "http://user:hidden@127.0.0.1:abc": "has a user name or password in front of the host",
    "http://hidden@[::1": "'http://****@[::1'",
    "ftp://user:hidden@127.0.0.1": "'ftp://****@127.0.0.1' must begin with",
    "user:hidden@127.0.0.1": "'****@127.0.0.1' must begin with",
    "http://user:hidden\n@127.0.0.1": "'http://****@127.0.0.1' has a space",
}


@pytest.mark.parametrize("url", BAD_URLS)
def test_bad_urls(run: Run, url: str) -> None:
    """One sentence says what is wrong with a URL, and shows no password and no query; exit code 2."""
    for command in (audit, conformance):
        code, out, err = command(run, url)

        assert (code, out) == (2, "")
        assert_one_sentence(err, "mock-sent: the URL '")
        assert BAD_URLS[url] in err
        assert "hid" not in err


def test_good_urls(run: Run, live: Callable[..., Live]) -> None:
    """Slashes at the end, a path in front, capitals and names are fine."""
    port = live().port
    for url in ("http://127.0.0.1:{}/", "http://127.0.0.1:{}//", "HTTP://LocalHost:{}"):
        assert run("audit", "--url", url.format(port))[:2] == (0, "ok: 0 errors, 0 warnings\n")
    with odd(says(answer(json.dumps(GOOD)))) as server:
        assert audit(run, server.url + "/a b/\u00e9%2F/".replace(" ", "%20"))[0] == 1
        assert server.received[0].startswith(b"GET /a%20b/%C3%A9%2F/_mock/audit?all=false HTTP/1.1\r\n")


def test_hosts_that_are_not_there(run: Run) -> None:
    """Nobody listens, or nobody has the name."""
    for url, reason in {
        "http://127.0.0.1:9": "127.0.0.1:9: nobody listens there (connection refused)",
        "https://127.0.0.1:9": "127.0.0.1:9: nobody listens there (connection refused)",
        "http://[::1]:9": "no mock-sent server answers at http://[::1]:9: ",
        "http://no-such-host.invalid": "the host 'no-such-host.invalid' is not found",
        "http://b\u00fccher.invalid": "the host 'xn--bcher-kva.invalid' is not found",
    }.items():
        code, out, err = audit(run, url)

        assert (code, out) == (2, "")
        assert_one_sentence(err, reason)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of this machine that it has signed itself, in one file."""
    path = tmp_path_factory.mktemp("tls") / "pair.pem"
    names = ["-subj", "/CN=mock", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names]
    subprocess.run([*made, "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def test_tls(run: Run, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with TLS is asked if its certificate is trusted; the health check trusts its own server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with odd(says(answer(json.dumps(GOOD))), context) as server:
        code, _, err = audit(run, server.url)
        assert code == 2
        assert_one_sentence(err, "its certificate is not trusted (self-signed certificate)")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert audit(run, server.url)[:2] == (1, "one sentence\nfailed: 1 errors, 0 warnings\n")
    with odd(says(answer('{"status":"ok","version":"0.1.0"}')), context) as server:
        assert healthcheck.main([server.url], {}) == 0
        assert healthcheck.main([], {"MOCK_SENT_PORT": str(server.port), "MOCK_SENT_TLS_CERT": "x"}) == 0
        assert healthcheck.main([f"127.0.0.1:{server.port}"], {}) == 1


def test_no_tls(run: Run) -> None:
    """A server without TLS under https:// is told as such."""
    with odd(says(answer("{}"))) as server:
        code, out, err = audit(run, server.url.replace("http:", "https:"))

    assert (code, out) == (2, "")
    assert_one_sentence(err, "there is no TLS as it should be")


BAD_VALUES = {
    KEY + "\n": "has a line break at its end, which no header can have",
    KEY + "\r\n": "has a line break at its end, which no header can have",
    KEY + "\nx-evil: 1": "has a control character, which no header can have",
    KEY + "\n folded": "has a control character, which no header can have",
    KEY + "\x00": "has a control character, which no header can have",
    "\x1b" + KEY: "has a control character, which no header can have",
    KEY + "\x7f": "has a control character, which no header can have",
    KEY + "\ud800": "has half of a character, which no header can have",
    KEY + " ": "has a space at its start or end, which no header can have",
}
SECRETS = {
    "audit": ["--api-key", "--token"],
    "conformance": ["--api-key", "--other-key", "--poor-key", "--profile", "--profile-key"],
}


@pytest.mark.parametrize("value", BAD_VALUES, ids=range(len(BAD_VALUES)))
@pytest.mark.parametrize(("command", "option"), [(c, o) for c in SECRETS for o in SECRETS[c]])
def test_values_that_no_header_can_have(run: Run, command: str, option: str, value: str) -> None:
    """The sentence names the option and what is wrong with its value, without the value; exit code 2."""
    where = ["--url" if command == "audit" else "--base-url", "http://127.0.0.1:9"]
    others = ["--api-key", "k"] if option != "--api-key" else []

    assert run(command, *where, *others, option, value) == (2, "", f"mock-sent: {option} {BAD_VALUES[value]}\n")


@pytest.mark.parametrize(
    ("command", "variable"), [("audit", "MOCK_SENT_CONTROL_TOKEN"), ("conformance", "SENT_DM_API_KEY")]
)
def test_variables_that_no_header_can_have(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, variable: str
) -> None:
    """Where the value came from the environment, the sentence names the variable."""
    monkeypatch.setenv(variable, KEY + "\n")
    where = ["--url" if command == "audit" else "--base-url", "http://127.0.0.1:9"]

    assert run(command, *where) == (
        2,
        "",
        f"mock-sent: {variable} has a line break at its end, which no header can have\n",
    )


def test_an_option_that_is_not_utf_8(run: Run, live: Callable[..., Live]) -> None:
    """Bytes on the command line that are no text are told by the server's own sentence."""
    code, out, err = run("audit", "--url", live().url, "--fail-on", "\udcff\n")

    assert (code, out) == (2, "")
    assert_one_sentence(err, "mock-sent: the audit has no finding ")


def test_proxies_are_not_used(run: Run, monkeypatch: pytest.MonkeyPatch, live: Callable[..., Live]) -> None:
    """The environment's proxies are not asked, and not shown."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://user:{KEY}@127.0.0.1:9")

    assert run("audit", "--url", live().url)[0] == 0
    assert run("audit", "--url", "http://127.0.0.1:9")[0] == 2


@pytest.mark.parametrize("span", ["", "0s", "2h", "-1s", "1", "nonsense", "\x1b[2J"])
def test_a_wrong_timeout(run: Run, span: str) -> None:
    """A time-out is more than nothing and at most an hour."""
    code, out, err = run("audit", "--url", "http://127.0.0.1:9", "--timeout", span)

    assert (code, out) == (2, "")
    assert_one_sentence(err, "mock-sent: --timeout ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "--url"),
        ("audit", "--all", "--url"),
        ("conformance", "--api-key", "k", "--base-url"),
        ("healthcheck",),
    ],
    ids=["audit", "audit of all", "conformance", "healthcheck"],
)
def test_ctrl_c(arguments: tuple[str, ...]) -> None:
    """Ctrl-C ends a command that waits, without a traceback, with the exit code that shells know."""
    with odd(drips(b"HTTP/1.1 200 OK\r\nA: b\r\n")) as server:
        command = [sys.executable, "-m", "mock_sent", *arguments, server.url]
        with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
            while not server.received:
                assert process.poll() is None
                Event().wait(0.01)
            process.send_signal(signal.SIGINT)
            assert process.stderr
            said = process.stderr.read()

    assert (process.returncode, said) == (130, "" if arguments == ("healthcheck",) else "Aborted!\n")
