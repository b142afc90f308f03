"""Runs of pytest with the plugin, inside a test: `run("def test_x(sent_mock): ...")`."""

from collections.abc import Callable

import pytest

# What the tests inside begin with: a client of thirty lines' worth, without a library.
CLIENT = """
import json, os, urllib.error, urllib.request
import pytest

def send(mock, to="+14155551234", channel="sms", name="J", key=None, **headers):
    body = {"to": [to], "channel": [channel],
            "template": {"name": "order_confirmation", "parameters": {"name": name, "order_id": "1"}}}
    headers = {"x-api-key": mock.api_key, "content-type": "application/json", **headers}
    if key:
        headers["idempotency-key"] = key
    request = urllib.request.Request(mock.url + "/v3/messages", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as e:
        with e:
            return e.code
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """`run("def test_x(sent_mock): ...")` runs that file by pytest, with warnings as errors."""

    def run_(source: str, *arguments: str, client: str = CLIENT, subprocess: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_inside=client + source)
        pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:schemathesis")
        runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return runner("-p", "no:cacheprovider", *arguments)

    return run_
