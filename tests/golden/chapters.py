"""The chapters of the transcript, in their order."""

from pathlib import Path

import controlling
import misbehaving
import modes
import refusing
import sending
import telling

TRANSCRIPTS = Path(__file__).with_name("transcript")
CHAPTERS = [
    chapter for module in (sending, refusing, misbehaving, telling, controlling, modes) for chapter in module.CHAPTERS
]
