"""The documented failures by name, read from the examples of the contract's responses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.shape import demand_error_example
from mock_sent.ground.errors import Steps

_JSON = "application/json"
# The place of a response's examples.
_EXAMPLES = ("content", _JSON, "examples")


class Outcome(NamedTuple):
    """One documented failure of an operation. If the response has no body, `code` and `message` are empty."""

    name: str
    status: int
    code: str
    message: str
    details: dict[str, list[str]] | None
    doc_url: str

    @property
    def has_body(self) -> bool:
        return bool(self.code)

    def with_code(self, code: str) -> "Outcome":
        """The same failure with another code."""
        if code == self.code or not self.code:
            return self
        return self._replace(code=code, doc_url=self.doc_url and self.doc_url.replace(self.code, code))


class Outcomes:
    """The failures of one operation, found by name or by code."""

    def __init__(self, outcomes: Sequence[Outcome], codes: Mapping[str, str], variants: Mapping[str, tuple[str, str]]):
        self._by_name = {o.name: o for o in outcomes}
        self._name_of_code = codes
        # The failures of `x-envelope`, by name: the failure whose response they share, and their own code.
        self._variants = variants

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name or name in self._variants

    def __getitem__(self, name: str) -> Outcome:
        """The failure of a name. A failure of `x-envelope` has its own code only if the response has a body."""
        if name not in self._variants:
            return self._by_name[name]
        base, code = self._variants[name]
        outcome = self._by_name[base]
        return self.with_code(outcome.status, code) if outcome.has_body else outcome

    def find(self, word: str) -> str | None:
        """The name of a failure, for its name or its code; None if there is none."""
        return word if word in self._by_name else self._name_of_code.get(word)

    def of_status(self, status: int) -> list[str]:
        return [o.name for o in self._by_name.values() if o.status == status]

    def with_code(self, status: int, code: str) -> Outcome:
        """The failure of a status with a code. If none is described, the first one of the status, with this code."""
        of_status = [o for o in self._by_name.values() if o.status == status]
        return next((o for o in of_status if o.code == code), of_status[0].with_code(code))


def read_outcomes(document: Document, responses: Iterable[tuple[str, Any]], at: Steps) -> Outcomes:
    """The failures that pairs of status and response describe. What is no failure in our form is left out."""
    outcomes: list[Outcome] = []
    codes: dict[str, str] = {}
    variants: dict[str, tuple[str, str]] = {}
    for status, response, where in _failures(document, responses, at):
        if not status.isdigit():
            continue
        found = list(_of_response(document, int(status), response, where))
        outcomes += found
        for example in found:
            codes.setdefault(example.code, example.name)
        if found:
            for example in _envelopes(document, response, where):
                codes.setdefault(example.code, found[0].name)
                variants[example.name] = found[0].name, example.code
    codes.pop("", None)
    return Outcomes(outcomes, codes, variants)


def demand_failures(document: Document, responses: Iterable[tuple[str, Any]], at: Steps) -> None:
    """Raise `FileError` for a failure that a handler could not answer with."""
    for status, response, where in _failures(document, responses, at):
        if not status.isdigit():
            raise document.fault(where, f"a response is named by its status, not by {status!r}")
        examples = _examples(response)
        for name, example in examples.items():
            place = (*where, *_EXAMPLES, name)
            demand_error_example(document, document.follow(example, place), place)
        if not examples and "x-outcome" not in response:
            raise document.fault(where, "a failure needs a named example, or x-outcome where it has no body")


def _failures(
    document: Document, responses: Iterable[tuple[str, Any]], at: Steps
) -> Iterator[tuple[str, dict[str, Any], Steps]]:
    """Status, response and place of each response that is no success."""
    for status, node in responses:
        if not status.startswith("2"):
            yield status, document.follow(node, (*at, status)), (*at, status)


def _of_response(document: Document, status: int, response: dict[str, Any], at: Steps) -> Iterator[Outcome]:
    named = [_of_example(document, name, status, content, at) for name, content in _examples(response).items()]
    examples = [each for each in named if each]
    if name := response.get("x-outcome"):
        yield examples[0]._replace(name=name) if examples else Outcome(name, status, "", "", None, "")
    yield from examples


def _envelopes(document: Document, response: dict[str, Any], at: Steps) -> list[Outcome]:
    named = [_of_example(document, name, 0, content, at) for name, content in response.get("x-envelope", {}).items()]
    return [each for each in named if each]


def _of_example(document: Document, name: str, status: int, content: Any, at: Steps) -> Outcome | None:
    """The failure that an example shows; None if the example is not an error envelope."""
    try:
        error = document.follow(content, at)["value"]["error"]
        code, message, details, doc_url = (error[member] for member in ("code", "message", "details", "doc_url"))
    except (KeyError, TypeError):
        return None
    is_ours = isinstance(code, str) and isinstance(message, str)
    return Outcome(name, status, code, message, details, doc_url) if is_ours else None


def _examples(response: dict[str, Any]) -> dict[str, Any]:
    examples: dict[str, Any] = response.get("content", {}).get(_JSON, {}).get("examples", {})
    return examples
