"""The world of the histories where incidents are written to in the names of people, who also work there themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncd import errors
from syncd.core.answered import Answer
from syncd.core.changes import Actor, FieldSeen, Record, Side
from syncd.core.errand import FIELD_OF_WISH
from syncd.core.link import Link
from syncd.core.pen_name import PenName, person_behind, unmasked, without_ours
from syncd.core.prepare import Go
from syncd.core.weigh import Verdict

from .desk import US, Fact
from .events import Flight
from .job import Job, Opened, Result, Safeguards
from .lane import Lanes
from .world import World


@dataclass(slots=True)
class BorrowingLanes(Lanes):
    refused: set[str] = field(default_factory=set)  # people whom the far side does not let write

    def plan(self, side: Side, facts: Sequence[Fact], look: Callable[[], Record], now: datetime) -> bool:
        return Lanes.plan(self, side, [replace(one, by=_as_told(one.by, side)) for one in facts], look, now)

    def claim(self, side: Side, now: datetime) -> tuple[Job, Go] | None:
        """That a name is borrowed is known before the write is made."""
        claimed = Lanes.claim(self, side, now)
        if claimed is not None and side is Side.INCIDENT:
            self._borrow(*claimed, now)
        return claimed

    def _borrow(self, job: Job, go: Go, now: datetime) -> None:
        person = person_behind(job.errand, go.wish, job.by)
        job.person = person.email if person is not None else ""
        if job.person:
            name, value = FIELD_OF_WISH.get(job.errand.kind), go.wish.value if go.wish else ""
            job.pen_names.append(PenName(job.person, name, value, now))

    def unmasked(self, side: Side, fact: FieldSeen) -> FieldSeen:
        if side is Side.CASE or not self.guards.knows_pen_names or fact.heard_at is None:
            return fact
        return unmasked(fact, self._names(), fact.heard_at)

    def beside(self, side: Side, record: Record, fact: FieldSeen) -> Record:
        if side is Side.CASE or not self.guards.knows_pen_names or fact.heard_at is None:
            return record
        return without_ours(record, self._names(), fact.heard_at)

    def _names(self) -> list[PenName]:
        return [replace(one, landed_by=job.landed_by) for job in self.jobs for one in job.pen_names]


class BorrowingWorld(World):
    lanes: BorrowingLanes

    def new_lanes(self, link: Link, guards: Safeguards) -> Lanes:
        self.incident.tells_who = True
        return BorrowingLanes(link, self.rules, guards)

    def signed(self, flight: Flight) -> Actor:
        """The write of a person who is refused is made at once in our own name."""
        person = flight.person
        flight.is_declined = person in self.lanes.refused
        return US if not person or flight.is_declined else Actor(person.capitalize(), id=person)

    def _claim(self, side: Side) -> None:
        super()._claim(side)
        if side in self.flights and self.flights[side].job.person:
            flight = self.flights[side]
            flight.person, flight.pen_name = flight.job.person, flight.job.pen_names[-1]

    def _settle(self, flight: Flight) -> None:
        """What was certainly not written in somebody's name is not known again as ours."""
        if flight.pen_name is not None and (flight.is_declined or not _may_stand(flight.result)):
            flight.job.pen_names.remove(flight.pen_name)
        super()._settle(flight)


def _may_stand(result: Result | None) -> bool:
    if isinstance(result, Answer):
        return result.verdict is Verdict.WRITE
    return isinstance(result, Opened | errors.Ambiguous)


def _as_told(by: Actor, side: Side) -> Actor:
    """A case tells the address of whoever did it, and PagerDuty its own id."""
    return replace(by, id="") if side is Side.CASE else replace(by, email="")
