"""The audit: finds mistakes of a client that no answer reported.

The audit reads the journal on request, so it adds no cost to a send. If the journal has evicted exchanges, the result
is never `ok`, because the audit cannot check them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from mock_sent.ground.clock import HOUR, MILLISECOND, SECOND
from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.ground.names import Differing, said
from mock_sent.journal import Exchange, Journal
from mock_sent.scenarios.findings import ERRORS, KINDS
from mock_sent.scenarios.rules import fail_on_of

_SENDING = "sendMessage"
_FINAL = (400, 402, 404, 422)
# The refusals by a 4xx after which the request, or another one under its key, may have been executed all the same.
_UNDECIDED = (408, 409)
# After this time, an equal message may be intended.
_DUPLICATE_WITHIN = 24 * HOUR
# The findings of one kind and severity that a report shows, and the numbers that a sentence names.
MOST_OF_A_KIND, _MOST_NAMED = 100, 10
# A client's timer may fire this much too early.
_TOLERANCE = 20 * MILLISECOND


class AuditFinding(NamedTuple):
    """One mistake: the request that makes it, the earlier request that it conflicts with, and how the two differ."""

    kind: str
    error: bool
    later: Exchange
    earlier: Exchange | None
    earlier_id: str
    differs: str
    in_production: str

    def __str__(self) -> str:
        first = f"{self.earlier_id} then " if self.earlier_id else ""
        word = "error" if self.error else "warning"
        return f"{word}: {self.kind}: {first}{self.later.request_id}: {self.differs}; {self.in_production}"


class Report:
    """What one account's audit found; `complete` says that the journal had all of its requests.

    `findings` are the first of each kind, in the order of the requests; `errors` and `warnings` count all.
    """

    def __init__(self, *, complete: bool) -> None:
        self.findings: list[AuditFinding] = []
        self.errors = self.warnings = 0
        self._complete = complete
        self._shown: Counter[tuple[str, bool]] = Counter()

    def add(self, finding: AuditFinding) -> None:
        """Count a finding, and keep it unless there are many of its kind."""
        self.errors += finding.error
        self.warnings += not finding.error
        kind = finding.kind, finding.error
        if self._shown[kind] < MOST_OF_A_KIND:
            self._shown[kind] += 1
            self.findings.append(finding)

    @property
    def result(self) -> str:
        """`failed`, `ok`, or `unknown` if there is no error but the journal is incomplete."""
        return "failed" if self.errors else "ok" if self._complete else "unknown"


def audit(
    journal: Journal, report: Report, not_executed: Collection[str], fail_on: Collection[str] | None = None
) -> Iterator[None]:
    """Check the sends in the journal, one a step.

    `not_executed` are the codes of failures of the server that say that nothing was done. `fail_on` are the kinds that
    are errors, not the default ones.
    """
    for findings in _AuditReader(journal, not_executed, fail_on).findings():
        for finding in findings:
            report.add(finding)
        yield


def kinds_of(text: str) -> frozenset[str]:
    """The kinds in a text such as `a,b`. Raises `Misuse` for an unknown one."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    for word in sorted(words - KINDS.keys()):
        raise Misuse(f"the audit has no finding {word[:50]!r}{did_you_mean(word, KINDS)}; it has {', '.join(KINDS)}")
    return frozenset(words)


# The kind of a finding, and what differs.
_Found = tuple[str, str]


