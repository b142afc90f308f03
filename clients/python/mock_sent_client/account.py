"""The client of one account of a mock server: a test sets the account up, and checks it afterwards."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from mock_sent_client.control import LONGEST_WAIT, Control
from mock_sent_client.errors import HandleError, escaped
from mock_sent_client.eventloops import blocks_a_loop
from mock_sent_client.facts import AuditReport, Finding, SentMessage, SentRequest, message_of, request_of
from mock_sent_client.forms import AUDIT, DELIVERIES, MESSAGES, REQUEST, REQUESTS, VERDICT
from mock_sent_client.ids import label_of, uuid_for
from mock_sent_client.spans import AnySpan, span_text
from mock_sent_client.timeline import timeline
from mock_sent_client.verdict import expectation, failures

# pytest shows the line of the test that asked, and not these.
__tracebackhide__ = HandleError.hides


class SentMock:
    """One account of a mock server: a test sets it up, and checks it afterwards.

    `name` is what the server shows in place of the key: in its log, in the inbox and in reports.
    """

    def __init__(self, url: str, api_key: str, token: str = "", name: str = "") -> None:
        self.url, self.api_key, self._name = url.rstrip("/"), api_key, name
        self._control = Control(url, api_key, token, name=name)
        self._quick = Control(url, api_key, token, timeout=1, name=name)
        self._last, self._dropped = "", False
        self._allowed: frozenset[str] | None = frozenset()

    def __repr__(self) -> str:
        """How to reach the account, and what it has. pytest shows it: it takes a second at most, and is no error."""
        shown = escaped(self._name, 100) or label_of(self.api_key)
        return f"<SentMock {shown} at {self.url}: {self._known()}>"

    def _known(self) -> str:
        if self._dropped:
            return "dropped"
        try:
            counts = [self._quick.ask("GET", f"/{what}?limit=1")["count"] for what in ("requests", "messages")]
            audit = self._quick.ask("GET", "/audit", form=AUDIT)
        except (HandleError, LookupError, TypeError) as e:
            return escaped(str(e), 200)
        texts = [_counted(counts[0], "request"), _counted(counts[1], "message")]
        return ", ".join([*texts, f"audit {audit['result']}"])

    # Before

    def scenario(self, name_or_yaml: str | Path) -> None:
        """Switch a scenario on: its name, YAML text, or the path of a file."""
        if isinstance(name_or_yaml, Path):
            content = name_or_yaml.read_bytes()
        elif ":" in name_or_yaml or "\n" in name_or_yaml:
            content = name_or_yaml.encode("utf-8", "surrogatepass")  # the server says where half a character stands
        else:
            self._control.ask("PUT", "/scenario", {"name": name_or_yaml})
            return
        self._control.ask("PUT", "/scenario", content, "application/yaml")

    def no_scenario(self) -> None:
        """Switch the account's scenario off."""
        self._control.ask("DELETE", "/scenario")

    def template(self, name: str, body: str, **more: Any) -> str:
        """Store a template, and return its id; `{{code}}` in the body is a parameter."""
        id = str(more.pop("id", uuid_for("template", name)))
        self._control.ask("PUT", "/templates", [{"id": id, "name": name, "body": body, **more}])
        return id

    def balance(self, amount: float | str) -> None:
        """Set the amount that the account can spend; "unlimited" for no limit."""
        self._control.ask("PUT", "/balance", {"balance": amount})

    def edition(self, name: str) -> None:
        """Speak an edition of the API from now on: `2026-10`."""
        self._control.ask("PUT", "/edition", {"edition": name})

    def receive(
        self,
        number: str,
        text: str | None = None,
        *,
        to: str | None = None,
        channel: str = "sms",
        media: Iterable[str] = (),
    ) -> dict[str, Any]:
        """A message from a contact, as if it had come in; STOP, START and HELP count. Returns its id and keyword."""
        body = {"from": number, "text": text, "channel": channel, "media": list(media)}
        received: dict[str, Any] = self._control.ask("POST", "/inbound", body if to is None else {**body, "to": to})
        return received

    def advance(self, span: AnySpan) -> None:
        """Advance the account's clock: "1h30m", "900ms", a number of seconds, or a `timedelta`."""
        self._control.ask("POST", "/clock", {"advance": span_text(span)})

    def freeze(self, at: str | None = None) -> None:
        """Freeze the account's clock, now or at an ISO 8601 time."""
        self._control.ask("POST", "/clock", {"freeze": at or True})

    def resume(self) -> None:
        """Let the account's clock run again, from its present time."""
        self._control.ask("POST", "/clock", {"resume": True})

    def reset(self) -> None:
        """Reset the account to the fixtures: no message, no key, no scenario, the machine's time."""
        self._control.ask("POST", "/reset", {})
        self._last = ""
        if self._name:
            self.resume()  # so that the server knows the name of the new account

    def drop(self) -> None:
        """Drop the account."""
        self._control.ask("DELETE", "/account")
        self._dropped = True

    # Afterwards

    @property
    def messages(self) -> list[SentMessage]:
        """Every message that was sent, the oldest first."""
        return self.find_messages()

    def find_messages(self, **filters: str) -> list[SentMessage]:
        """The messages that fit the filters to, channel, template, text, status; * stands for anything."""
        found: list[SentMessage] = []
        after: dict[str, str] = {}
        while True:  # a page has fewer messages than were asked for if their texts are long
            query = urlencode({"limit": 10_000 - len(found), **filters, **after})
            page = self._control.ask("GET", f"/messages?{query}", form=MESSAGES)
            shown, count = page["messages"], page.get("count")
            found += map(message_of, shown)
            if not shown or len(found) >= 10_000 or type(count) is not int or count <= len(shown):
                return found
            after = {"after": shown[-1]["id"]}

    def wait_for_message(self, timeout: AnySpan = "5s", **filters: str) -> SentMessage:
        """The next message that fits; two calls never return the same message. Waits in real time.

        In a coroutine it would block the event loop, so that no other task could send: it returns a message that is
        there, or raises `HandleError` at once.
        """
        __tracebackhide__ = True
        timeout, blocks = span_text(timeout), blocks_a_loop()
        query = {"limit": 1, "wait": "0s" if blocks else timeout, **filters}
        if self._last:
            query["after"] = self._last
        asked = f"/messages?{urlencode(query)}"
        found = self._control.ask("GET", asked, form=MESSAGES, wait=LONGEST_WAIT)["messages"]
        if blocks and not found:
            raise HandleError(
                "wait_for_message would block the event loop, in which the code under test runs: "
                f"{blocks}, or call it from a test that is no coroutine"
            )
        if not found:
            since = " after the one that was returned last" if self._last else ""
            near = "".join(f"\n  {escaped(line)}" for line in self._near_misses(filters))
            raise AssertionError(f"no message that fits came within {timeout}{since}{near}")
        self._last = found[0]["id"]
        return message_of(found[0])

    def _near_misses(self, filters: Mapping[str, str]) -> list[str]:
        """What nearly fits, beside the messages that fit and were returned before."""
        verdict = self.verify(**filters)
        if verdict["result"] == "ok":
            verdict = self.verify(f">{verdict['known']}", **filters)
        return list(verdict["near_misses"])

    @property
    def requests(self) -> list[SentRequest]:
        """Every request of the client under test, the oldest first."""
        listed = self._control.ask("GET", "/requests?limit=10000", form=REQUESTS)["requests"]
        paths = [f"/requests/{quote(x['request_id'], '')}" for x in reversed(listed)]
        explained = [self._control.ask("GET", path, form=REQUEST) for path in paths]
        return [request_of(x) for x in explained]

    @property
    def webhooks(self) -> list[dict[str, Any]]:
        """The deliveries of webhooks, as the control plane shows them, the latest first."""
        return list(self._control.ask("GET", "/webhooks/deliveries", form=DELIVERIES)["deliveries"])

    def verify(self, times: int | str = ">=1", **pattern: Any) -> dict[str, Any]:
        """The verdict on a pattern: result, count, near_misses, sentence."""
        return dict(self._control.ask("POST", "/verify", {**pattern, "times": times}, form=VERDICT))

    def assert_sent(self, *, times: int | str = 1, **pattern: Any) -> None:
        """Fail unless `times` messages fit: to, channel, template, text, header, idempotency_key, ...

        Messages that were counted although they fail give a warning, unless the pattern asks for a `status`.
        """
        __tracebackhide__ = True
        self._expect("assert_sent", times, pattern)

    def assert_not_sent(self, **pattern: Any) -> None:
        """Fail if any message fits."""
        __tracebackhide__ = True
        self._expect("assert_not_sent", 0, pattern)

    def _expect(self, method: str, times: int | str, pattern: Mapping[str, Any]) -> None:
        __tracebackhide__ = True
        verdict = self.verify(times, **pattern)
        asked = f"{method}({', '.join(f'{word}={value!r}' for word, value in pattern.items())})"
        failed = "" if "status" in pattern else failures(verdict)
        if verdict["result"] != "ok":
            noun = str(pattern.get("of", "messages")).removesuffix("s")
            raise AssertionError("\n  ".join(filter(None, (f"{asked}: {expectation(verdict, noun)}", failed))))
        if failed:
            warnings.warn(f"{asked} counted {failed}", stacklevel=3)

    # The audit

    @property
    def audit(self) -> AuditReport:
        """What the audit found: mistakes of the client, even if every request was accepted."""
        found = self._control.ask("GET", "/audit", form=AUDIT)
        findings = [Finding(f["kind"], f["severity"], f["sentence"]) for f in found["findings"]]
        return AuditReport(found["result"], findings)

    def allow_audit(self, *kinds: str) -> None:
        """Let these findings not fail the test; without a kind, no finding fails it."""
        self._control.ask("GET", f"/audit?{urlencode({'fail_on': ','.join(kinds)})}")  # raises for an unknown kind
        self._allowed = None if not kinds or self._allowed is None else self._allowed | set(kinds)

    def assert_good_client(self) -> None:
        """Fail if the audit has an error that was not allowed. The plugin calls this at the end of a test."""
        __tracebackhide__ = True
        if self._allowed is None:
            return
        audit = self.audit
        bad = [f for f in audit.errors if f.kind not in self._allowed]
        if bad:
            kinds = ", ".join(sorted({repr(f.kind) for f in bad}))
            lines = "\n".join(escaped(str(f)) for f in bad)
            raise AssertionError(
                f"{lines}\n(No answer of the API tells of this. sent_mock.allow_audit({kinds}), "
                f"or @pytest.mark.sent_allow_audit({kinds}), lets it pass.)"
            )

    def timeline(self) -> str:
        """What happened, line by line, and the seed with which it happens again."""
        return timeline(self._control)


def _counted(count: Any, noun: str) -> str:
    """A count that the server may not know."""
    return f"{count if type(count) is int else 'many'} {noun}{'' if count == 1 else 's'}"
