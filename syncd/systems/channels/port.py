"""What a channel does: it brings one message, or raises a SideError that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncd.systems.trip import Trip


@dataclass(frozen=True, slots=True)
class Message:
    """The same id at every attempt, so that whoever hears it twice can tell."""

    id: str
    event: str  # integration.disconnected, or with `.cleared` behind it when that is over
    cause: str
    what: str
    remedy: str
    opened_at: datetime
    cleared_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.cleared_at is not None


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def where(self) -> str:
        """For people: where it leads, without what is secret of it."""

    def send(self, message: Message, trip: Trip, now: datetime) -> None: ...
