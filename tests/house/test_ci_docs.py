"""docs/ci.md: every block names the image, the port, the health and the settings as they are."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import Client
from replies import ROOT

from mock_sent import __version__
from mock_sent.settings import SETTINGS, variable_of

TEXT = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
IMAGE = f"registry.example/mock-sent:{__version__}"
YAML: dict[str, list[Any]] = {
    text.splitlines()[0].removeprefix("# "): list(yaml.safe_load_all(text)) for kind, text in BLOCKS if kind == "yaml"
}
(PYTHON,) = (text for kind, text in BLOCKS if kind == "python")


def scalars(node: Any) -> Iterator[str]:
    """Every text of a tree, keys too."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [str(key), *scalars(value)]
    elif isinstance(node, list):
        for value in node:
            yield from scalars(value)
    elif isinstance(node, str):
        yield node


def test_the_places() -> None:
    """What the issue asks for is there."""
    assert list(YAML) == [".github/workflows/test.yml", ".gitlab-ci.yml", "compose.yaml", "mock-sent.yaml"]


@pytest.mark.parametrize("name", YAML)
def test_image_and_key(name: str) -> None:
    """Every block takes the image of this version, and is as strict about keys as the real API."""
    images = [text for text in scalars(YAML[name]) if "mock-sent:" in text and "://" not in text]

    assert images == [IMAGE]
    assert {"MOCK_SENT_AUTH", "required"} <= set(scalars(YAML[name]))


def test_every_setting_exists() -> None:
    """No block names a setting that there is not."""
    named = set(re.findall(r"MOCK_SENT_[A-Z_]+", TEXT))
    others = {"MOCK_SENT_URL"}  # the plugin's

    assert named - others <= {variable_of(setting.name) for setting in SETTINGS}


def test_github() -> None:
    """The port is the image's; the health check is the image's own, so that no option can differ from it."""
    service = YAML[".github/workflows/test.yml"][0]["jobs"]["test"]["services"]["mock-sent"]

    assert service["ports"] == ["4010:4010"]
    assert not service.keys() & {"command", "entrypoint", "volumes", "options"}


def test_githubs_scenario(client: Client) -> None:
    """The scenario in the block is one that the mock takes."""
    text = YAML[".github/workflows/test.yml"][0]["jobs"]["test"]["services"]["mock-sent"]["env"]
    headers = {"Content-Type": "application/yaml"}

    assert client.put("/_mock/scenario", content=text["MOCK_SENT_SCENARIO_INLINE"], headers=headers).status_code == 200
    assert [client.send().status_code for _ in range(3)] == [500, 500, 202]


def test_gitlab() -> None:
    """The alias is the host of the URL."""
    job = YAML[".gitlab-ci.yml"][0]["test"]

    assert job["services"][0]["alias"] == "mock-sent"
    assert job["variables"]["SENT_BASE_URL"] == "http://mock-sent:4010"
    assert (ROOT / "scenarios" / f"{job['services'][0]['variables']['MOCK_SENT_SCENARIO']}.yaml").exists()


def test_compose() -> None:
    """The app waits for health, which the image brings; webhooks find the host."""
    services = YAML["compose.yaml"][0]["services"]

    assert services["app"]["depends_on"] == {"mock-sent": {"condition": "service_healthy"}}
    assert services["mock-sent"]["extra_hosts"] == ["host.docker.internal:host-gateway"]
    assert services["mock-sent"]["ports"] == ["127.0.0.1:4010:4010"]
    assert services["mock-sent"]["read_only"] is True


def test_kubernetes(client: Client) -> None:
    """The probes ask what answers; the image's user has a number."""
    deployment, service = YAML["mock-sent.yaml"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]

    for probe in ("readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == container["ports"][0]["containerPort"] == 4010
        assert client.get(asked["path"]).status_code == 200
    assert container["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    assert deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False
    assert container["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize("name", [".github/workflows/test.yml", ".gitlab-ci.yml"])
def test_plugin_and_audit(name: str) -> None:
    """A job tells the plugin where the server is, and its last step asks for the audit of all accounts there."""
    text = TEXT[TEXT.index(f"# {name}") :].partition("```")[0]
    (url,) = set(re.findall(r"MOCK_SENT_URL: (.*)", text))
    (step,) = re.findall(r"mock-sent audit .*", text)

    assert f"SENT_BASE_URL: {url}" in text
    assert step.replace('"$MOCK_SENT_URL"', url) == f"mock-sent audit --url {url} --all"
    assert text.index("- pytest" if "script:" in text else "run: pytest") < text.index(step)


def test_the_audit_is_a_command() -> None:
    """Options of the last step are those that the command has."""
    from click.testing import CliRunner

    from mock_sent.command.cli import cli

    shown = CliRunner().invoke(cli, ["audit", "--help"]).output

    assert "--url" in shown
    assert "--all" in shown


def test_testcontainers(client: Client) -> None:
    """The fixture is Python, takes the image, and waits for a path that answers."""
    constants = [node.value for node in ast.walk(ast.parse(PYTHON)) if isinstance(node, ast.Constant)]

    assert IMAGE in constants
    assert 4010 in constants
    (path,) = (text for text in constants if str(text).startswith("/"))
    assert client.get(str(path)).json()["status"] == "ok"


def test_the_image_is_what_the_blocks_expect() -> None:
    """Port and health check stand in the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text("utf-8")

    assert "\nEXPOSE 4010\n" in text
    assert json.dumps(["mock-sent", "healthcheck"]) in text
