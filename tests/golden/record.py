"""Writes the transcript anew: `python tests/golden/record.py [CHAPTER ...]`. Look at the diff before you commit it."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "helpers"), str(HERE)]

from chapters import CHAPTERS, TRANSCRIPTS  # noqa: E402  the path comes first
from exchanges import forget_settings, transcript_of  # noqa: E402


def main(wanted: list[str]) -> None:
    """Play the chapters that are wanted, or all of them, and say how many exchanges each has."""
    forget_settings()
    TRANSCRIPTS.mkdir(exist_ok=True)
    if not wanted:
        for old in TRANSCRIPTS.glob("*.txt"):
            old.unlink()
    with TemporaryDirectory() as folder:
        for chapter in CHAPTERS:
            if not wanted or chapter.name in wanted:
                text = transcript_of(chapter, Path(folder) / "log")
                (TRANSCRIPTS / f"{chapter.name}.txt").write_text(text, "utf-8")
                print(f"{text.count(chr(10) + '### '):5} {chapter.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
