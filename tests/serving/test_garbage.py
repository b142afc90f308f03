"""Garbage is collected in a pause, and not while somebody waits."""

import gc
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from mock_sent.command.cli import cli
from mock_sent.serving import server
from mock_sent.serving.garbage import TOO_MANY, WORTH_A_PAUSE, Sweeper


@pytest.fixture
def restored() -> Iterator[None]:
    """The collector of this process as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.parametrize(
    ("served", "each", "collections"),
    [
        ([0, 0, 0], 0, 0),
        ([1000, 2000, 3000, 4000], WORTH_A_PAUSE, 0),
        ([1000, 1000], WORTH_A_PAUSE, 1),
        ([1000, 1000, 1000, 1000], WORTH_A_PAUSE, 1),
        ([1000, 1001], WORTH_A_PAUSE, 1),
        ([1000, 1000, 2500, 2500, 2500], WORTH_A_PAUSE, 2),
        ([1000, 1000, 2500, 2500, 2500], WORTH_A_PAUSE // 3, 0),
        ([1000, 2000, 3000, 3000], WORTH_A_PAUSE // 3 + 1, 1),
    ],
)
def test_in_a_pause_if_it_is_worth_it(served: list[int], each: int, collections: int) -> None:
    """It waits for a second with few requests or none, and until they have left something."""
    done, made = 0, 0

    def collect() -> None:
        nonlocal done, made
        done, made = done + 1, 0

    sweeper = Sweeper(collect, lambda: made)
    before = 0
    for number in served:
        made, before = made + each * (number > before), number
        sweeper.look(number)

    assert done == collections


def test_python_still_collects_in_need(restored: None) -> None:
    """A program that leaves cycles behind without a pause does not fill the memory."""
    Sweeper().take_over()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == TOO_MANY


def test_the_command_hands_it_over(restored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mock-sent` serves with the collector set up, and with somebody who looks each second."""
    looks: list[object] = []

    def run(_: object, sockets: list[socket.socket], *, each_second: object, **__: object) -> None:
        looks.append(each_second)
        for each in sockets:
            each.close()

    monkeypatch.setattr(server, "run", run)
    assert CliRunner().invoke(cli, ["serve", "--port", "0"]).exit_code == 0

    assert [type(getattr(look, "__self__", None)) for look in looks] == [Sweeper]
    assert (gc.isenabled(), gc.get_threshold()[0]) == (True, TOO_MANY)


@pytest.mark.parametrize("arguments", [["serve", "--scenario", "nope"], ["serve", "--port", "99999"]])
def test_a_start_that_fails_leaves_it_on(arguments: list[str]) -> None:
    """A program that calls the command and goes on has its collector."""
    CliRunner().invoke(cli, arguments)

    assert gc.isenabled()
