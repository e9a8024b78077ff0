"""The rooms of the console in the order of its bar: where each is, and what a person needs to be let in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.core.permissions import Action, Caller


@dataclass(frozen=True, slots=True)
class Room:
    path: str
    label: str
    action: Action
    counts: str = ""  # of what it says beside its label how many there are


ROOMS = (
    Room("/overview", "Overview", Action.SYNC_READ),
    Room("/cases", "Cases", Action.CASES_READ),
    Room("/links", "Links", Action.SYNC_READ),
    Room("/deliveries", "Deliveries", Action.SYNC_READ),
    Room("/conflicts", "Conflicts", Action.SYNC_READ, "conflicts"),
    Room("/integrations", "Integrations", Action.INTEGRATIONS_READ, "disconnected"),
    Room("/connectors", "Connectors", Action.INTEGRATIONS_READ),
    Room("/mappings", "Mappings", Action.INTEGRATIONS_READ),
    Room("/routing", "Routing", Action.INTEGRATIONS_READ),
    Room("/evidence", "Evidence", Action.EVIDENCE_READ),
    Room("/settings", "Settings", Action.ACCESS_READ),
)
DEMO = Room("/demo", "Demo", Action.CASES_READ)  # only where there is one


@dataclass(frozen=True, slots=True)
class Sign:
    """A room as the bar of one page shows it."""

    path: str
    label: str
    count: int
    is_here: bool


def signs(caller: Caller, path: str, counts: Mapping[str, int], rooms: Sequence[Room] = ROOMS) -> list[Sign]:
    """Only the rooms that this person may enter."""
    return [
        Sign(room.path, room.label, counts.get(room.counts, 0), f"{path}/".startswith(f"{room.path}/"))
        for room in rooms
        if caller.may(room.action)
    ]
