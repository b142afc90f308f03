"""The log: one line for each exchange and each event."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TextIO

from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import one_line
from mock_sent.ground.output import ProcessOutput
from mock_sent.journal.record import Exchange


class Log:
    """Writes a line for each exchange and each event, as text for people or as JSON for programs."""

    def __init__(self, form: str, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        if form == "auto":
            form = "text" if self._stream is not None and self._stream.isatty() else "json"
        self._format: Callable[[Exchange, Sequence[str]], str] | None = {"text": _as_text, "json": _as_json}.get(form)
        self._json = form == "json"
        self._output = getattr(self._stream, "buffer", None)
        if not isinstance(self._output, ProcessOutput):
            self._output = None
        elif self._format:
            self._output.word_dropped = self._word_dropped

    def exchange(self, exchange: Exchange, not_fired: Iterable[str] = ()) -> None:
        """Write the line of an exchange. `not_fired` has a reason for each rule that was tried and did not fire."""
        if self._format:
            self._write(self._format(exchange, () if exchange.rule else _first(not_fired)))

    def event(self, event: str, **about: Any) -> None:
        """Write the line of an event other than an exchange, such as an evicted account or a bug in the mock."""
        if self._format:
            self._write(self._event_line(event, about))

    def _event_line(self, event: str, about: Mapping[str, Any]) -> str:
        if self._json:
            return _dumps({"event": event, **about})
        details = " ".join(f"{name}={_plain(value)}" for name, value in about.items())
        return f"{_plain(event)} {details}".rstrip()

    def _word_dropped(self, lines: int, reason: str) -> str:
        return self._event_line(
            "log lines were dropped, because stderr could not be written", {"lines": lines, "reason": reason}
        )

    def _write(self, line: str) -> None:
        if self._output is not None:
            self._output.write(f"{line}\n".encode())
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError, AttributeError):
            self._format = None  # the stream is closed; stop logging, and do not fail the request


_MOST_REASONS = 100


def _as_text(x: Exchange, no_rule: Sequence[str]) -> str:
    parts = [timestamp(x.at)[11:23], str(x.status), x.method, _plain(x.path), f"{x.milliseconds}ms", x.request_id]
    parts.append(f"account={_plain(x.account)}")
    if x.profile:
        parts.append(f"profile={_plain(x.profile)}")
    if x.outcome:
        parts.append(x.outcome)
    if x.key is not None:
        parts.append(f"key={_plain(x.key)} {_key_fate(x)}".rstrip())
    if x.rule:
        parts.append(f"rule={_plain(x.rule)}")
    elif no_rule:
        parts.append(f"no rule: {'; '.join(no_rule)}")
    if x.fault:
        parts.append(f"fault={x.fault}")
    if x.made:
        parts.append(f"messages={len(x.made)}")
    for name, texts in (("faults", x.violations), ("warnings", x.warnings)):
        if texts:
            parts.append(f"{name}: {_plain('; '.join(texts[:5]))}")
    return " ".join(parts)


def _as_json(x: Exchange, no_rule: Sequence[str]) -> str:
    shown = {name: getattr(x, name) for name in ("request_id", "method", "status", "milliseconds", "account")}
    shown["path"] = _plain(x.path)
    named = {"original_request_id": "original", "faults": "violations"}
    names = ("profile", "outcome", "key", "key_fate", "original_request_id", "rule", "fault", "faults", "warnings")
    for name in names:
        if value := getattr(x, named.get(name, name)):
            shown[name] = [_plain(sentence) for sentence in value[:5]] if isinstance(value, list | tuple) else value
    if x.made:
        shown["messages"] = len(x.made)
    if no_rule:
        shown["no_rule"] = no_rule
    return _dumps({"time": timestamp(x.at), **shown})


def _key_fate(x: Exchange) -> str:
    """The fate of the key, and the id of the request that used it first, if that was another one."""
    if not x.original:
        return x.key_fate
    return f"{x.key_fate} {'from' if x.key_fate == 'replayed' else 'with'} {x.original}"


def _first(reasons: Iterable[str]) -> Sequence[str]:
    """The first hundred reasons, each as one line."""
    return [one_line(reason, 200) for reason in islice(reasons, _MOST_REASONS)]


def _dumps(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=True)


def _plain(value: Any) -> str:
    return one_line(str(value), 300)
