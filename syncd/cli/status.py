"""`syncd status`: does anything wait or differ as far as is known, and what is to be done? Exit 1 on a finding."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .reach import Json, OutputOption, ServerOption

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 15  # a hook that waits for longer is worth a word about the workers


def status(
    output: OutputOption = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """What waits, what is held, who is disconnected, which parts run. Exit 1 when there is something to do.

    A change that nothing holds and that has waited for more than 10 minutes is something to do, and so is a part that has not been
    seen for a minute. Of dead changes only those are counted that nobody has replayed or parked. docs/status.md has every limit.
    """
    from .output import is_for_people, show_one
    from .where import reached

    for_people = is_for_people(output)
    with reached(server, config) as reach:
        seen = reach.status()
    if for_people:
        _print(seen)
    else:
        show_one(seen, output)
    raise typer.Exit(1 if seen["findings"] else 0)


def _print(seen: Json) -> None:
    from syncd.core.harmless import printable

    age, held = seen["oldest_unsynced_s"], seen["oldest_held_s"]
    say("oldest unsynced change   " + ("none waits" if age is None else f"{age:.1f} s"))
    if held is not None:
        say(f"oldest held change       {held:.1f} s")
    say(f"hooks waiting            {_hooks(seen)}")
    for name in ("waiting", "sending", "held", "dead"):
        say(f"{name:<24} {seen['errands'].get(name, 0)}")
    if seen["hooks_held"]:
        say(f"hooks held               {seen['hooks_held']}")
    for one in seen["parts"]:
        say(printable(f"{one['part']:<24} {one['running']} running, {_last(one)}"))
    for line in seen.get("incoming", ()):  # An older daemon elsewhere tells of none.
        say(printable(line))
    for line in _asked_for(seen):
        say(printable(line))
    for doubt in seen["not_known"]:
        say(printable(f"? {doubt}"))
    for found in seen["findings"]:
        say(printable(f"! {found['what']} {found['remedy']}"))
    if not seen["findings"]:
        say(_in_short(seen))


def _in_short(seen: Json) -> str:
    """No more than is known: what nobody has told is not."""
    if seen["oldest_unsynced_s"] is not None:
        return "Nothing to do: what waits is on its way."
    if seen["not_known"]:
        return "Nothing is known to wait; where both sides may differ all the same stands above (?)."
    return "Nothing is known to wait or to differ."


def _asked_for(seen: Json) -> Iterator[str]:
    """What a person has asked for, and no trouble by itself."""
    from syncd.flow.finding import counted

    for one in seen["paused"]:
        held = counted(one["held"], "change", "changes")
        yield f"{one['name']:<24} paused since {_minute(one['since'])}, by {one['by']}: {one['why']} ({held} held)"
    for one in seen["observed"]:
        yield f"{one['name']:<24} only observed since {_minute(one['since'])}, by {one['by']}: nothing is written there"
    for hold in seen["legal_holds"]:
        why = f": {hold['why']}" if "why" in hold else ""
        named = f"legal hold {hold['id']}"
        yield f"{named:<24} nothing is pruned since {_minute(hold['since'])}, by {hold['by']}{why}"


def _minute(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC"


def _hooks(seen: Json) -> str:
    """Hooks that wait for long wait for a worker."""
    count = str(seen["hooks_waiting"])
    worker = next((one for one in seen["parts"] if one["part"] == "worker"), None)
    if not seen["hooks_waiting"] or (seen["oldest_unsynced_s"] or 0) <= PATIENCE_S or worker is None:
        return count
    return f"{count}, a worker was {_last(worker)}" if worker["last_seen"] else f"{count}, no worker was ever seen"


def _last(one: Json) -> str:
    if one["stopped_at"]:
        return f"stopped at {_second(one['stopped_at'])}"
    return f"last seen {_second(one['last_seen'])}" if one["last_seen"] else "never seen"


def _second(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"
