"""`mock-sent scenarios`: look at scenarios, check them and try them, without a server.

`ctx.obj` is a function without arguments that gives the Library; it is called when a command needs it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from mock_sent.ground import userfiles
from mock_sent.ground.clock import SECOND, Clock, duration_of
from mock_sent.ground.errors import FileError, MockSentError, StartupErrors
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.rules import Decision, Rules
from mock_sent.scenarios.scenario import MessagePlan, ReplyPlan, Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.scenarios.vocabulary import StageNames
from mock_sent.scenarios.words import DEFAULT_CHANNELS, Facts

# The recipient of `try` if none is named.
_SOMEBODY = "+14155551234"


class _Wrong(click.ClickException):
    """One sentence and exit code 2."""

    exit_code = 2


@contextmanager
def _one_message() -> Iterator[None]:
    try:
        yield
    except StartupErrors:
        raise
    except MockSentError as error:
        raise _Wrong(str(error)) from None


def _library(ctx: click.Context) -> Library:
    library = ctx.obj()
    assert isinstance(library, Library)
    return library


@click.group()
def scenarios() -> None:
    """List, show, check and try scenario files."""


@scenarios.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Name every scenario and what it is about."""
    with _one_message():
        found = _library(ctx).load_usable()
    width = max((len(scenario.name) for scenario in found), default=0)
    for scenario in found:
        click.echo(f"{scenario.name:<{width}}  {scenario.about}".rstrip())


@scenarios.command()
@click.argument("name")
@click.pass_context
def show(ctx: click.Context, name: str) -> None:
    """Print the file of a scenario."""
    with _one_message():
        text = userfiles.read_bytes(_library(ctx).path(name))
    click.echo(text.decode("utf-8", "replace"), nl=False)


