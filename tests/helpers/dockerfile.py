"""Reads a Dockerfile, as far as ours needs: stages of instructions, with continued lines joined."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """What one FROM begins."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [value for name, value in self.instructions if name == word]

    def one(self, word: str) -> str:
        """The instruction that must be there exactly once."""
        (value,) = self.all(word)
        return value

    def words(self, word: str) -> list[str]:
        """An instruction in exec form: anything else would start a shell, which swallows signals."""
        value: list[str] = json.loads(self.one(word))
        return value

    def environment(self) -> dict[str, str]:
        pairs = [pair for line in self.all("ENV") for pair in line.split()]
        return dict(pair.split("=", 1) for pair in pairs)


def read(path: Path) -> list[Stage]:
    """The stages in their order."""
    stages: list[Stage] = []
    for line in path.read_text().replace("\\\n", " ").splitlines():
        word, _, value = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "FROM":
            base, _, name = value.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].instructions.append((word, " ".join(value.split())))
    return stages
