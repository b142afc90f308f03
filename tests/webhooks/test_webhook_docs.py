"""docs/webhooks.md: its receiver works, and its facts are the code's."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from conftest import Client
from replies import ROOT

from mock_sent.webhooks.destinations import LOCAL_NETWORKS
from mock_sent.webhooks.state import MOST_DELIVERIES

TEXT = (ROOT / "docs" / "webhooks.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@contextmanager
def serving(handler: Any) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


@pytest.mark.real_socket
def test_the_receiver_of_the_page(client: Client) -> None:
    """The page's receiver takes what we send with its secret, and refuses what is signed with another one."""
    page: dict[str, Any] = {}
    exec(BLOCKS[0], page)
    webhooks = client.app_.state.accounts.open("test-key-of-this-test").hooks.webhooks
    statuses = []

    with serving(page["Hook"]) as url:
        for secret in (page["SECRET"], None):
            body = {"display_name": "x", "endpoint_url": url, "event_types": ["messages"]}
            id = client.post("/v3/webhooks", json=body).json()["data"]["id"]
            webhooks[id].members.update({"signing_secret": secret} if secret else {})
            client.post(f"/v3/webhooks/{id}/test", json={"event_type": "message.sent"})
            assert client.portal
            client.portal.call(client.app_.state.accounts.open("test-key-of-this-test").hooks.settle)
            (event,) = client.get(f"/v3/webhooks/{id}/events").json()["data"]["events"]
            statuses.append(event["http_status_code"])

    assert statuses == [204, 401]


def test_the_other_example() -> None:
    """The example of `sign` and `verify` runs as it stands."""
    exec(BLOCKS[1], {})


def test_facts() -> None:
    """Numbers and networks of the page are those of the code."""
    assert f"{MOST_DELIVERIES:,} deliveries" in TEXT
    assert all(network in TEXT for network in LOCAL_NETWORKS if not network.startswith(("127", "::1")))