@scenarios.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.pass_context
def check(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Say what is wrong with scenario files, one line for each that is."""
    with _one_message():
        library = _library(ctx)
    wrong = False
    for path in paths:
        try:
            click.echo(f"ok: {path}: {_summary(library.open(path))}")
        except FileError as error:
            wrong = True
            click.echo(str(error), err=True)
    if wrong:
        ctx.exit(2)


def _summary(scenario: Scenario) -> str:
    replies = f", {len(scenario.reply)} reply rules" if scenario.reply else ""
    return f"{scenario.name}, {len(scenario.send)} send and {len(scenario.deliver)} deliver rules{replies}"


@scenarios.command("try")
@click.argument("file")
@click.option("--to", "to", multiple=True, help=f"A recipient; may be repeated. Without one it is {_SOMEBODY}.")
@click.option(
    "--channel", "channels", multiple=True, default=DEFAULT_CHANNELS, help="sms, whatsapp, ...; may be repeated."
)
@click.option("--template", help="The template's id or name.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="A request header; may be repeated.")
@click.option("--key", help="The idempotency key, the same for every send.")
@click.option("--sandbox", is_flag=True, help="As a sandbox send.")
@click.option("--times", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many sends.")
@click.option("--pause", default="0s", show_default=True, help="The time between two sends, such as 10s.")
@click.option("--seed", default="0", show_default=True, help="For draws.")
@click.pass_context
def try_(ctx: click.Context, /, file: str, times: int, pause: str, seed: str, **options: Any) -> None:
    """Say what the 1st, 2nd, ... send would get from a FILE or scenario name, and why."""
    with _one_message():
        library = _library(ctx)
        layers = library.resolve(file)
    named = bool(options["to"])
    options["to"] = options["to"] or (_SOMEBODY,)
    send, span = _send_of(**options), _span(pause)
    if not named:
        click.echo(f"to {_SOMEBODY}; --to names another recipient", err=True)
    clock = Clock(seed)
    clock.freeze()
    _tell_all(send, layers, library.stages, clock, times, span)


def _tell_all(
    send: Facts, layers: Sequence[Scenario], stages: StageNames, clock: Clock, times: int, pause: int
) -> None:
    rules = Rules()
    kept = 0
    for number in range(1, times + 1):
        if kept:
            click.echo(f"{number}. replay of send {kept}: the key is known, no rule is asked")
        else:
            decision = rules.decide(send, layers, clock)
            _tell(number, send, decision, layers)
            for message, fate in _fates(send, decision, layers, rules, clock):
                end = _reply(fate) if isinstance(fate, ReplyPlan) else _end(fate, stages)
                click.echo(f"     {message}: {end}  [{fate.rule}]")
            kept = number if send.key and decision.commit else 0
        clock.advance(pause)


def _tell(number: int, send: Facts, decision: Decision, layers: Sequence[Scenario]) -> None:
    click.echo(f"{number}. {_answer(decision)}  [{decision.rule or 'no rule fired'}]")
    for sentence in sentences(decision.trail, send, layers):
        click.echo(f"     not {sentence}")


def _answer(decision: Decision) -> str:
    parts = [decision.kind, decision.outcome or decision.fault or ""]
    parts += [f"after {decision.delay / SECOND:g}s"] if decision.delay else []
    parts += [f"dripping over {decision.drip / SECOND:g}s"] if decision.drip else []
    parts += [f"retry after {decision.retry_after}"] if decision.retry_after is not None else []
    parts += ["(the send is kept)"] if decision.commit and decision.kind in ("fail", "drop") else []
    return " ".join(part for part in parts if part)


def _fates(
    send: Facts, decision: Decision, layers: Sequence[Scenario], rules: Rules, clock: Clock
) -> Iterator[tuple[str, MessagePlan | ReplyPlan]]:
    """The messages of a send that is kept, each with what becomes of it and its answer, as far as a rule fires."""
    template = next(iter(send.words["template"]), None)
    for to in send.words["to"] if decision.commit else ():
        for channel in send.words["channel"]:
            asked = (to, channel, template, template, layers, clock)
            for found in (rules.plan_of(*asked), rules.reply_of(*asked)):
                if found:
                    yield f"{to} by {channel}", found


def _reply(plan: ReplyPlan) -> str:
    most = "" if plan.after.fixed else f" to {plan.after.most / SECOND:g}s"
    where = f" on {plan.channel}" if plan.channel else ""
    return f"once delivered, the phone writes {plan.text[:100]!r} after {plan.after.least / SECOND:g}s{most}{where}"


def _end(fate: MessagePlan, stages: StageNames) -> str:
    words = stages.statuses
    if fate.outcome:
        end = f"ends with {fate.outcome}"
    elif fate.fail_at:
        end = f"{words[stages.failed]} instead of {words[fate.fail_at]} ({fate.reason})"
    else:
        end = f"ends {words[fate.reach or stages.way[-1]]}"
    end = f"held for {fate.hold / SECOND:g}s, then {end}" if fate.hold else end
    end += f", by {' and then '.join(fate.route)}" if fate.route else ""
    every = fate.every
    span = "" if every is None else f", every {every.least / SECOND:g}s"
    return end + span + (f" to {every.most / SECOND:g}s" if every and not every.fixed else "")


def _send_of(
    to: Sequence[str],
    channels: Sequence[str],
    template: str | None,
    headers: Sequence[str],
    key: str | None,
    sandbox: bool,
) -> Facts:
    for number in to:
        if not re.fullmatch(r"\+[1-9][0-9]{1,14}", number):
            raise _Wrong(f"--to {number!r} is not a number such as +447700900123")
    words = {"to": to, "channel": channels, "template": [] if template is None else [template]}
    return Facts(words, dict(map(_header, headers)), key, False, len(to), sandbox)


def _header(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise _Wrong(f"--header {text!r} has no value; write NAME=VALUE")
    return name.lower(), value


def _span(text: str) -> int:
    try:
        return duration_of(text)
    except ValueError as error:
        raise _Wrong(f"--pause {error}") from None