class _AuditReader:
    """One pass over the sends, in the order of their arrival."""

    def __init__(self, journal: Journal, not_executed: Collection[str], fail_on: Collection[str] | None) -> None:
        self._not_executed, self._fail_on = not_executed, fail_on
        requests = sorted(journal, key=lambda x: x.arrival)
        self._sends = [x for x in requests if x.operation == _SENDING]
        self._by_example = [x for x in requests if x.by_example]
        self._by_id = {x.request_id: x for x in self._sends}
        # The index of the last send with each key. A send before it with another key is not a retry under a new key.
        self._last_use = {x.key: i for i, x in enumerate(self._sends) if x.key is not None}
        # By fingerprint: the latest send, and the latest one whose outcome the client cannot know yet.
        self._latest: dict[bytes, Exchange] = {}
        self._unknown: dict[bytes, Exchange] = {}

    def findings(self) -> Iterator[Sequence[AuditFinding]]:
        """The findings about one request after the other."""
        for i, later in enumerate(self._sends):
            yield [*self._of_one(later), *self._of_equal(later, i)]
        for request in self._by_example:
            yield [self._finding("answered_by_example", request, f"the mock has no handler for {request.operation}")]

    def _of_equal(self, later: Exchange, index: int) -> Iterator[AuditFinding]:
        """The mistakes of a request together with earlier ones that have the same body."""
        fingerprint = later.fingerprint()
        earlier, unknown = self._latest.get(fingerprint), self._unknown.get(fingerprint)
        self._latest[fingerprint] = later
        if earlier is not None:
            for kind, differs in self._of_pair(earlier, later):
                yield self._finding(kind, later, differs, earlier)
        found = self._of_retry(unknown, later, index) if unknown else None
        if unknown and found:
            kind, differs = found
            worse = kind == "retry_without_key" and _failed_unheard(unknown) and _kept(unknown)
            yield self._finding(kind, later, differs, unknown, worse=worse)
        if self._leaves_unknown(later):
            self._unknown[fingerprint] = later
        elif found or (unknown and unknown.key == later.key and _settles(later)):
            del self._unknown[fingerprint]

    def _of_one(self, later: Exchange) -> Iterator[AuditFinding]:
        """The mistakes of one request, alone or together with the request that used its key first."""
        if not (later.header("x-api-key") or "").strip():
            yield self._finding("missing_api_key", later, "it has no x-api-key")
        if later.unknown:
            yield self._finding("unknown_member", later, f"the contract does not know {', '.join(later.unknown)}")
        if later.parameters:
            kind = "missing_parameter" if later.parameters.lacking else "extra_parameter"
            yield self._finding(kind, later, _differing_values(later, later.parameters))
        holder = self._by_id.get(later.original)
        if later.other_body or (
            holder is not None and later.key_fate == "conflict" and holder.fingerprint() != later.fingerprint()
        ):
            differs = f"the key {later.key} came with another body{_changed(holder, later)}"
            yield self._finding("key_reused_for_other_body", later, differs, holder, later.original)
        if later.original_edition:
            form = f"the key {later.key} got a stored answer in the form of the edition {later.original_edition}"
            yield self._finding("replay_of_other_edition", later, form, holder, later.original)
        if later.made and (twice := _twice(later)):
            more = f" and {len(twice) - _MOST_NAMED} more" if len(twice) > _MOST_NAMED else ""
            numbers = f"{', '.join(twice[:_MOST_NAMED])}{more}"
            yield self._finding("duplicate_message", later, f"{numbers} stands more than once in `to`")

    def _of_pair(self, earlier: Exchange, later: Exchange) -> Iterator[_Found]:
        """The mistakes of a request whose body was sent before."""
        wait = earlier.reply_header("retry-after") or ""
        if wait.isdigit() and _comes_after(later, earlier):
            after = max(0, later.arrived - earlier.at)
            if after < int(wait) * SECOND - _TOLERANCE:
                yield "retry_too_soon", f"it came after {after / SECOND:.1f} s, Retry-After was {wait} s"
        if _unheard(earlier):
            return
        if earlier.status in _FINAL:
            if _same_circumstances(earlier, later):
                yield "retry_of_final_error", f"nothing: the answer was {earlier.status} {earlier.outcome}"
        elif earlier.status < 300 and _kept(earlier) and later.made and later.arrived - earlier.at < _DUPLICATE_WITHIN:
            yield "duplicate_message", f"{_keys(earlier, later)}; the first was accepted with {earlier.status}"

    def _of_retry(self, earlier: Exchange, later: Exchange, index: int) -> _Found | None:
        """The mistake of a request that repeats one whose outcome the client cannot know."""
        if not _comes_after(later, earlier):
            return None
        if later.key == earlier.key and later.key is not None:
            return None
        differs = f"{_keys(earlier, later)}; the first was {_fate(earlier)}"
        if later.key is None:
            return "retry_without_key", differs
        if earlier.key is None or self._last_use[earlier.key] <= index:
            return "new_key_on_retry", differs
        return None

    def _leaves_unknown(self, x: Exchange) -> bool:
        """Whether the client cannot know if the send was executed, and must repeat it under the same key."""
        if _unheard(x) or x.status in _UNDECIDED:
            return True
        return x.status >= 500 and _code_of(x) not in self._not_executed

    def _finding(
        self,
        kind: str,
        later: Exchange,
        differs: str,
        earlier: Exchange | None = None,
        earlier_id: str = "",
        *,
        worse: bool = False,
    ) -> AuditFinding:
        fail_on = fail_on_of(later.scenarios) if self._fail_on is None else self._fail_on
        error = kind in ERRORS or worse if fail_on is None else kind in fail_on
        id = earlier.request_id if earlier else earlier_id
        return AuditFinding(kind, error, later, earlier, id, differs, f"in production {KINDS[kind]}")


