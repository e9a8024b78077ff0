"""Where every request comes in: faults first, then the behaviour, and a line in the journal. It knows no protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from syncd.clock import Clock
from syncd.simulator.asked import Answer, Asked
from syncd.simulator.faults import Fault, Faults
from syncd.simulator.ids import Ids
from syncd.simulator.journal import Journal, Request

NO_FAULT = Fault()


class Behaviour(Protocol):
    """One simulated system: it answers, and can tell whether anything changed."""

    @property
    def revision(self) -> int: ...

    def respond(self, asked: Asked) -> Answer: ...

    def after(self, seconds: float, act: Callable[[], None]) -> None: ...

    def catch_up(self) -> None:
        """Do what has fallen due."""

    def next_due(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller is to see, and how."""

    answer: Answer | None  # None: the connection is cut
    delay_s: float = 0.0
    drip_s: float = 0.0
    partial: bool = False


class Door:
    def __init__(
        self,
        behaviour: Behaviour,
        faults: Faults,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        ahead_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`ahead_s`: how far its clock is before ours."""
        self._ahead_s = ahead_s
        self._behaviour, self._faults, self._journal = behaviour, faults, journal
        self._clock, self._ids = clock, ids

    def catch_up(self) -> float | None:
        """Do what has fallen due; gives the seconds until there is more to do."""
        self._behaviour.catch_up()
        due = self._behaviour.next_due()
        return None if due is None else max(0.0, (due - self._clock.now()).total_seconds())

    def receive(self, asked: Asked) -> Outcome:
        self._behaviour.catch_up()
        request_id = self._ids.uuid()
        entry = self._journal.begin(asked, self._clock.now(), request_id)
        fault = self._faults.take(asked)
        if fault is None:
            said = self._carry_out(asked, entry)
            self._journal.finish(entry, said.status)
            return Outcome(self._stamped(said, request_id))
        return self._meet(asked, fault, entry)

    def _meet(self, asked: Asked, fault: Fault, entry: Request) -> Outcome:
        entry.fault = _named(fault)
        true_answer = self._carry_out(asked, entry) if fault.carries_out else None
        if fault.apply_after_s is not None:
            self._behaviour.after(fault.apply_after_s, lambda: self._land(asked, entry))
        if fault.cut:
            self._journal.finish(entry, None)
            return Outcome(None, fault.delay_s)
        said = true_answer if true_answer is not None and fault.status is None else fault.answer()
        self._journal.finish(entry, said.status)
        return Outcome(self._stamped(said, entry.request_id), fault.delay_s, fault.drip_s, fault.partial)

    def _stamped(self, said: Answer, request_id: str) -> Answer:
        date = self._clock.now() + timedelta(seconds=self._ahead_s())
        return said.with_headers({"x-request-id": request_id, "date": format_datetime(date, usegmt=True)})

    def _land(self, asked: Asked, entry: Request) -> None:
        """A write that arrives after its caller has given up: its answer reaches nobody."""
        self._carry_out(asked, entry)

    def _carry_out(self, asked: Asked, entry: Request) -> Answer:
        before = self._behaviour.revision
        said = self._behaviour.respond(asked)
        if self._behaviour.revision != before:
            self._journal.mark_applied(entry, self._clock.now())
        return said


def _named(fault: Fault) -> str:
    """Only what differs from no fault at all."""
    names = ("status", "applied", "apply_after_s", "delay_s", "drip_s", "cut", "partial")
    return " ".join(f"{n}={getattr(fault, n)}" for n in names if getattr(fault, n) != getattr(NO_FAULT, n))
