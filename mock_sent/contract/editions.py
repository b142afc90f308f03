"""The editions of one server, by name. Each is read and compiled when it is first used."""

import asyncio
from collections.abc import Callable, Iterator, Mapping

from mock_sent.contract.edition import Edition


class Editions:
    """`usual` is the edition of an account that has chosen none, because of `usual_from`.

    `readers` read the editions, the oldest first.
    """

    def __init__(
        self, usual: Edition, readers: Mapping[str, Callable[[], Edition]], usual_from: str = "the server"
    ) -> None:
        self.usual, self.usual_from = usual, usual_from
        # Whether anything uses an edition that is not the usual one.
        self.differ = False
        self._readers, self._read = readers, {usual.name: usual}

    def apart(self) -> "Editions":
        """The same editions for accounts apart: what those speak is of no concern to the others."""
        same = Editions(self.usual, self._readers, self.usual_from)
        same._read = self._read
        return same

    @property
    def names(self) -> list[str]:
        return list(self._readers)

    def __iter__(self) -> Iterator[Edition]:
        """All editions, the oldest first."""
        return (self.get(name) for name in self._readers)

    def get(self, name: str) -> Edition:
        """The edition of that name. Raises `KeyError` if there is none, `StartupError` if it cannot be read."""
        if name not in self._read:
            self._read[name] = self._readers[name]()
        return self._read[name]

    def others(self, edition: Edition) -> Iterator[Edition]:
        """All editions but one, the latest first."""
        return (self.get(name) for name in reversed(self.names) if name != edition.name)

    async def prepare(self, name: str) -> Edition:
        """The same as `get`, while the event loop answers other requests."""
        if name not in self._read:
            self._read[name] = await asyncio.get_running_loop().run_in_executor(None, self._readers[name])
        return self._read[name]

    async def of_sdk(self, language: str, version: str) -> Edition | None:
        """The latest edition that an official SDK of this language and version speaks; None for an unknown SDK."""
        for name in reversed(self.names):
            edition = await self.prepare(name)
            if speaks(edition.sdks.get(language, ""), version):
                return edition
        return None


def speaks(wanted: str, version: str) -> bool:
    """Whether a version fits a range such as `>=0.14`. An unreadable version fits none."""
    least = _numbers(wanted.removeprefix(">="))
    given = _numbers(version)
    return bool(least) and bool(given) and given >= least


def _numbers(version: str) -> tuple[int, ...]:
    """`0.46.0-beta.1` as (0, 46, 0); empty if it is no version."""
    parts = version.partition("-")[0].split(".")
    fits = all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
    return tuple(map(int, parts)) if fits else ()
