"""The gates a change goes through, in their order, and what each of them asks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Gate(IntEnum):
    STORED = 0
    KNOWN = 1
    LINKED = 2
    SWITCHED_ON = 3
    CONNECTED = 4
    HEARD = 5
    NEWS = 6
    STATE = 7
    MAPPED = 8
    IN_ORDER = 9
    DELIVERED = 10
    IN_STEP = 11

    @property
    def word(self) -> str:
        return self.name.lower()


ASKS: Mapping[Gate, str] = {
    Gate.STORED: "Does the database take writes, so that anything can come in or go out?",
    Gate.KNOWN: "Is what was named known here?",
    Gate.LINKED: "Is there a case with exactly one incident, so that the change has somewhere to go?",
    Gate.SWITCHED_ON: "Is sync on in this direction: both ways, not by a service key, not only read?",
    Gate.CONNECTED: "Are both accounts connected, and is neither they nor the link paused or only observed?",
    Gate.HEARD: "Did the hook come in: is the webhook there, enabled and sent here, signed, and new?",
    Gate.NEWS: "Is it somebody's change, and not our own write coming back?",
    Gate.STATE: "Does the state of the other record allow it? A closed case changes no more.",
    Gate.MAPPED: "Has the value a counterpart on the other side, and does the policy follow it?",
    Gate.IN_ORDER: "Is it its turn: nothing older before it, no conflict, not put aside?",
    Gate.DELIVERED: "Was it written on the other side?",
    Gate.IN_STEP: "Do both sides say the same?",
}
