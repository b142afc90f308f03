"""The inbox in a real browser: what a person does with it, and what must never happen on it."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from importlib.resources import files
from pathlib import Path
from time import sleep
from typing import Any

import httpx2
import pytest
from browser import CHROMIUM, DRIVER, Line, Page, start
from conftest import PAGE_REQUEST, Live
from receiver import Receiver
from renamed import renamed
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.real_socket

Open = Callable[[str], Page]
Start = Callable[..., Live]
# Where it matters how a page looks: a phone and a wide screen, in light and in dark.
LOOKS = [(360, 740, False), (360, 740, True), (1600, 900, False), (1600, 900, True)]
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script><b id=evil>{{'}`"


def send(client: Live, **changes: Any) -> Any:
    headers = changes.pop("headers", {})
    return client.post("/v3/messages", json={**PAGE_REQUEST, **changes}, headers=headers)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests; without one they are skipped, and say what is missing."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("chromium and chromedriver are not installed: apt-get install chromium chromium-driver")
    chrome = start(tmp_path_factory.mktemp("profile"))
    yield chrome
    chrome.quit()


@pytest.fixture
def page(driver: Chrome) -> Iterator[Open]:
    """`page(url)` is the inbox of the server there. Whatever a test does, the page meets no error and no policy."""
    yield lambda url: Page(driver, url)
    seen = Page(driver, "").script("return window.seen ?? {errors: [], alerts: 0}")
    assert (seen["errors"], seen["alerts"]) == ([], 0)
    driver.get("about:blank")


@pytest.fixture
def line() -> Iterator[Callable[[int], Line]]:
    """`line(port)` leads to a server, until it is cut."""
    lines: list[Line] = []

    def lay(port: int) -> Line:
        lines.append(Line(port))
        return lines[-1]

    yield lay
    for each in lines:
        each.close()


def test_an_empty_inbox_teaches(live: Start, page: Open) -> None:
    """Who opens it first finds the command to paste and the line to change; `/` leads there."""
    client = live()
    inbox = page(client.url)
    inbox.open("/")

    inbox.shows("#thread-empty", f"curl -X POST {client.url}/v3/messages")
    inbox.shows("#thread-empty", f'base_url="{client.url}"')
    assert "/_mock/inbox" in inbox.driver.current_url


def test_a_send_appears(live: Start, page: Open) -> None:
    """Nobody reloads: conversations, the text in its channels, ticks up to delivered, and the request behind it."""
    client = live()
    inbox = page(client.url)
    inbox.open()
    send(client)

    inbox.shows("#conversations", "+14155551234")
    inbox.shows("#thread", "Hi John Doe, your order #12345 has been confirmed.")
    inbox.until(lambda: len(inbox.find("#thread .tick[data-status=DELIVERED]")) == 2, "both are delivered")
    inbox.shows("#thread", "1 SMS · GSM-7 · 50/160")
    inbox.shows("#story", "No rule fired")
    inbox.shows("#messages-count", "4")


def test_an_edition_with_other_words(live: Start, page: Open, receiver: Receiver, tmp_path: Path) -> None:
    """The page learns the words of the edition: its ticks, deliveries and buttons go by what a status means."""
    other = renamed(tmp_path / "renamed.yaml")
    rules = "deliver: [{when: {to: '+44*'}, then: {reach: delivered, advance: manual}}]"
    client = live(
        contract=str(other.path), webhook_url=receiver.url, scenario_inline=f"schema: 1\nname: by-hand\n{rules}\n"
    )
    send(client, to=["+14155551234"], channel=["sms"])
    inbox = page(client.url)
    inbox.open()

    inbox.until(lambda: inbox.find("#thread .tick[data-stage=delivered]"), "the message is delivered")
    inbox.shows("#story [data-section=head]", other.words["DELIVERED"].lower())
    inbox.until(lambda: len(inbox.find("#story .delivery[data-state=delivered]")) == 4, "four are delivered")
    inbox.shows("#story [data-section=webhooks]", other.words["DELIVERED"].lower())
    send(client, to=["+447700900123"], channel=["sms"])
    inbox.click("#conversations .conversation", "+447700900123")
    inbox.click("#story button", "Fail it")
    inbox.until(lambda: inbox.find("#thread .tick[data-failed=yes]"), "the message has failed")
    inbox.until(lambda: "Fail it" not in inbox.text("#story"), "nothing is left to do by hand")


def test_a_scenario_and_its_refusals(live: Start, page: Open) -> None:
    """The chooser switches insufficient-balance on; the 402 is among the requests, and its story names the rule."""
    client = live()
    send(client)
    inbox = page(client.url)
    inbox.open()
    inbox.click("#scenario")
    inbox.click("#scenarios-list button", "insufficient-balance")
    inbox.shows("#scenario-name", "insufficient-balance")
    assert send(client).status_code == 402

    inbox.click("#to-requests")
    inbox.click("#requests .request", "402")
    inbox.shows("#story", "The rule insufficient-balance/1 fired")
    assert client.post("/v3/messages", json={"to": []}).status_code == 400
    inbox.click("#requests .request", "400")
    inbox.shows("#story", "'template' is required")


def test_a_broken_connection(live: Start, page: Open) -> None:
    """A dropped answer is told as a broken connection with its fault, and nowhere as a status of HTTP."""
    client = live(scenario="connection-reset")
    with pytest.raises(httpx2.TransportError):
        send(client)
    inbox = page(client.url)
    inbox.open("/_mock/inbox#requests")
    inbox.click("#requests .request", "the connection was broken (reset), and nothing was answered")

    inbox.shows("#story [data-section=why]", "The connection was broken (reset), and nothing was answered.")
    inbox.shows("#story [data-section=why]", "connection-reset/1")
    inbox.shows("#story [data-section=request]", "Answer · none")
    assert {pill.text for pill in inbox.find(".pill")} == {"broken"}
    assert "500" not in inbox.text("#requests") + inbox.text("#story [data-section=head]")


def test_rules_that_did_not_fire(live: Start, page: Open) -> None:
    """The story of an accepted send says why a rule of the scenario left it alone."""
    rules = '[{name: no-route, when: {to: "+44*"}, then: {fail: internal_error}}]'
    client = live(scenario_inline=f"schema: 1\nname: uk-is-down\nsend: {rules}\n")
    send(client, to=["+14155551234"], channel=["sms"])
    trail = client.get("/_mock/requests/latest").json()["why"]["rules_that_did_not_fire"]
    inbox = page(client.url)
    inbox.open()

    assert trail
    inbox.shows("#story [data-section=why]", "Rules that did not fire")
    for reason in trail:
        inbox.shows("#story [data-section=why]", reason)
    inbox.shows("#scenario-name", "uk-is-down")


def test_filters_of_the_requests(live: Start, page: Open) -> None:
    """All requests stand there, refused before anybody knew whose they were too; filters leave what fits."""
    client = live(auth="required")
    send(client)
    assert client.post("/v3/messages", json=PAGE_REQUEST, headers={"x-api-key": ""}).status_code == 401
    inbox = page(client.url)
    inbox.open("/_mock/inbox#requests")
    inbox.shows("#requests-found", "2 requests")
    inbox.click("#requests-status option", "4xx")

    inbox.shows("#requests-found", "1 request")
    inbox.click("#requests .request", "401")
    inbox.shows("#story", "unauthorized")


def test_the_clock(live: Start, page: Open) -> None:
    """Frozen, a message stays accepted; after 24 h by the button it is delivered, and its key is forgotten."""
    client = live()
    send(client, headers={"idempotency-key": "day-1"})
    inbox = page(client.url)
    inbox.open()
    inbox.click("#freeze")
    inbox.shows("#freeze", "Resume")
    send(client, to=["+447700900123"], channel=["sms"])
    inbox.shows("#conversations", "+447700900123")
    inbox.click("#conversations .conversation", "+447700900123")
    inbox.until(lambda: inbox.find("#thread .tick[data-status=ACCEPTED]"), "the message is accepted")
    before = inbox.text("#now")
    inbox.click("#plus-day")

    inbox.until(lambda: inbox.find("#thread .tick[data-status=DELIVERED]"), "the message is delivered")
    assert inbox.text("#now")[-8:] == before[-8:]
    assert inbox.text("#now") != before
    send(client, headers={"idempotency-key": "day-1"})
    assert client.get("/_mock/requests/latest").json()["key_fate"] == "fresh"


def test_a_message_moved_by_hand(live: Start, page: Open) -> None:
    """Under `advance: manual` the story has the button that moves it."""
    client = live(scenario_inline="schema: 1\nname: by-hand\ndeliver: [{then: {reach: DELIVERED, advance: manual}}]\n")
    send(client, channel=["sms"])
    inbox = page(client.url)
    inbox.open()
    inbox.click("#story button", "Next status")
    inbox.shows("#story [data-section=head]", "processed")
    inbox.click("#story button", "Fail it")

    inbox.shows("#story [data-section=head]", "failed")


def test_webhooks_and_resend(live: Start, page: Open, receiver: Receiver) -> None:
    """Each delivery stands there with the receiver's answer, and is made once more by the button."""
    client = live(webhook_url=receiver.url)
    send(client, to=["+14155551234"], channel=["sms"])
    inbox = page(client.url)
    inbox.open()
    inbox.until(lambda: len(inbox.find("#story .delivery[data-status=DELIVERED]")) == 4, "four are delivered")
    had = len(inbox.find("#story .tries li"))
    got = len(receiver.received)
    inbox.click("#story .delivery button", "Resend")

    inbox.until(lambda: len(inbox.find("#story .tries li")) == had + 1, "one more attempt is shown")
    assert len(receiver.received) == got + 1


