"""`syncd retention ...`: how long what is kept, what is due to be thrown away, and legal holds that forbid it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.saying import say
from syncd.errors import Misconfigured

from .daemon import ConfigOption
from .reach import OutputOption
from .who import By, who

if TYPE_CHECKING:
    from syncd.flow.retention.keeping import Keeping, KeptRows
    from syncd.store.database import Database
    from syncd.store.legal_holds import LegalHold

app = typer.Typer(help="How long what is kept, and legal holds.", no_args_is_help=True, rich_markup_mode=None)

_NAMES = {
    "hook_bodies": "what hooks carried",
    "hooks": "hooks, without what they carried",
    "deliveries": "deliveries, and their errands",
    "notices": "notices that are over, and what was told of them",
    "actions": "the action log",
}


@app.command()
def show(output: OutputOption = None, config: ConfigOption = None) -> None:
    """The policy, the oldest row of each kind and how many are due, when it last ran, and every legal hold."""
    from syncd.configuration import load
    from syncd.flow.retention.keeping import keeping
    from syncd.wiring import policy

    from .existing import existing_database
    from .output import is_for_people, show_one

    for_people = is_for_people(output)
    settings = load(config)
    with existing_database(settings) as db:
        seen = keeping(db, policy(settings))
    if for_people:
        _print(seen)
    else:
        show_one(_as_json(seen), output)


@app.command()
def hold(
    why: Annotated[str, typer.Option(help="Which matter it is for: for whoever asks later.")],
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """From now on nothing is pruned, until this hold and every other one is released."""
    from syncd.flow.retention.keeping import hold as place

    if not why.strip():
        raise Misconfigured("--why is empty; say which matter the hold is for.")
    _act(lambda db: place(db, by=who(by), why=why.strip()), output, config)


@app.command()
def release(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="Which one, when several stand.")] = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """End a legal hold. What is due by then is pruned within minutes; the hold itself stays on record."""
    from syncd.flow.retention.keeping import release as end

    _act(lambda db: end(db, number, by=who(by)), output, config)


def _act(act: Callable[[Database], LegalHold], output: str | None, config: Path | None) -> None:
    from syncd.configuration import load

    from .existing import existing_database
    from .output import form_of, show_one

    form_of(output)
    with existing_database(load(config)) as db:
        show_one(_hold_as_json(act(db)), output)


def _as_json(seen: Keeping) -> dict[str, Any]:
    return {
        "kept": [{"what": one.kept, "days": _days(one), "oldest": one.oldest, "due": one.due} for one in seen.rows],
        "last_run": seen.ran_at,
        "last_in_time": seen.in_time_at,
        "pruned": seen.total,
        "legal_holds": [_hold_as_json(one) for one in seen.holds],
    }


def _hold_as_json(one: LegalHold) -> dict[str, Any]:
    return {
        "id": one.id,
        "placed_at": one.placed_at,
        "placed_by": one.placed_by,
        "why": one.why,
        "released_at": one.released_at,
        "released_by": one.released_by,
    }


def _days(one: KeptRows) -> int | str:
    return "forever" if one.age is None else one.age.days


def _print(seen: Keeping) -> None:
    from .output import Form, show

    rows = [{"kept": _NAMES[one.kept], "days": _days(one), "oldest": one.oldest, "due": one.due} for one in seen.rows]
    show(rows, Form.TABLE)
    last = f"{seen.ran_at:%Y-%m-%d %H:%M:%S} UTC" if seen.ran_at else "never; a worker does it"
    say(f"last pruned  {last}")
    for name, number in seen.total.items():
        say(f"{number} {name.replace('_', ' ')} pruned in all")
    if seen.holds:
        show([_hold_as_json(one) for one in seen.holds], Form.TABLE)
    standing = [one for one in seen.holds if one.released_at is None]
    say("A legal hold stands: nothing is pruned." if standing else "No legal hold stands.")
