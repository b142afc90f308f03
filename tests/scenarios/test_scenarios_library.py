"""Scenarios are found by name or path, and what is wrong with a folder is told."""

from pathlib import Path

import pytest
from scenario_world import SHIPPED, library, written

from mock_sent.ground.errors import FileError, Misuse, StartupError

TEXT = "schema: 1\nname: {}\n"


def put(folder: Path, file: str, name: str) -> Path:
    path = folder / file
    path.write_text(TEXT.format(name))
    return path


def test_names_cost_nothing(tmp_path: Path) -> None:
    """Names are listed without reading the files, and other files are left alone."""
    (tmp_path / "broken.yaml").write_text("{")
    put(tmp_path, "fine.yml", "fine")
    put(tmp_path, "notes.txt", "notes")
    put(tmp_path, ".hidden.yaml", "hidden")

    assert library(tmp_path).names == ["broken", "fine"]
    assert library(tmp_path).get("fine").name == "fine"
    with pytest.raises(FileError):
        library(tmp_path).load_all()


def test_the_same_object_each_time() -> None:
    """A scenario that is asked for twice is one scenario, so that its counters go on."""
    shelf = library()

    assert shelf.get("shaky") is shelf.get("shaky")


def test_missing_name() -> None:
    """A name that is not there names the nearest, with the error that the asker wants."""
    with pytest.raises(StartupError, match=r"^there is no scenario 'shakey' \(did you mean 'shaky'\?\)$"):
        library().get("shakey")
    with pytest.raises(Misuse, match="there is no scenario 'zzz'; known are conflict, "):
        library().get("zzz", Misuse)


def test_resolve(tmp_path: Path) -> None:
    """Names and paths in one text, in order, each once."""
    path = put(tmp_path, "other.yaml", "mine")

    found = library().resolve(f"shaky, {path},, slow,shaky")

    assert [scenario.name for scenario in found] == ["shaky", "mine", "slow"]


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is missing, or is a file, is named."""
    with pytest.raises(FileError, match="nowhere: there is no such directory"):
        library(tmp_path / "nowhere")
    with pytest.raises(FileError, match=r"a file\.yaml: this is not a directory"):
        library(put(tmp_path, "a file.yaml", "x"))


def test_two_of_one_name(tmp_path: Path) -> None:
    """Two files of one name are an error that names both."""
    put(tmp_path, "shaky.yml", "shaky")

    with pytest.raises(FileError, match=r"shaky\.yml: a scenario of this name exists already: .*scenarios/shaky\.yaml"):
        library(SHIPPED, tmp_path)


def test_another_name_inside(tmp_path: Path) -> None:
    """The name in a file is the name of the file."""
    put(tmp_path, "one.yaml", "two")

    with pytest.raises(FileError, match=r"one\.yaml:2:7: the name 'two' differs from the file's name, 'one'"):
        library(tmp_path).get("one")


@pytest.mark.parametrize(
    ("path", "said"), [("", "this is a directory, not a file"), ("no.yaml", "there is no such file")]
)
def test_unreadable(tmp_path: Path, path: str, said: str) -> None:
    """A path that leads to no file is told."""
    with pytest.raises(FileError, match=said):
        library().open(str(tmp_path / path))


def test_seed_and_source() -> None:
    """A scenario knows where it came from, and throws its own draws if it has a seed."""
    assert written("seed: 7").seeded_clock
    assert (written("").seeded_clock, written("").text.source) == (None, "t.yaml")
