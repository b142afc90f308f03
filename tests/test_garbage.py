"""Garbage is collected after a burst of requests, and not during one."""

import gc
from collections.abc import Iterator

import pytest

from mock_sent.garbage import Sweeper


@pytest.fixture
def restored() -> Iterator[None]:
    """The collector of this process as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.parametrize(
    ("served", "collections"),
    [
        ([0, 0, 0], 0),
        ([10, 20, 30], 0),
        ([10, 10], 1),
        ([10, 10, 10, 10], 1),
        ([10, 10, 25, 25, 25], 2),
        ([0, 7, 19, 19], 1),
    ],
)
def test_once_after_each_burst(served: list[int], collections: int) -> None:
    """It waits for a second without requests, and then rests until there were some again."""
    done: list[None] = []
    sweeper = Sweeper(lambda: done.append(None))

    for number in served:
        sweeper.look(number)

    assert len(done) == collections


def test_python_still_collects_in_need(restored: None) -> None:
    """A program that leaves cycles behind without a pause does not fill the memory."""
    Sweeper().take_over()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert 0 < gc.get_threshold()[0] < 1_000_000
