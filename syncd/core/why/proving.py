"""What evidence can say of one service, schedule or incident: by gates of its own, and to whoever asks why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from .verdict import Verdict


class Thing(StrEnum):
    SERVICE = "service"
    SCHEDULE = "schedule"
    INCIDENT = "incident"  # its times


class Proving(IntEnum):
    """What a record has to pass before it is judged by what it is, in this order."""

    SWITCHED_ON = 1
    CONNECTED = 2
    PERMITTED = 3
    VISIBLE = 4
    COLLECTED = 5
    KNOWN = 6
    COVERED = 7
    READABLE = 8
    IN_ORDER = 9

    @property
    def word(self) -> str:
        return self.name.lower()


ASKS: Mapping[Proving, str] = {
    Proving.SWITCHED_ON: "Is evidence collected of its account?",
    Proving.CONNECTED: "Is that account connected, and is it not paused?",
    Proving.PERMITTED: "May the key read records of this kind: has it the scope and the right, and the account the plan?",
    Proving.VISIBLE: "Does the key see every team? What belongs to others is left out of PagerDuty's lists without a word.",
    Proving.COLLECTED: "Were they collected, lately and to the end? A limit of PagerDuty may have put the rest off.",
    Proving.KNOWN: "Is this one among them?",
    Proving.COVERED: "Is it within the time that was collected, or looked ahead?",
    Proving.READABLE: "Can what PagerDuty answered be read and computed?",
    Proving.IN_ORDER: "Does every check that looks at it find it in order?",
}


@dataclass(frozen=True, slots=True)
class Logged:
    """What PagerDuty's own log of an incident says was done."""

    at: datetime
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Proof:
    account: str
    thing: Thing
    id: str  # as it was asked for, where it is not known
    name: str
    verdict: Verdict
    is_found: bool = True
    log: Sequence[Logged] = ()

    @property
    def means(self) -> str:
        """A word that stands for nothing else."""
        return f"{'times' if self.thing is Thing.INCIDENT else self.thing}:{self.id}"


class Prover(Protocol):
    def about(self, things: Collection[Thing], name: str, within: Collection[str]) -> Sequence[Proof]:
        """Of each account, or of those in `within`; also of accounts where nothing is called so, and then why it may not be there."""
        ...


class Nobody:
    """Where nothing is collected at all."""

    def about(self, things: Collection[Thing], name: str, within: Collection[str]) -> Sequence[Proof]:  # noqa: ARG002
        return ()
