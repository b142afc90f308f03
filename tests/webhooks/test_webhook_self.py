"""No delivery goes to the mock itself, whatever port the system gave it."""

import httpx2
import pytest

from mock_sent.serving.server import running
from mock_sent.settings import Settings
from mock_sent_client import Control


@pytest.mark.real_socket
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "LOCALHOST", "hooks.localhost"])
def test_the_warning(host: str) -> None:
    """Who makes a webhook that leads back to the mock is told at once that nothing will be delivered."""
    hook = {"display_name": "h", "event_types": ["messages"]}
    with running(Settings(port=0, log="off")) as server:
        own = server.url.rpartition(":")[2]
        made = [
            httpx2.post(
                f"{server.url}/v3/webhooks",
                headers={"x-api-key": "k"},
                json={**hook, "endpoint_url": f"http://{host}:{port}/hook"},
            )
            for port in (own, 9)
        ]

    said = "nothing will be delivered there: this is the mock itself"
    assert [said in answer.headers.get("x-mock-warning", "") for answer in made] == [True, False]


@pytest.mark.real_socket
def test_port_zero() -> None:
    """A server that took a free port delivers nothing to itself, so no webhook can reset its accounts."""
    with running(Settings(port=0, log="off")) as server:
        control = Control(server.url, "bystander")
        control.ask("PUT", "/balance", {"balance": 7})
        hook = {"display_name": "h", "endpoint_url": f"{server.url}/_mock/reset?all=true", "event_types": ["messages"]}
        template = {"name": "order_confirmation", "parameters": {"name": "J", "order_id": "1"}}
        for path, body in (("webhooks", hook), ("messages", {"to": ["+14155551234"], "template": template})):
            httpx2.post(f"{server.url}/v3/{path}", headers={"x-api-key": "attacker"}, json=body).raise_for_status()

        Control(server.url, "attacker").ask("POST", "/clock", {"advance": "1h"})

        assert control.ask("GET", "/balance") == {"balance": 7}
