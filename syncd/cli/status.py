"""`syncd status`: does anything wait or differ as far as is known, and what is to be done? Exit 1 on a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syncd.flow.status.condition import Condition
    from syncd.flow.status.parts import PartSeen

PATIENCE_S = 15  # a hook that waits for longer is worth a word about the workers


def status(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """What waits, what is held, who is disconnected, which parts run. Exit 1 when there is something to do.

    A change that nothing holds and that has waited for more than 10 minutes is something to do, and so is a part that has not been
    seen for a minute. Of dead changes only those are counted that nobody has replayed or parked. docs/status.md has every limit.
    """
    from syncd.configuration import load
    from syncd.connections.master_key import doubt
    from syncd.console.v1.status import status_as_json
    from syncd.flow.status import writing
    from syncd.flow.status.condition import condition
    from syncd.wiring import channels

    from .existing import existing_database
    from .output import is_for_people, show_one

    for_people = is_for_people(output)
    settings = load(config)
    with existing_database(settings) as db:
        writing.tried(db)
        seen = condition(db, keys=doubt(settings, db), told_by=channels(settings))
    if for_people:
        _print(seen)
    else:
        show_one(status_as_json(seen), output)
    raise typer.Exit(1 if seen.findings else 0)


def _print(seen: Condition) -> None:
    from syncd.core.harmless import printable
    from syncd.flow.status import incoming

    age, held = seen.oldest_age_s, seen.oldest_held_s
    say("oldest unsynced change   " + ("none waits" if age is None else f"{age:.1f} s"))
    if held is not None:
        say(f"oldest held change       {held:.1f} s")
    say(f"hooks waiting            {_hooks(seen)}")
    for name in ("waiting", "sending", "held", "dead"):
        say(f"{name:<24} {seen.errands.get(name, 0)}")
    if seen.held.hooks:
        say(f"hooks held               {seen.held.hooks}")
    for one in seen.parts:
        say(f"{one.part:<24} {one.instances} running, {_last(one)}")
    for line in incoming.lines(seen.incoming):
        say(line)
    for line in _asked_for(seen):
        say(printable(line))
    for doubt in seen.doubts:
        say(printable(f"? {doubt}"))
    for found in seen.findings:
        say(printable(f"! {found.what} {found.remedy}"))
    if not seen.findings:
        say(_in_short(seen))


def _in_short(seen: Condition) -> str:
    """No more than is known: what nobody has told is not."""
    if seen.oldest is not None:
        return "Nothing to do: what waits is on its way."
    if seen.doubts:
        return "Nothing is known to wait; where both sides may differ all the same stands above (?)."
    return "Nothing is known to wait or to differ."


def _asked_for(seen: Condition) -> Iterator[str]:
    """What a person has asked for, and no trouble by itself."""
    from syncd.flow.finding import counted

    for one in seen.restrained:
        if one.paused_at is not None:
            held = counted(seen.held.by_paused_account.get(one.slug, 0), "change", "changes")
            yield f"{one.slug:<24} paused since {_minute(one.paused_at)}, by {one.paused_by}: {one.pause_reason} ({held} held)"
        if one.observed_at is not None:
            since = _minute(one.observed_at)
            yield f"{one.slug:<24} only observed since {since}, by {one.observed_by}: nothing is written there"
    for hold in seen.legal_holds:
        since = _minute(hold.placed_at)
        yield f"{f'legal hold {hold.id}':<24} nothing is pruned since {since}, by {hold.placed_by}: {hold.why}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _hooks(seen: Condition) -> str:
    """Hooks that wait for long wait for a worker."""
    count, worker = str(seen.incoming.waiting), seen.part("worker")
    if not seen.incoming.waiting or (seen.oldest_age_s or 0) <= PATIENCE_S:
        return count
    return f"{count}, a worker was {_last(worker)}" if worker.last_seen else f"{count}, no worker was ever seen"


def _last(one: PartSeen) -> str:
    if one.stopped_at:
        return f"stopped at {one.stopped_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"last seen {one.last_seen:%Y-%m-%d %H:%M:%S} UTC" if one.last_seen else "never seen"
