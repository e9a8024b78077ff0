"""Which of a connector's services an incident is opened on: the one that the opening request names, or the default one.

Any text leads to exactly one of them. Somebody must be called, so what is not reached is not refused: it is the default, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Service:
    id: str  # empty of a service key, whose account tells none
    name: str = ""  # as it was called when the connector was aimed at it

    @property
    def called(self) -> str:
        return self.name or self.id


class Missed(StrEnum):
    """Why it is not what was asked for."""

    NOT_REACHED = "not_reached"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Chosen:
    service: Service
    missed: Missed | None = None


def choose(services: Sequence[Service], asked: str) -> Chosen:
    """The first of them is the default, which an empty request means."""
    if not asked.strip():
        return Chosen(services[0])
    found = meant(services, asked)
    if len(found) == 1:
        return Chosen(found[0])
    return Chosen(services[0], Missed.SEVERAL if found else Missed.NOT_REACHED)


def meant(services: Sequence[Service], asked: str) -> Sequence[Service]:
    """By id, else by name; capitals count only where two names differ in nothing else."""
    wanted = asked.strip()
    return (
        [one for one in services if one.id == wanted]
        or [one for one in services if one.name.strip() == wanted]
        or [one for one in services if one.name.strip().casefold() == wanted.casefold()]
    )