def _unheard(x: Exchange) -> bool:
    """Whether the client got no answer, or a part of one."""
    return bool(x.fault) or x.lost or x.status == 0


def _comes_after(later: Exchange, earlier: Exchange) -> bool:
    """Whether the client can have sent the later request because of the earlier one's answer, or of its absence."""
    return later.arrived >= earlier.at or _unheard(earlier)


def _failed_unheard(x: Exchange) -> bool:
    """Whether the client got no answer, or that of a server that failed."""
    return _unheard(x) or x.status >= 500


def _settles(x: Exchange) -> bool:
    """Whether the answer tells what became of the earlier requests under the same key."""
    return 200 <= x.status < 300 or x.status in _FINAL


def _code_of(x: Exchange) -> str | None:
    """The code of the failure that the client was told."""
    reply = x.reply()
    error = reply.get("error") if isinstance(reply, dict) else None
    return error.get("code") if isinstance(error, dict) else None


def _kept(x: Exchange) -> bool:
    """Whether the messages of the send exist, even if the client did not get the answer."""
    return bool(x.made) or x.key_fate == "replayed"


def _same_circumstances(earlier: Exchange, later: Exchange) -> bool:
    """Whether all that decides about the refusal is the same: account, scenarios, profile and the refused header."""
    headers: Iterable[str] = ("prefer", "x-profile-id", *(name for name in ("idempotency-key",) if _at(earlier, name)))
    return (
        earlier.world == later.world
        and earlier.scenarios == later.scenarios
        and all(earlier.header(name) == later.header(name) for name in headers)
        and later.arrived >= earlier.at
    )


def _at(x: Exchange, header: str) -> bool:
    return any(f"'{header}'" in text.lower() for text in x.violations)


def _twice(x: Exchange) -> list[str]:
    to: list[str] = x.body()["to"]
    return [number for number, times in Counter(to).items() if times > 1] if len(set(to)) < len(to) else []


def _differing_values(x: Exchange, names: Differing) -> str:
    """What the template lacks, and what it does not ask for."""
    wanted = x.body()["template"]
    template = f"template {str(wanted.get('name') or wanted.get('id'))[:100]!r}"
    extra = f"the template does not ask for {', '.join(map(repr, names.extra))}" if names.extra else ""
    if not names.lacking:
        return f"{template}: {extra}"
    lacking = f"{template} got no value for {', '.join(repr(each.name) for each in names.lacking)}"
    return "; ".join(filter(None, (lacking, said(names.lacking), extra)))


def _fate(x: Exchange) -> str:
    if not _failed_unheard(x) or not (_unheard(x) or x.made):
        return f"answered with {x.status} {x.outcome}"
    how = f"broken off ({x.fault})" if x.fault else "not heard" if _unheard(x) else f"a {x.status}"
    return f"{how} although the send was kept" if _kept(x) else how


def _keys(earlier: Exchange, later: Exchange) -> str:
    one, two = (x.key or "no key" for x in (earlier, later))
    return f"Idempotency-Key: {one} twice" if one == two else f"Idempotency-Key: {one}, then {two}"


def _changed(holder: Exchange | None, later: Exchange) -> str:
    """The members that differ; empty if the journal has evicted the first body."""
    one, two = holder.body() if holder else None, later.body()
    if not isinstance(one, dict) or not isinstance(two, dict):
        return ""
    names = [name for name in {**one, **two} if one.get(name) != two.get(name)]
    return f": {', '.join(map(str, names))} differ{'s' if len(names) == 1 else ''}" if names else ""
