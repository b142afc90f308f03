"""A real browser that looks at the inbox, and a line between the two that can be cut."""

import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
# Root needs no sandbox of the browser's; the rest keeps it from calling home.
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
# What a page cannot be asked for afterwards is collected from its beginning.
_WATCH = """
window.seen = {long: [], errors: [], alerts: 0};
window.alert = () => { window.seen.alerts += 1; };
addEventListener("error", (e) => window.seen.errors.push(String(e.message)));
addEventListener("unhandledrejection", (e) => window.seen.errors.push(String(e.reason)));
addEventListener("securitypolicyviolation", (e) => window.seen.errors.push(`policy: ${e.violatedDirective}`));
new PerformanceObserver((list) => window.seen.long.push(...list.getEntries().map((e) => e.duration)))
  .observe({type: "longtask", buffered: true});
"""


def start(profile: Path) -> webdriver.Chrome:
    """A browser with a profile of its own."""
    assert CHROMIUM, "no chromium"
    assert DRIVER, "no chromedriver"
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_script_timeout(60)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
    return driver


class Page:
    """The inbox as a person has it before them."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver, self.url = driver, url

    def open(self, path: str = "/_mock/inbox", *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        self.look(width, height, dark=dark)
        self.driver.get("about:blank")
        self.driver.get(self.url + path)
        self.until(lambda: self.text("#line") == "live", "the page is live")

    def look(self, width: int, height: int = 800, *, dark: bool = False) -> None:
        """Give the window a size, and the page a taste."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        taste = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": taste})

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def wait_script(self, text: str, *arguments: Any) -> Any:
        """Run a script that calls its last argument when it is done."""
        return self.driver.execute_async_script(text, *arguments)

    def find(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """The text of the first that fits; empty if there is none."""
        return str(self.script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))

    def click(self, selector: str, text: str = "") -> None:
        """Click the first that fits and can be seen, with a text in it. An option is clicked until it is chosen."""

        def clicked() -> bool:
            for each in self.find(selector):
                with suppress(StaleElementReferenceException):
                    if each.is_displayed() and text in each.text:
                        is_option = each.tag_name == "option"
                        each.click()
                        return not is_option or each.is_selected()
            return False

        self.until(clicked, f"{selector} with {text!r} can be clicked")

    def until(self, true: Callable[[], object], what: str, seconds: float = 15) -> None:
        """Wait until something is so."""
        end = monotonic() + seconds
        while monotonic() < end:
            try:
                if true():
                    return
            except WebDriverException as e:
                problem = f" ({e.msg})"
            else:
                problem = ""
            sleep(0.05)
        raise AssertionError(f"after {seconds} s not: {what}{problem}; the page says {self.text('body')[:1500]!r}")

    def shows(self, selector: str, text: str) -> None:
        """Wait until a part of the page has a text."""
        self.until(
            lambda: text in self.text(selector), f"{text!r} in {selector}, which has {self.text(selector)[:500]!r}"
        )


class Line:
    """A TCP line to the server that can be cut, and lead to another server when it is mended."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.down = False
        self._pairs: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.down = True
        pairs, self._pairs = self._pairs, []
        for each in pairs:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self, port: int | None = None) -> None:
        self.target, self.down = port or self.target, False

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.down:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.target))
            self._pairs += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
