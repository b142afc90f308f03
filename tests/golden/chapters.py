"""The chapters of the transcript, in their order."""

from pathlib import Path

import controlling
import hearing
import misbehaving
import modes
import october
import refusing
import sending
import telling

TRANSCRIPTS = Path(__file__).with_name("transcript")
_MODULES = (sending, refusing, misbehaving, telling, controlling, modes, october, hearing)
CHAPTERS = [chapter for module in _MODULES for chapter in module.CHAPTERS]
