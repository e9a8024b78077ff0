"""Who may go where. The charts in syncd/README.md and the CHECKs of the tables are tested against this."""

from __future__ import annotations

from enum import StrEnum

from .link import LinkState


class ArrivalState(StrEnum):
    NEW = "new"  # -> planned | unreadable
    PLANNED = "planned"  # -> new, when it was unlinked and its record's link opens soon
    UNREADABLE = "unreadable"


class ErrandState(StrEnum):
    WAITING = "waiting"  # -> sending | held | withdrawn; -> dead, when a person parks it
    SENDING = "sending"  # -> delivered | waiting | held | withdrawn | dead
    HELD = "held"  # -> waiting, when what holds it lets go; -> withdrawn; -> dead, when a person parks it
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"  # its turn came and nothing was left to do
    DEAD = "dead"  # refused for good, or parked by a person; a replay is a new errand at the end of the lane


class IntegrationState(StrEnum):
    CONNECTED = "connected"  # <-> disconnected
    DISCONNECTED = "disconnected"


ARRIVAL: dict[ArrivalState, frozenset[ArrivalState]] = {
    ArrivalState.NEW: frozenset({ArrivalState.PLANNED, ArrivalState.UNREADABLE}),
    ArrivalState.PLANNED: frozenset({ArrivalState.NEW}),
    ArrivalState.UNREADABLE: frozenset(),
}
ERRAND: dict[ErrandState, frozenset[ErrandState]] = {
    ErrandState.WAITING: frozenset({ErrandState.SENDING, ErrandState.HELD, ErrandState.WITHDRAWN, ErrandState.DEAD}),
    ErrandState.SENDING: frozenset(
        {
            ErrandState.DELIVERED,
            ErrandState.WAITING,
            ErrandState.HELD,
            ErrandState.WITHDRAWN,
            ErrandState.DEAD,
        }
    ),
    ErrandState.HELD: frozenset({ErrandState.WAITING, ErrandState.WITHDRAWN, ErrandState.DEAD}),
    ErrandState.DELIVERED: frozenset(),
    ErrandState.WITHDRAWN: frozenset(),
    ErrandState.DEAD: frozenset(),
}
LINK: dict[LinkState, frozenset[LinkState]] = {
    LinkState.OPENING: frozenset({LinkState.OPEN, LinkState.FAILED, LinkState.ENDED}),
    LinkState.OPEN: frozenset({LinkState.ENDED}),
    LinkState.FAILED: frozenset({LinkState.OPENING, LinkState.ENDED}),
    LinkState.ENDED: frozenset({LinkState.OPENING}),
}
INTEGRATION: dict[IntegrationState, frozenset[IntegrationState]] = {
    IntegrationState.CONNECTED: frozenset({IntegrationState.DISCONNECTED}),
    IntegrationState.DISCONNECTED: frozenset({IntegrationState.CONNECTED}),
}
