"""The server answers as it is written down in `transcript/`, byte for byte: nobody changes an answer unawares."""

from difflib import unified_diff
from pathlib import Path

import pytest
from chapters import CHAPTERS, TRANSCRIPTS
from exchanges import Chapter, transcript_of

# Lines of a difference that a failure shows.
_SHOWN = 120

pytestmark = pytest.mark.real_socket


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_chapter(chapter: Chapter, tmp_path: Path) -> None:
    """A chapter's exchanges, played again, give the recorded text; `python tests/golden/record.py` records it anew."""
    recorded = (TRANSCRIPTS / f"{chapter.name}.txt").read_text("utf-8")

    played = transcript_of(chapter, tmp_path / "log")

    if played != recorded:
        lines = list(unified_diff(recorded.split("\n"), played.split("\n"), "recorded", "played", lineterm="", n=12))
        more = [f"... {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
        how = f"chapter {chapter.name}; if it is meant: python tests/golden/record.py {chapter.name}"
        pytest.fail("\n".join([how, *lines[:_SHOWN], *more]), pytrace=False)


def test_the_transcript_is_whole() -> None:
    """Each chapter has its file, each file its chapter, and together they have 600 exchanges at least."""
    texts = {path.stem: path.read_text("utf-8") for path in TRANSCRIPTS.glob("*.txt")}

    assert sorted(texts) == sorted(chapter.name for chapter in CHAPTERS)
    assert sum(text.count("\n### ") for text in texts.values()) >= 600
