"""Finds scenarios by name or path. It lists the names at once, and reads each file at its first use."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from weakref import ref

from mock_sent.ground import userfiles
from mock_sent.ground.checks import StartChecks
from mock_sent.ground.errors import FileError, MockSentError, StartupError, did_you_mean
from mock_sent.ground.memory import ByteCount
from mock_sent.scenarios.language import compile_scenario
from mock_sent.scenarios.scenario import Scenario, ScenarioText
from mock_sent.scenarios.vocabulary import NotInContract, OutcomeNames, StageNames

SUFFIXES = (".yaml", ".yml")

# The bytes of one of the allocator's blocks that a compiled scenario takes, on average.
_BLOCK = 66

Complain = Callable[[str], MockSentError]


class Library:
    """The scenarios of some folders, and others that it compiled. Scenarios with the same id are one object.

    `byte_count` counts the bytes of those that accounts submit as text, for as long as an account keeps them.
    """

    def __init__(self, folders: Sequence[Path], outcomes: OutcomeNames, stages: StageNames) -> None:
        self.byte_count = ByteCount()
        self._outcomes, self.stages = outcomes, stages
        self._paths: dict[str, Path] = {}
        self._by_name: dict[str, Scenario] = {}
        # By id: those of files and settings, and those that an account submitted as text and still keeps.
        self._permanent: dict[str, Scenario] = {}
        self._submitted: dict[str, ref[Scenario]] = {}
        for folder in folders:
            self._list(folder)

    @property
    def names(self) -> list[str]:
        return sorted(self._paths)

    def path(self, name: str, complain: Complain = StartupError) -> Path:
        """The file of a scenario; `complain` makes the error if there is none."""
        if name not in self._paths:
            hint = did_you_mean(name, self.names) or f"; known are {', '.join(self.names) or 'none'}"
            raise complain(f"there is no scenario {name[:100]!r}{hint}")
        return self._paths[name]

    def get(self, name: str, complain: Complain = StartupError) -> Scenario:
        """The scenario of that name. Raises `FileError` if its file is faulty."""
        if name not in self._by_name:
            self._by_name[name] = self._keep(self._read(self.path(name, complain)))
        return self._by_name[name]

    def load_all(self) -> list[Scenario]:
        """Every scenario, so that faulty files are found at start. Raises `StartupError` for all of them."""
        return _each(self.get, self.names)

    def load_usable(self) -> list[Scenario]:
        """Every scenario, except those that name an outcome or a stage that the contract does not have."""
        found = []
        for name in self.names:
            with suppress(NotInContract):
                found.append(self.get(name))
        return found

    def resolve(self, names_or_paths: str, *, paths_only: bool = False) -> list[Scenario]:
        """The scenarios of `a,b,path/to.yaml`, in order, each once. Raises `StartupError` for all that are wrong.

        `paths_only` leaves out names, because the folders could not be listed.
        """
        words = [word.strip() for word in names_or_paths.split(",")]
        found = dict.fromkeys(word for word in words if word and (_is_path(word) or not paths_only))
        return _each(lambda word: self.open(word) if _is_path(word) else self.get(word), found)

    def open(self, path: str) -> Scenario:
        """The scenario in a file, whose name may differ from the scenario's name."""
        return self._keep(compile_scenario(userfiles.read(Path(path)), self._outcomes, self.stages))

    def compile(self, text: str | bytes, source: str) -> Scenario:
        """The scenario in a text, such as an inline setting."""
        return self._keep(compile_scenario(userfiles.load(text, source), self._outcomes, self.stages))

    def take(self, text: bytes, source: str) -> Scenario:
        """The scenario that an account submits as text. `find` knows it for as long as an account keeps it."""
        return self._submit(lambda: userfiles.load(text, source))

    def restore(self, text: ScenarioText) -> Scenario:
        """The scenario of an account whose saved state is restored. Raises `FileError`."""
        return self._submit(lambda: userfiles.UserFile.plain(text.value, text.source))

    def find(self, id: str) -> Scenario | None:
        """The compiled scenario of an id; None if it is no longer known."""
        name = id.rpartition("@")[0]
        if name in self._paths and name not in self._by_name:
            with suppress(FileError):  # the file was valid when the account used it
                self.get(name)
        known = self._submitted.get(id)
        return self._permanent.get(id) or (known() if known else None)

    def _submit(self, read: Callable[[], userfiles.UserFile]) -> Scenario:
        before = sys.getallocatedblocks()
        scenario = compile_scenario(read(), self._outcomes, self.stages)
        size = max(0, sys.getallocatedblocks() - before) * _BLOCK
        return self.find(scenario.id) or self._count(replace(scenario, size=size))

    def _count(self, scenario: Scenario) -> Scenario:
        """Count a scenario until no account keeps it any more."""
        id, size = scenario.id, scenario.size

        def dropped(_: ref[Scenario]) -> None:
            del self._submitted[id]
            self.byte_count.add(-size)

        self._submitted[id] = ref(scenario, dropped)
        self.byte_count.add(size)
        return scenario

    def _keep(self, scenario: Scenario) -> Scenario:
        known = self._submitted.get(scenario.id)
        return self._permanent.setdefault(scenario.id, (known() if known else None) or scenario)

    def _list(self, folder: Path) -> None:
        if not folder.is_dir():
            reason = "this is not a directory" if folder.exists() else "there is no such directory"
            raise FileError(str(folder), 0, 0, reason)
        try:
            paths = sorted(folder.iterdir())
        except OSError as e:
            raise FileError(str(folder), 0, 0, f"the directory cannot be read: {e.strerror}") from None
        for path in paths:
            if path.suffix not in SUFFIXES or path.name.startswith("."):
                continue
            if path.stem in self._paths:
                raise FileError(str(path), 0, 0, f"a scenario of this name exists already: {self._paths[path.stem]}")
            self._paths[path.stem] = path

    def _read(self, path: Path) -> Scenario:
        document = userfiles.read(path)
        scenario = compile_scenario(document, self._outcomes, self.stages)
        if scenario.name != path.stem:
            raise document.fault(["name"], f"the name {scenario.name!r} differs from the file's name, {path.stem!r}")
        return scenario


def _each(find: Callable[[str], Scenario], words: Iterable[str]) -> list[Scenario]:
    start = StartChecks()
    found = [scenario for word in words if (scenario := start.run(find, word))]
    start.finish()
    return found


def _is_path(word: str) -> bool:
    return "/" in word or "\\" in word or word.endswith(SUFFIXES)
