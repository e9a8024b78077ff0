"""`syncd status`: is everything in step, and if not, what is to be done? Exit 1 on a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .daemon import ConfigOption

if TYPE_CHECKING:
    from syncd.flow.condition import Condition


def status(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """What waits, what is held, who is disconnected, which parts run. Exit 1 when there is something to do."""
    from syncd.flow.condition import condition
    from syncd.settings import load

    from .existing import existing_database
    from .output import is_for_people, show_one

    for_people = is_for_people(output)
    with existing_database(load(config)) as db:
        seen = condition(db)
    if for_people:
        _print(seen)
    else:
        show_one(_as_json(seen), output)
    raise typer.Exit(1 if seen.findings else 0)


def _as_json(seen: Condition) -> dict[str, object]:
    return {
        "oldest_unsynced_s": seen.oldest_age_s,
        "oldest_held_s": seen.oldest_held_s,
        "errands": seen.errands,
        "links": seen.links,
        "parts": [{"part": one.part, "running": one.instances, "last_seen": one.last_seen} for one in seen.parts],
        "disconnected": [one.slug for one in seen.disconnected],
        "findings": [{"what": one.what, "remedy": one.remedy} for one in seen.findings],
    }


def _print(seen: Condition) -> None:
    age, held = seen.oldest_age_s, seen.oldest_held_s
    typer.echo("oldest unsynced change   " + ("none waits" if age is None else f"{age:.1f} s"))
    if held is not None:
        typer.echo(f"oldest held change       {held:.1f} s")
    for name in ("waiting", "sending", "held", "dead"):
        typer.echo(f"{name:<24} {seen.errands.get(name, 0)}")
    for one in seen.parts:
        last = f"last seen {one.last_seen:%Y-%m-%d %H:%M:%S} UTC" if one.last_seen else "never seen"
        typer.echo(f"{one.part:<24} {one.instances} running, {last}")
    for found in seen.findings:
        typer.echo(f"! {found.what} {found.remedy}")
    if not seen.findings:
        typer.echo("Everything is in step." if age is None else "Nothing to do: what waits is on its way.")
