"""A comparison with a number, as users write it: 2, "2", ">=1", "<3"."""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

from mock_sent.ground.errors import Misuse

_SIGNS: Mapping[str, Callable[[int, int], bool]] = {"=": eq, ">": gt, "<": lt, ">=": ge, "<=": le}


class Comparison:
    """A sign and a number; `text` is the shortest way to write it.

    Raises `Misuse` for any other value; its sentence begins with `word`, the member that has the value.
    """

    def __init__(self, word: str, wanted: Any) -> None:
        text = str(wanted).replace(" ", "")
        self.sign = text.rstrip("0123456789") or "="
        digits = text[len(text.rstrip("0123456789")) :]
        if isinstance(wanted, bool) or self.sign not in _SIGNS or not digits.isascii() or not 0 < len(digits) < 10:
            raise Misuse(f'{word} must be a number or a comparison, such as 2, 0 or ">=1", not {str(wanted)[:50]!r}')
        self.count = int(digits)
        self.text = str(self.count) if self.sign == "=" else f"{self.sign}{self.count}"
        self._compare = _SIGNS[self.sign]

    def fits(self, number: int) -> bool:
        return self._compare(number, self.count)
