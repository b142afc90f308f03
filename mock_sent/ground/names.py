"""The names of values that a text wants, compared with the names of those that were given."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

# The names that are kept of a comparison, how much of each, and how many are compared letter by letter, which is slow.
_MOST, _LONGEST, _MOST_COMPARED = 10, 100, 5


class Lacking(NamedTuple):
    """A name without a value, and the given name that was probably meant for it; empty if none is similar."""

    name: str
    near: str


class Differing(NamedTuple):
    """The first names without a value, and the first values that nothing asks for and that no lacking name is near."""

    lacking: tuple[Lacking, ...]
    extra: tuple[str, ...]

    @property
    def size(self) -> int:
        """The bytes that it takes. The names of the template are not its own."""
        return 160 + 90 * len(self.lacking) + sum([70 + len(name) for name in self.extra])


def differing(wanted: Collection[str], given: Collection[str]) -> Differing:
    """Compare the names that are wanted with those that were given."""
    missing = list(islice((name for name in wanted if name not in given), _MOST))
    extra = [name for name in given if name not in wanted]
    lacking = tuple([Lacking(name[:_LONGEST], near) for name, near in _paired(missing, extra)]) if missing else ()
    near = {each.near for each in lacking}
    others = islice((name[:_LONGEST] for name in extra if name[:_LONGEST] not in near), _MOST)
    return Differing(lacking, tuple(others))


def said(lacking: Iterable[Lacking]) -> str:
    """Which given name was probably meant for which lacking one; empty if none is similar to one."""
    return "; ".join([f"{near!r} was given: did you mean {name!r}?" for name, near in lacking if near])


def _paired(missing: list[str], extra: list[str]) -> Iterator[tuple[str, str]]:
    plain = {_plain(name): name for name in reversed(extra) if len(name) <= _LONGEST}
    compared = [name for name in extra[: 4 * _MOST_COMPARED] if len(name) <= _LONGEST]
    for i, name in enumerate(missing):
        near = plain.get(_plain(name[:_LONGEST]), "")
        if not near and i < _MOST_COMPARED:
            near = next(iter(difflib.get_close_matches(name[:_LONGEST], compared, n=1, cutoff=0.6)), "")
        yield name, near


def _plain(name: str) -> str:
    """The letters and digits of a name: `order_id`, `orderId` and `Order-ID` are alike, and so are é and e."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())
