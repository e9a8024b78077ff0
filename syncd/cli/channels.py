"""`syncd channels ...`: where notices go, how that went, and a message to try it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say
from syncd.errors import NotFound

from .daemon import ConfigOption
from .reach import OutputOption

if TYPE_CHECKING:
    from syncd.systems.channels.port import Message

app = typer.Typer(help="Where notices go, and how that went.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Each channel that is set, where it leads, and how its last message went."""
    from dataclasses import asdict

    from syncd.configuration import load
    from syncd.flow.notices.ways import ways
    from syncd.wiring import channels

    from .existing import existing_database
    from .output import show

    settings = load(config)
    there = channels(settings)
    with existing_database(settings) as db, db.read() as tx:
        rows = [asdict(one) for one in ways(tx, there)]
    show(rows, output, columns=("channel", "where", "last_at", "last", "detail"))


@app.command("test")
def try_(
    name: Annotated[str, typer.Argument(help="webhook, slack or mail.")],
    config: ConfigOption = None,
) -> None:
    """Send a message that says it is a trial, once. It leaves no row."""
    from syncd.clock import Clock
    from syncd.configuration import load
    from syncd.flow.notices.telling import send
    from syncd.wiring import channels

    there = channels(load(config))
    if name not in there:
        known = ", ".join(there) or "none"
        raise NotFound(f"There is no channel {name}; set are: {known}. Their settings begin with SYNCD_NOTIFY_.")
    send(there[name], _trial(), Clock())
    say(f"Channel {name} took the message: {there[name].where}.")


@app.command("notices")
def notices_(
    output: OutputOption = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.", min=1)] = None,
    now: Annotated[bool, typer.Option("--now", help="Only what is wrong now.")] = False,
    config: ConfigOption = None,
) -> None:
    """What was noticed, when, and when it was over."""
    from dataclasses import asdict

    from syncd.configuration import load
    from syncd.store import notices

    from .existing import existing_database
    from .output import show

    with existing_database(load(config)) as db, db.read() as tx:
        rows = [asdict(one) for one in notices.listing(tx, limit, before=before, is_standing=now)]
    show(rows, output, columns=("id", "kind", "cause", "opened_at", "cleared_at"), below="what")


def _trial() -> Message:
    import secrets

    from syncd.clock import Clock
    from syncd.systems.channels.port import Message

    at = Clock().now()
    what = "This is a trial: somebody wants to see that notices arrive here."
    return Message(
        f"msg_trial_{secrets.token_hex(8)}", "channel.test", "trial", what, "There is nothing to do.", at, None
    )
