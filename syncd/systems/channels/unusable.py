"""A channel whose settings make none. It stands in its place: what was to be told through it waits, with a row for each attempt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.errors import Misconfigured
from syncd.systems.trip import Trip

from .port import Channel, Message


@dataclass(frozen=True, slots=True)
class Unusable:
    name: str
    why: str
    where: str = ""  # nowhere

    def send(self, message: Message, trip: Trip, now: datetime) -> None:  # noqa: ARG002  nothing is sent
        raise Misconfigured(self.why)


def unusable(channels: Iterable[Channel]) -> Sequence[Unusable]:
    return [one for one in channels if isinstance(one, Unusable)]
