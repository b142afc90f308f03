"""What orchestrators, files and people leave in the environment."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run, serving
from conftest import Client

from mock_sent.command.healthcheck import main as healthcheck
from mock_sent.ground.errors import StartupError
from mock_sent.ground.hosts import cluster_suffixes
from mock_sent.settings import Settings, load

# Beside Services `mock-sent` and `mock-sent-dev`, and beside a container's link.
INJECTED = {
    "MOCK_SENT_SERVICE_HOST": "10.96.0.12",
    "MOCK_SENT_SERVICE_PORT": "4010",
    "MOCK_SENT_SERVICE_PORT_HTTP": "4010",
    "MOCK_SENT_PORT": "tcp://10.96.0.12:4010",
    "MOCK_SENT_PORT_4010_TCP": "tcp://10.96.0.12:4010",
    "MOCK_SENT_PORT_4010_TCP_PROTO": "tcp",
    "MOCK_SENT_PORT_4010_TCP_PORT": "4010",
    "MOCK_SENT_PORT_4010_TCP_ADDR": "10.96.0.12",
    "MOCK_SENT_DEV_SERVICE_HOST": "10.96.0.13",
    "MOCK_SENT_DEV_SERVICE_PORT": "4010",
    "MOCK_SENT_DEV_PORT": "tcp://10.96.0.13:4010",
    "MOCK_SENT_DEV_PORT_4010_UDP_ADDR": "10.96.0.13",
    "MOCK_SENT_NAME": "/web/mock-sent",
    "MOCK_SENT_ENV_PATH": "/usr/bin",
    "MOCK_SENT_ENV_MOCK_SENT_AUTH": "required",
}


@pytest.mark.real_socket
@pytest.mark.parametrize("command", [("config",), ("openapi",), ("scenarios", "list"), ("editions",)])
def test_commands_beside_a_service(command: tuple[str, ...]) -> None:
    """What Kubernetes injects stops no command."""
    done = run(*command, **INJECTED)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.real_socket
def test_serving_beside_a_service() -> None:
    """The port of the Service is no port of ours; the health check does not take it for one either."""
    with serving("--port", "0", variables=INJECTED) as server:
        port = server.url.rpartition(":")[2]
        assert healthcheck([], {**INJECTED, "PORT": port}) == 0


def test_a_name_that_is_only_like_an_injected_one() -> None:
    """A mistyped setting is still refused."""
    for name in ("MOCK_SENT_SERVICE_HOSTS", "MOCK_SENT_PROT", "MOCK_SENT_DEV_PORT", "MOCK_SENT_DEV_NAME"):
        with pytest.raises(StartupError, match=f"there is no setting {name}"):
            load({name: "4010"})


LEFT = [
    ("MOCK_SENT_PORT", '"4011"', "port", 4011),
    ("MOCK_SENT_SEED", "'abc'\r\n", "seed", "abc"),
    ("MOCK_SENT_AUTH", " required ", "auth", "required"),
    ("MOCK_SENT_API_KEYS", "one-key-1\ntwo-key-2\r\n", "api_keys", ("one-key-1", "two-key-2")),
    ("MOCK_SENT_API_KEYS", "\"one-key-1\", 'two-key-2',", "api_keys", ("one-key-1", "two-key-2")),
    ("MOCK_SENT_API_KEYS", "schlüssel-1", "api_keys", ("schlüssel-1",)),
    ("MOCK_SENT_ALLOWED_HOSTS", "Mock.Example, .example.org.", "allowed_hosts", ("mock.example", ".example.org")),
]


@pytest.mark.parametrize(("variable", "text", "name", "wanted"), LEFT)
def test_what_files_and_compose_leave(variable: str, text: str, name: str, wanted: object) -> None:
    """Quotes, white space, line ends and lists line by line mean what their writer meant."""
    assert getattr(load({variable: text}), name) == wanted


NOTHING = [
    ("MOCK_SENT_API_KEYS", "", "MOCK_SENT_API_KEYS is empty"),
    ("MOCK_SENT_API_KEYS", " \n", "MOCK_SENT_API_KEYS is empty"),
    ("MOCK_SENT_API_KEYS", '""', "MOCK_SENT_API_KEYS is empty"),
    ("MOCK_SENT_API_KEYS", ",", "MOCK_SENT_API_KEYS has nothing in it"),
    ("MOCK_SENT_CONTROL_TOKEN", "", "MOCK_SENT_CONTROL_TOKEN is empty"),
    ("MOCK_SENT_WEBHOOK_ALLOW", " , ", "MOCK_SENT_WEBHOOK_ALLOW has nothing in it"),
]


@pytest.mark.parametrize(("variable", "text", "complaint"), NOTHING)
def test_an_empty_list_lets_nobody_in_by_mistake(variable: str, text: str, complaint: str) -> None:
    """A variable that is set to nothing would let everybody in, so that it is refused."""
    with pytest.raises(StartupError, match=complaint):
        load({variable: text})


def test_an_empty_file_of_keys(tmp_path: Path) -> None:
    """The same for a secret's file."""
    (tmp_path / "keys").write_text("\n")

    with pytest.raises(StartupError, match="MOCK_SENT_API_KEYS_FILE is empty"):
        load({"MOCK_SENT_API_KEYS_FILE": str(tmp_path / "keys")})


@pytest.mark.parametrize(
    "host", ["http://a.example", "a.example/x", "a.example:80", "*.example", "a b", "-a", "a..b", "@a"]
)
def test_hosts_that_can_never_match(host: str) -> None:
    """An entry that no request can have is refused at the start."""
    with pytest.raises(StartupError, match="MOCK_SENT_ALLOWED_HOSTS has "):
        load({"MOCK_SENT_ALLOWED_HOSTS": host})


@pytest.mark.parametrize(("host", "status"), [
    ("mock-sent.default.svc", 200), ("mock-sent.default.svc.cluster.local", 200), ("host.docker.internal", 200),
    ("mock-sent", 200), ("a.example.org", 200), ("example.org", 403), ("evil.example", 403),
])  # fmt: skip
def test_hosts_of_clusters(mock: Callable[..., Client], host: str, status: int) -> None:
    """Names that no public resolver knows, and those that the setting allows, dot and all."""
    client = mock(allowed_hosts=(".example.org",))

    assert client.get("/_mock/accounts", headers={"host": host}).status_code == status


def test_the_search_list_of_a_cluster(tmp_path: Path) -> None:
    """In a pod, a name with its namespace is the cluster's own."""
    (tmp_path / "resolv.conf").write_text(
        "search shop.svc.cluster.example svc.cluster.example corp.example\nnameserver 10.0.0.1\n"
    )

    assert cluster_suffixes(tmp_path / "resolv.conf") == (".shop", ".svc.cluster.example")
    assert cluster_suffixes(tmp_path / "none") == ()


def test_probes_need_no_token(mock: Callable[..., Client]) -> None:
    """Health and readiness answer without the control token; everything else asks for it."""
    client = mock(control_token="a-token-of-mine")

    statuses = [client.get(f"/_mock/{path}").status_code for path in ("health", "ready", "accounts")]
    assert statuses == [200, 200, 401]


def test_settings_as_json_stay(mock: Callable[..., Client]) -> None:
    """Quotes and white space in a YAML text of the environment are its own."""
    scenario = json.dumps({"schema": 1, "name": "s", "send": [{"then": "accept"}]})

    assert load({"MOCK_SENT_SCENARIO_INLINE": f" {scenario}\n"}).scenario_inline == f" {scenario}\n"
    assert Settings().scenario_inline == ""
