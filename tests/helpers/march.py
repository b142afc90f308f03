"""The shipped edition, compiled once for the tests that look at it without a server."""

from replies import ROOT

from mock_sent.contract import load
from mock_sent.world.lifecycle import plan

EDITION = load(ROOT / "openapi.yaml")
LIFECYCLE = EDITION.lifecycle
# The timetable of a message that no rule is about.
USUAL = plan(LIFECYCLE)
