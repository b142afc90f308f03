"""Finds scenarios by name or path. It lists the names at once, and reads each file at its first use."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from mock_sent.ground import userfiles
from mock_sent.ground.checks import StartChecks
from mock_sent.ground.errors import FileError, MockSentError, StartupError, did_you_mean
from mock_sent.scenarios.language import compile_scenario
from mock_sent.scenarios.scenario import Scenario, ScenarioText
from mock_sent.scenarios.vocabulary import NotInContract, OutcomeNames, StageNames

SUFFIXES = (".yaml", ".yml")

# How many scenarios that accounts submitted as text are kept, to explain why a rule did not fire.
MOST_SUBMITTED = 500

Complain = Callable[[str], MockSentError]


class Library:
    """The scenarios of some folders, and others that it compiled. Scenarios with the same id are one object."""

    def __init__(self, folders: Sequence[Path], outcomes: OutcomeNames, stages: StageNames) -> None:
        self._outcomes, self.stages = outcomes, stages
        self._paths: dict[str, Path] = {}
        self._by_name: dict[str, Scenario] = {}
        # By id: those of files and settings, and the latest of those that accounts submitted as text.
        self._permanent: dict[str, Scenario] = {}
        self._submitted: dict[str, Scenario] = {}
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
        """The scenario that an account submits as text. `find` knows the last 500 of them."""
        return self._submit(userfiles.load(text, source))

    def restore(self, text: ScenarioText) -> Scenario:
        """The scenario of an account whose saved state is restored. Raises `FileError`."""
        return self._submit(userfiles.UserFile.plain(text.value, text.source))

    def find(self, id: str) -> Scenario | None:
        """The compiled scenario of an id; None if it is no longer known."""
        name = id.rpartition("@")[0]
        if name in self._paths and name not in self._by_name:
            with suppress(FileError):  # the file was valid when the account used it
                self.get(name)
        return self._permanent.get(id) or self._submitted.get(id)

    def _submit(self, document: userfiles.UserFile) -> Scenario:
        scenario = compile_scenario(document, self._outcomes, self.stages)
        scenario = self.find(scenario.id) or scenario
        if scenario.id not in self._permanent:
            self._submitted.pop(scenario.id, None)
            self._submitted[scenario.id] = scenario
            if len(self._submitted) > MOST_SUBMITTED:
                del self._submitted[next(iter(self._submitted))]
        return scenario

    def _keep(self, scenario: Scenario) -> Scenario:
        return self._permanent.setdefault(scenario.id, self._submitted.pop(scenario.id, scenario))

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
