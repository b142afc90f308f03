"""Finds scenarios by name or path. Names are listed at once, files are read when somebody first asks for them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from mock_sent.ground import userfiles
from mock_sent.ground.errors import FileError, MockSentError, StartupError, did_you_mean
from mock_sent.scenarios.language import OutcomeNames, StageNames, compile_scenario
from mock_sent.scenarios.scenario import Scenario, ScenarioText

SUFFIXES = (".yaml", ".yml")

# Scenarios that accounts gave as text. The latest are known when somebody asks why a rule did not fire.
MOST_GIVEN = 500

Complain = Callable[[str], MockSentError]


class Library:
    """The scenarios of some folders, and all others that it compiled. Scenarios of one id are the same object."""

    def __init__(self, folders: Sequence[Path], outcomes: OutcomeNames, stages: StageNames) -> None:
        self._outcomes, self.stages = outcomes, stages
        self._paths: dict[str, Path] = {}
        self._by_name: dict[str, Scenario] = {}
        # Those of files and settings, and those that accounts gave as text: of these, the latest.
        self._lasting: dict[str, Scenario] = {}
        self._given: dict[str, Scenario] = {}
        for folder in folders:
            self._list(folder)

    @property
    def names(self) -> list[str]:
        return sorted(self._paths)

    def path(self, name: str, complain: Complain = StartupError) -> Path:
        """The file of a scenario; `complain` makes the error if there is none."""
        if name not in self._paths:
            hint = did_you_mean(name, self.names) or f"; known are {', '.join(self.names) or 'none'}"
            raise complain(f"there is no scenario {name!r}{hint}")
        return self._paths[name]

    def get(self, name: str, complain: Complain = StartupError) -> Scenario:
        """The scenario of that name. A file that is wrong is a FileError in any case."""
        if name not in self._by_name:
            self._by_name[name] = self._last(self._read(self.path(name, complain)))
        return self._by_name[name]

    def load_all(self) -> list[Scenario]:
        """Every scenario, so that a wrong file is found at start."""
        return [self.get(name) for name in self.names]

    def resolve(self, names_or_paths: str, complain: Complain = StartupError) -> list[Scenario]:
        """The scenarios of `a,b,path/to.yaml`, in order, each once."""
        words = [word.strip() for word in names_or_paths.split(",")]
        found = dict.fromkeys(word for word in words if word)
        return [self.open(word) if _is_path(word) else self.get(word, complain) for word in found]

    def open(self, path: str) -> Scenario:
        """The scenario in any file, whatever the file's name."""
        return self._last(compile_scenario(userfiles.read(Path(path)), self._outcomes, self.stages))

    def compile(self, text: str | bytes, source: str) -> Scenario:
        """The scenario in a text, such as an inline setting."""
        return self._last(compile_scenario(userfiles.load(text, source), self._outcomes, self.stages))

    def take(self, text: bytes, source: str) -> Scenario:
        """The scenario that an account gives as text. `find` knows the last 500 of them."""
        return self._give(userfiles.load(text, source))

    def restore(self, text: ScenarioText) -> Scenario:
        """The scenario that an account had when its state was written down. Raises `FileError`."""
        return self._give(userfiles.UserFile.plain(text.value, text.source))

    def find(self, id: str) -> Scenario | None:
        """The compiled scenario of an id; None if it is no longer known."""
        name = id.rpartition("@")[0]
        if name in self._paths and name not in self._by_name:
            with suppress(FileError):  # it was right when the account used it
                self.get(name)
        return self._lasting.get(id) or self._given.get(id)

    def _give(self, document: userfiles.UserFile) -> Scenario:
        scenario = compile_scenario(document, self._outcomes, self.stages)
        scenario = self.find(scenario.id) or scenario
        if scenario.id not in self._lasting:
            self._given.pop(scenario.id, None)
            self._given[scenario.id] = scenario
            if len(self._given) > MOST_GIVEN:
                del self._given[next(iter(self._given))]
        return scenario

    def _last(self, scenario: Scenario) -> Scenario:
        return self._lasting.setdefault(scenario.id, self._given.pop(scenario.id, scenario))

    def _list(self, folder: Path) -> None:
        if not folder.is_dir():
            reason = "this is not a directory" if folder.exists() else "there is no such directory"
            raise FileError(str(folder), 0, 0, reason)
        for path in sorted(folder.iterdir()):
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


def _is_path(word: str) -> bool:
    return "/" in word or "\\" in word or word.endswith(SUFFIXES)
