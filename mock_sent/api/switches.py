"""Which scenarios apply to a request, in order of precedence, and `Prefer`, which comes before all of them.

The order: Prefer, X-Mock-Scenario, the account's scenario, magic numbers, MOCK_SENT_SCENARIO_INLINE,
MOCK_SENT_SCENARIO.
"""

import re
from collections.abc import Sequence

from mock_sent.api.calls import Call
from mock_sent.ground.errors import ApiError, FileError, Lack, Misuse, did_you_mean
from mock_sent.ground.headers import parts_of, unquoted
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.words import DEFAULT_CHANNELS, Facts

# The operation to which `send` rules apply.
SENDING = "sendMessage"
MAGIC = "magic-numbers"
# All magic numbers begin with this, so the rules are not evaluated for other numbers.
MAGIC_PREFIX = "+150055501"

# Seconds; the retry-after of a 429 if no scenario sets one. The vendor's example has 60, too long for tests.
RETRY_AFTER = 1

# The preferences that are the mock's. Any other, such as `return=minimal`, is none of its business (RFC 7240, 2).
_CODE, _EXAMPLE = "code", "example"
_STATUS = re.compile(r"[1-5][0-9]{2}", re.ASCII)


class Switches:
    """Decides how scenarios and `Prefer` answer a valid request."""

    def __init__(self, library: Library, always: Sequence[Scenario], *, magic: bool) -> None:
        self._library = library
        self._always = tuple(always)
        self._magic = magic

    def layers(self, call: Call) -> tuple[Scenario, ...]:
        """The scenarios that may decide, the highest precedence first. The exchange records them."""
        if call.operation.id != SENDING:
            return ()
        layers: list[Scenario] = []
        if names := call.headers.get("x-mock-scenario"):
            layers += self._named(names)
        if call.account.scenario:
            layers.append(call.account.scenario)
        if self._magic and MAGIC_PREFIX in "".join(call.body["to"]):  # a plus sign only begins a number
            layers.append(self._library.get(MAGIC))
        layers += self._always
        if not layers:
            return ()
        found = tuple(dict.fromkeys(layers))
        call.exchange.scenarios = tuple([scenario.record for scenario in found])
        return found

    def decide(self, call: Call, *, seen: bool = False) -> Decision:
        """How the request is answered. For a key that was `seen`, only rules about such keys are evaluated."""
        if preference := call.headers.get("prefer"):
            wanted = _preferred(call, preference)
            if wanted:
                return wanted
        layers = call.layers
        if not layers or (seen and not any(rule.for_seen for s in layers for rule in s.send)):
            return _ACCEPT
        call.asked = _facts_of(call, seen)
        return call.account.rules.decide(call.asked, layers, call.clock)

    def _named(self, names: str) -> list[Scenario]:
        try:
            return [self._library.get(name, Misuse) for name in parts_of(names, ",") if name]
        except FileError as e:
            raise Misuse(f"X-Mock-Scenario: {e}") from None


def failure_of(decision: Decision) -> ApiError:
    """The failure that a decision stands for, with its retry-after."""
    error = ApiError(decision.outcome or "internal_error")
    wait = decision.retry_after
    if wait is None and error.outcome == "rate_limited":
        wait = RETRY_AFTER
    if isinstance(wait, int):
        error.headers = {"retry-after": str(wait)}
    return error


_ACCEPT = Decision()


def _facts_of(call: Call, seen: bool) -> Facts:
    body = call.body
    template = body.get("template") or {}
    words = {
        "to": body["to"],
        "channel": body.get("channel") or DEFAULT_CHANNELS,
        "template": list(filter(None, (template.get("name"), template.get("id")))),
    }
    return Facts(words, call.headers, call.key, seen, len(body["to"]), body.get("sandbox", False))


def _preferred(call: Call, header: str) -> Decision | None:
    """The decision of `Prefer: code=402` or `Prefer: example=insufficient_balance`; None for other preferences."""
    wanted = _preferences(header)
    code, example = wanted.get(_CODE), wanted.get(_EXAMPLE)
    if example is None:
        return None if code is None else _of_code(call, code)
    decision = _of_example(call, example)
    if code is not None:
        outcome, operation = decision.outcome, call.operation
        answered = outcome and outcome in operation.outcomes
        status = str(operation.outcomes[outcome].status if outcome and answered else operation.success)
        if code != status:
            raise Misuse(f"Prefer asks for code={code[:50]} and example={example[:50]}, which is {status}; name one")
    return decision


def _preferences(header: str) -> dict[str, str]:
    """The mock's preferences in a `Prefer`. Of one that is named twice the first counts (RFC 7240, 2).

    A comma separates preferences; what follows a semicolon is a parameter of a preference, and no preference.
    """
    found: dict[str, str] = {}
    for preference in parts_of(header, ","):
        name, _, value = parts_of(preference, ";")[0].partition("=")
        name = name.rstrip(" \t").lower()
        if name in (_CODE, _EXAMPLE):
            found.setdefault(name, unquoted(value.lstrip(" \t")))
    return found


def _of_code(call: Call, value: str) -> Decision:
    operation = call.operation
    if value == str(operation.success):
        return Decision(rule=f"Prefer/code={value}")
    names = operation.outcomes.of_status(int(value)) if _STATUS.fullmatch(value) else []
    later = [] if names else call.account.edition.endings_of_status(value)
    if later:
        raise Misuse(
            f"Prefer asks for code={value[:50]}; in this edition that is no answer, but ends the messages later: "
            f"Prefer: example={later[0]}"
        )
    if not names:
        statuses = sorted({operation.outcomes[name].status for name in operation.outcomes.names} | {operation.success})
        text = f"Prefer asks for code={value[:50]}; {operation.id} has {', '.join(map(str, statuses))}"
        raise Misuse(text, lack=Lack("answer", f"{operation.id} {value[:50]}"))
    return Decision(kind="fail", outcome=names[0], commit=False, rule=f"Prefer/code={value}")


def _of_example(call: Call, value: str) -> Decision:
    operation = call.operation
    name = operation.outcomes.find(value)
    if name is None and operation.id == SENDING and value in call.account.edition.endings:
        name = value
    if name:
        return Decision(kind="fail", outcome=name, commit=False, rule=f"Prefer/example={value}")
    if value in operation.success_examples:
        return Decision(rule=f"Prefer/example={value}")
    known = [*operation.success_examples, *operation.outcomes.names]
    hint = did_you_mean(value, known) or f"; it has {', '.join(known)}"
    text = f"Prefer asks for example={value[:50]}, which {operation.id} does not have{hint}"
    raise Misuse(text, lack=Lack("outcome", value))