def test_one_key_side_by_side(live: Start, page: Open) -> None:
    """A replay stands beside what it repeats, and says which members of the body were different."""
    client = live()
    key = {"idempotency-key": "order-1"}
    send(client, headers=key)
    send(client, headers=key)
    send(client, to=["+447700900123"], headers=key)
    inbox = page(client.url)
    inbox.open()

    inbox.until(lambda: len(inbox.find("#story .same-key-request")) == 3, "three stand side by side")
    inbox.shows("#story .same-key", "another body: to")
    inbox.shows("#audit-count", "1")
    inbox.click("#audit")
    inbox.shows("#audit-list", "key reused for other body")
    inbox.click("#audit-list button")
    inbox.shows("#story [data-section=head]", "POST /v3/messages")


def test_copies(live: Start, page: Open) -> None:
    """The request as curl, and everything as JSON, go to the clipboard."""
    client = live()
    send(client, headers={"idempotency-key": "it-7"})
    inbox = page(client.url)
    inbox.open()
    inbox.script("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    inbox.click("#story button", "Copy as curl")
    inbox.shows("#story .links", "Copied")
    copied = inbox.script("return window.copied")
    assert copied.startswith(f"curl -X POST '{client.url}/v3/messages' \\\n  -H ")
    assert "-H 'idempotency-key: it-7'" in copied
    assert '-H "x-api-key: $SENT_API_KEY"' in copied
    inbox.click("#story [data-section=raw] summary")
    inbox.click("#story [data-section=raw] button")
    inbox.until(lambda: "timeline" in inbox.script("return window.copied"), "the message was copied")


def test_a_conflict_stands_beside_what_held_its_key(live: Start, page: Open) -> None:
    """A twin that came while the first was in flight is a 409, and names the request that held the key."""
    client = live(scenario="idempotency-drill")
    client.post("/_mock/clock", json={"freeze": True}).raise_for_status()
    key = {"idempotency-key": "twins-1"}
    with ThreadPoolExecutor(2) as pool:
        twins = [pool.submit(send, client, headers=key) for _ in range(2)]
        (second,), (first,) = wait(twins, return_when=FIRST_COMPLETED)
        assert second.result().status_code == 409
        client.post("/_mock/clock", json={"advance": "3s"}).raise_for_status()
        assert first.result().status_code == 202
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#story .same-key", "409")
    inbox.shows("#story .same-key", f"conflict with {first.result().json()['meta']['request_id']}")


def test_many_requests(live: Start, page: Open) -> None:
    """The page of all requests is as short in nodes as it is long."""
    client = live(max_journal=600)
    for _ in range(700):
        client.post("/v3/messages", content=b"{}", headers={"content-type": "application/json"})
    inbox = page(client.url)
    inbox.open("/_mock/inbox#requests")
    inbox.shows("#requests-found", "600 requests · 100 older ones were evicted")

    assert inbox.wait_script(SCROLL, "#requests") < 300


def test_search(live: Start, page: Open) -> None:
    """The words of the search leave what fits, and stars stand for anything."""
    client = live()
    send(client, headers={"idempotency-key": "k-7"})
    send(client, to=["+447700900123"], channel=["sms"])
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#messages-count", "5")
    for text, found in [
        ("to:+44*", "1 message in 1 conversation"),
        ("channel:whatsapp", "2 messages in 2 conversations"),
        ("key:k-7 to:+1*", "4 messages in 2 conversations"),
        ("template:order* status:delivered john", "5 messages in 3 conversations"),
        ("status:failed", "0 messages in 0 conversations"),
    ]:
        inbox.find("#search")[0].clear()
        inbox.find("#search")[0].send_keys(text)
        inbox.shows("#found", found)


def test_accounts(live: Start, page: Open) -> None:
    """An empty page goes where something was sent; the chooser leads to another account, which shows only its own."""
    client = live()
    inbox = page(client.url)
    inbox.open()
    send(client, to=["+14155550001"], channel=["sms"])
    inbox.shows("#conversations", "+14155550001")
    send(client, to=["+14155550002"], channel=["sms"], headers={"x-api-key": "another-key-2222"})
    inbox.until(lambda: len(inbox.find("#account option")) >= 2, "both accounts can be chosen")
    assert "+14155550002" not in inbox.text("#conversations")
    inbox.click("#account option", "2222")

    inbox.shows("#conversations", "+14155550002")
    assert "+14155550001" not in inbox.text("#conversations")


def test_reset(live: Start, page: Open) -> None:
    """It asks once more, then everything is gone, and the page goes on with the same account."""
    client = live()
    send(client)
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#messages-count", "4")
    inbox.click("#reset")
    inbox.click("#reset", "Forget all?")
    inbox.until(lambda: inbox.text("#messages-count") == "0", "nothing is there")
    send(client, to=["+447700900123"], channel=["sms"])

    inbox.shows("#conversations", "+447700900123")
    assert inbox.text("#messages-count") == "1"


def test_token(live: Start, page: Open) -> None:
    """Where a token is demanded the page asks for it, and goes on with it."""
    client = live(control_token="secret")
    send(client)
    inbox = page(client.url)
    inbox.driver.get(f"{client.url}/_mock/inbox")
    inbox.until(lambda: inbox.find("#access-all[open]"), "it asks for the token")
    inbox.find("#access-token")[0].send_keys("secret")
    inbox.click("#access-form button")

    inbox.shows("#conversations", "+14155551234")
    inbox.script("sessionStorage.clear()")


def test_nothing_of_a_request_becomes_markup(live: Start, page: Open) -> None:
    """Script in every field of every kind of request is text: no dialog, no element, no request to anywhere."""
    client = live()
    template = {
        "id": "7ba7b820-9dad-11d1-80b4-00c04fd43999",
        "name": NASTY,
        "body": f"{NASTY} {{{{x}}}}",
        "variables": ["x"],
    }
    client.put("/_mock/templates", json=[template]).raise_for_status()
    sent = {"name": NASTY, "parameters": {"x": NASTY}}
    answers = [
        send(client, template=sent, channel=["sms", "whatsapp"]),
        send(client, template=sent, **{NASTY: NASTY}),
        send(client, to=[NASTY], channel=[NASTY], template={"name": NASTY, "id": NASTY}, sandbox=NASTY),
        send(client, headers={"idempotency-key": NASTY, "x-profile-id": NASTY, "user-agent": NASTY, "x-other": NASTY}),
        client.post(f"/v3/{NASTY}", content=NASTY, headers={"content-type": NASTY}),
        client.request("POST", "/v3/messages", content=NASTY, headers={"content-type": "application/json"}),
    ]
    assert answers[0].status_code == 202, answers[0].text
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#thread", NASTY)
    inbox.shows("#story", NASTY)
    inbox.open("/_mock/inbox#requests")
    inbox.until(lambda: len(inbox.find("#requests .request")) == len(answers), "all requests are there")
    for i in range(len(answers)):
        inbox.script("document.querySelectorAll('#requests .request')[arguments[0]].click()", i)
        sleep(0.3)
        inbox.until(lambda: inbox.find("#story [data-section=request]"), "the story is there")
        assert not inbox.find("#evil, img, body script, iframe, object")
        assert inbox.script("return window.seen.alerts") == 0
    inbox.click("#audit")
    inbox.shows("#audit-list", "")
    assert not inbox.find("#evil, img, body script")
    loaded = inbox.script("return performance.getEntriesByType('resource').map((e) => new URL(e.name).host)")
    assert set(loaded) == {client.url.removeprefix("http://")}


@pytest.mark.parametrize(("width", "height", "dark"), LOOKS)
def test_axe(live: Start, page: Open, width: int, height: int, dark: bool) -> None:
    """axe finds nothing serious on any of its faces, whatever the width and the light."""
    axe = files("selenium_axe_python").joinpath("axe-core/axe.min.js").read_text("utf-8")
    client = live()
    inbox = page(client.url)
    inbox.open(width=width, height=height, dark=dark)
    check(inbox, axe, "empty")
    for _ in range(2):
        send(client, headers={"idempotency-key": "k"})
    send(client, to=["+447700900123"], headers={"idempotency-key": "k"})
    send(client, to=[])
    inbox.shows("#conversations", "+14155551234")
    inbox.shows("#audit-count", "1")
    inbox.click("#conversations .conversation")
    check(inbox, axe, "messages")
    inbox.click("#thread .letter")
    inbox.shows("#story", "Webhooks")
    check(inbox, axe, "story")
    inbox.driver.execute_script("location.hash = 'requests'")
    inbox.click("#requests .request", "400")
    inbox.shows("#story", "'to' must contain")
    check(inbox, axe, "requests")
    for opener in ("#audit", "#scenario", "#access"):
        inbox.script("document.querySelector(arguments[0]).click()", opener)
        inbox.until(lambda: inbox.find("dialog[open]"), "the dialog is open")
        check(inbox, axe, opener)
        inbox.click("dialog[open] .close")
    assert inbox.script("return document.documentElement.scrollWidth") <= width


def check(inbox: Page, axe: str, where: str) -> None:
    sleep(0.3)
    inbox.script(axe)
    found = inbox.wait_script("axe.run().then(arguments[0])")
    bad = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not bad, (
        where,
        [(v["id"], [n["html"][:200] + n["failureSummary"][:300] for n in v["nodes"][:3]]) for v in bad],
    )


@pytest.mark.volume
def test_ten_thousand_messages(live: Start, page: Open, record_property: Callable[[str, object], None]) -> None:
    """Few nodes, a first paint under a second, no long task while it is scrolled: in many conversations and in one."""
    client = live()
    for i in range(4):
        numbers = [f"+1415{i}{n:06d}" for n in range(1000)]
        assert send(client, to=numbers).status_code == 202
    for _ in range(20):
        assert send(client, to=["+447700900123"] * 100, channel=["sms"]).status_code == 202
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#messages-count", "10,000")
    paint = inbox.script("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
    inbox.click("#conversations .conversation", "+447700900123")
    sleep(1)
    figures: dict[str, Any] = {
        "first paint ms": round(paint),
        "loading ms": inbox.script("return window.seen.long.map(Math.round)"),
    }
    # What else this machine does is not the page's fault: the best of three counts.
    for _ in range(3):
        inbox.script("window.seen.long.length = 0")
        scroll(inbox, figures)
        if max(figures["scrolling ms"], default=0) <= 100:
            break
    record_property("figures", figures)
    print(figures)

    assert figures["first paint ms"] < 1000
    assert figures["nodes"] < 300
    assert max(figures["scrolling ms"], default=0) <= 100


def scroll(inbox: Page, figures: dict[str, Any]) -> None:
    for box in ("#conversations", "#thread"):
        most = inbox.wait_script(SCROLL, box)
        figures[f"{box} nodes"] = most
    figures["nodes"] = figures["#conversations nodes"] + figures["#thread nodes"]
    figures["scrolling ms"] = inbox.script("return window.seen.long.map(Math.round)")


# Scrolls a list up and down in big and small steps, and gives the most nodes that it ever had.
SCROLL = """
const [selector, done] = [arguments[0], arguments[1]];
const box = document.querySelector(selector);
let most = 0, step = 0;
const next = () => {
  most = Math.max(most, box.querySelectorAll("*").length);
  if (step++ > 120) return done(most);
  box.scrollTop = step < 60 ? box.scrollHeight * (step / 60) : box.scrollTop - (step % 3 ? 90 : 4000);
  requestAnimationFrame(next);
};
next();
"""


def test_a_lost_connection(live: Start, page: Open, line: Callable[[int], Line]) -> None:
    """The page says that it is cut off, comes back by itself, and has everything once."""
    client = live()
    between = line(client.port)
    inbox = page(between.url)
    send(client, to=["+14155550000"], channel=["sms"])
    inbox.open()
    inbox.shows("#conversations", "+14155550000")
    for turn in range(1, 3):
        between.cut()
        inbox.until(lambda: inbox.find("#lost")[0].is_displayed(), "it says that the connection is lost")
        for n in range(5):
            send(client, to=[f"+1415555{turn}00{n}"], channel=["sms"])
        between.mend()
        inbox.until(lambda: inbox.text("#line") == "live", "it is back")
        assert not inbox.find("#lost")[0].is_displayed()
        inbox.shows("#messages-count", str(1 + 5 * turn))
    inbox.click("#to-requests")

    inbox.shows("#requests-found", "11 requests")
    assert inbox.text("#messages-count") == "11"


def test_another_life_of_the_server(live: Start, page: Open, line: Callable[[int], Line]) -> None:
    """A server that was restarted knows nothing of before: the page shows what it has, and nothing else."""
    old, new = live(), live()
    between = line(old.port)
    inbox = page(between.url)
    send(old, to=["+14155550001"], channel=["sms"])
    inbox.open()
    inbox.shows("#conversations", "+14155550001")
    between.cut()
    send(new, to=["+14155550002"], channel=["sms"])
    between.mend(new.port)

    inbox.shows("#conversations", "+14155550002")
    assert "+14155550001" not in inbox.text("#conversations")


def test_keyboard_only(live: Start, page: Open) -> None:
    """Tab and arrows reach everything: search, a conversation, its messages, the story, and the bar; focus is seen."""
    client = live()
    send(client)
    inbox = page(client.url)
    inbox.open()
    inbox.shows("#conversations", "+14155551234")
    press(inbox, "/")
    assert focused(inbox) == "search"
    press(inbox, Keys.TAB)
    assert focused(inbox) == "conversations"
    press(inbox, Keys.HOME)
    first = inbox.text("#phone-to")
    press(inbox, Keys.ARROW_DOWN)
    inbox.until(lambda: inbox.text("#phone-to") != first, "the arrow chose the other conversation")
    active = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
    assert inbox.script(f"return {active}.getAttribute('aria-selected')") == "true"
    press(inbox, Keys.TAB)
    assert focused(inbox) == "thread"
    press(inbox, Keys.HOME)
    inbox.shows("#story", "SMS")
    press(inbox, Keys.TAB)
    assert focused(inbox) == "story"
    outline = "const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]"
    assert inbox.script(outline) == ["solid", 2]
    reached = {focused(inbox) for _ in range(40) if press(inbox, Keys.TAB)}

    assert {"account", "scenario", "freeze", "plus-day", "audit", "reset", "to-requests"} <= reached
    inbox.script("document.getElementById('scenario').focus()")
    press(inbox, Keys.ENTER)
    inbox.until(lambda: inbox.find("#scenarios-all[open]"), "the chooser is open")
    press(inbox, Keys.ESCAPE)
    inbox.until(lambda: focused(inbox) == "scenario", "the focus is back where it was")


def press(inbox: Page, key: str) -> bool:
    ActionChains(inbox.driver).send_keys(key).perform()
    sleep(0.05)
    return True


def focused(inbox: Page) -> str:
    return str(inbox.script("return document.activeElement.id"))


def test_on_a_phone(live: Start, page: Open) -> None:
    """At 360 px one thing is shown at a time, and there is a way back."""
    client = live()
    send(client)
    inbox = page(client.url)
    inbox.open(width=360, height=740)
    inbox.click("#conversations .conversation", "+14155551234")
    inbox.click("#thread .letter")
    inbox.shows("#story", "What became of it")
    inbox.click("#story-pane .back")
    inbox.click("#phone-pane .back")

    inbox.until(lambda: inbox.find("#conversations")[0].is_displayed(), "the conversations are there again")
