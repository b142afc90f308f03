"""The picture of the README: a small scene in front of the inbox. Run by scripts/screenshot."""

import sys
import tempfile
from io import StringIO
from pathlib import Path
from time import sleep
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).parent))

from browser import Page, start
from receiver import answer, receiving

from mock_sent.app import create_app
from mock_sent.journal import Log
from mock_sent.serving.server import running_app
from mock_sent.settings import Settings


def main(path: Path) -> None:
    """Play the scene, and take its picture."""
    with receiving() as receiver:
        receiver.behave = lambda n: answer(503, b"try later") if n == 1 else answer(200, b"thanks")
        app = create_app(Settings(seed="picture", webhook_url=receiver.url), log=Log("off", StringIO()))
        with (
            running_app(app, refusal=app.state.refusal) as server,
            httpx2.Client(base_url=server.url, headers={"x-api-key": "shop-tests-4f2a"}) as client,
            tempfile.TemporaryDirectory() as profile,
        ):
            play(client)
            driver = start(Path(profile))
            try:
                page = Page(driver, server.url)
                page.open(width=1280, height=800)
                page.click("#conversations .conversation", "+14155551234")
                page.shows("#story", "Webhooks")
                sleep(2)
                path.write_bytes(driver.get_screenshot_as_png())
            finally:
                driver.quit()


def play(client: httpx2.Client) -> None:
    """A shop's afternoon: orders, a code, a retry that replays, one that should not be."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T14:20:00Z"})

    def send(to: list[str], template: str, key: str, channel: list[str] | None = None, **parameters: str) -> None:
        body: dict[str, Any] = {"to": to, "template": {"name": template, "parameters": parameters}}
        client.post("/v3/messages", json={**body, "channel": channel or ["sms"]}, headers={"idempotency-key": key})
        client.post("/_mock/clock", json={"advance": "7m"})

    send(["+14155550142"], "welcome", "welcome-142", ["whatsapp"], name="Marie", company="Radium & Co")
    send(["+447700900123"], "order_confirmation", "order-5120", name="Alan", order_id="5120")
    send(["+4915112345678"], "verification_code", "code-881", ["sent"], code="424242")
    send(["+14155551234"], "welcome", "welcome-1234", ["whatsapp"], name="Ada", company="Engines Ltd")
    send(["+14155551234"], "verification_code", "code-1234", code="160914")
    send(["+14155551234"], "order_confirmation", "order-5121", ["sms", "whatsapp"], name="Ada", order_id="5121")
    send(["+14155551234"], "order_confirmation", "order-5121", ["sms", "whatsapp"], name="Ada", order_id="5121")
    send(["+14155551234"], "order_confirmation", "order-5121", ["sms", "whatsapp"], name="Ada", order_id="5122")
    client.put("/_mock/scenario", json={"name": "delivery-fails"})
    send(["+819012345678"], "order_confirmation", "order-5123", name="Hideki", order_id="5123")
    client.put("/_mock/scenario", json={"name": "retry-then-ok"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
