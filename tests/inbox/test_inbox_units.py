"""The page's pure modules under node, and the files as the server hands them out."""

import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from conftest import Client
from replies import ROOT

FILES = sorted((ROOT / "mock_sent" / "control" / "inbox").iterdir())
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def test_pure_modules() -> None:
    """Segments, search, store, stream and curl do what their own tests say."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, and runs the tests of the page's pure modules")
    tests = sorted(map(str, (ROOT / "tests" / "inbox").glob("*.test.mjs")))
    ran = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=120)

    assert ran.returncode == 0, ran.stdout[-4000:]


@pytest.mark.parametrize("path", ["/_mock/inbox", *(f"/_mock/inbox/{file.name}" for file in FILES)])
def test_every_file_is_served_under_the_policy(client: Client, path: str) -> None:
    """No inline script or style, nothing from elsewhere, in nobody's frame."""
    response = client.get(path)

    assert response.status_code == 200
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file: object) -> None:
    """No file names another host, makes markup of texts, or carries a style that the policy forbids."""
    from pathlib import Path

    text = Path(str(file)).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(
        r"https?://|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|style=", text
    )
    assert len(text.splitlines()) <= 300


def test_a_file_that_is_not_there(client: Client) -> None:
    """Only files of the inbox are handed out."""
    for name in ("other.js", "..%2froutes.py", "%2e%2e", "index.html%00"):
        assert client.get(f"/_mock/inbox/{name}").status_code == 404


def test_who_may_open_the_page(mock: Callable[..., Client]) -> None:
    """It needs no token and may be linked to from anywhere, but a rebinding attack does not get it."""
    client = mock(control_token="secret")

    assert client.get("/_mock/inbox", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    assert client.get("/_mock/inbox/main.js").status_code == 200
    assert client.get("/_mock/inbox", headers={"host": "evil.com"}).status_code == 403
    assert client.get("/_mock/inboxes").status_code == 401
    assert client.post("/_mock/inbox", json={}).status_code == 401
    assert client.get("/_mock/messages").status_code == 401


def test_a_browser_is_led_to_the_inbox(client: Client) -> None:
    """Who accepts HTML is a person; a program gets the documents."""
    browsers = client.get("/", headers={"accept": "text/html,*/*;q=0.8"}, follow_redirects=False)

    assert browsers.headers["location"] == "/_mock/inbox"
    assert client.get("/", headers={"accept": "*/*"}, follow_redirects=False).headers["location"] == "/docs"
