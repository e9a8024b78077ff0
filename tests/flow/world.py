"""One account on each side, a connector between them, a crew of one process, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from syncd.clock import StoppedClock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.core import retry
from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Record, Seen, Side
from syncd.core.shard import SHARDS, shard_of
from syncd.flow import accounts
from syncd.flow.attempt import Attempted, attempt
from syncd.flow.book import Book
from syncd.flow.claim import Job, claim
from syncd.flow.crew import Crew, Limits
from syncd.flow.plan import plan
from syncd.flow.room import Room
from syncd.flow.settle import settle
from syncd.flow.sweep import sweep
from syncd.flow.turn import Turn
from syncd.store import arrivals, connectors, errands, integrations, lanes, links
from syncd.store.arrivals import NewArrival
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.tables import deliveries
from tests.flow.far_side import ANA, FarSide, body_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CASES, PAGERDUTY, CONNECTOR = "cases", "pagerduty", "payments"
PRIORITIES = [
    {"case": case, "incident": incident, "name": incident}
    for case, incident in (("P1", "HIGH"), ("P2", "HIGH"), ("P3", "LOW"), ("P4", "MIDDLE"))
]
LIMITS = Limits(lanes=4)
WITHIN = 60.0
LANDED = retry.LANDS_WITHIN + timedelta(seconds=1)  # by now a write without an answer has landed, or never will


def work(crew: Crew, shards: Collection[int]) -> None:
    """As a worker's thread does, until there is nothing more to do."""
    crew.wake(shards)
    while crew.wait(WITHIN if crew.is_out else 0.0):
        crew.turn()


class World:
    def __init__(self, db: Database, clock: StoppedClock) -> None:
        self.db, self.clock = db, clock
        self._rows: list[dict[str, Any]] = []
        self._forgotten = 0
        self.case, self.incident = FarSide(Side.CASE, clock), FarSide(Side.INCIDENT, clock)
        self.connections = Connections(db, Vault(generate_key()), clock)
        self._add_accounts()
        self.crew = self.new_crew()

    def side(self, side: Side) -> FarSide:
        return self.case if side is Side.CASE else self.incident

    def new_crew(self) -> Crew:
        return Crew(self.db, self.connections, self.clock, LIMITS)

    # What comes in.

    def hear(self, side: Side, body: bytes, *, record: str, at: datetime | None = None, key: str | None = None) -> int:
        row = NewArrival(
            source=self.slug(side),
            event_key=key,
            event_type="event",
            record=record,
            body=body,
            received_at=at or self.clock.now(),
            shard=shard_of(record),
        )
        with self.db.write() as tx:
            (number,) = arrivals.add_many(tx, [row])
        assert number is not None
        return number

    def tell(self, side: Side, ref: str, *seen: Seen, kind: str = "changed") -> int:
        """A hook with these facts has come in. One about a note shows no more of its incident than a reference."""
        kept = self.side(side).kept.get(ref)
        key = "" if kept is None or any(isinstance(one, NoteSeen) for one in seen) else kept.key
        return self.hear(side, body_of(ref, *seen, kind=kind, key=key), record=ref)

    def point_at(self, side: Side, ref: str) -> int:
        """A hook that says no more than: look at this record."""
        return self.hear(side, body_of(ref, is_thin=True), record=ref)

    def act(self, side: Side, ref: str, name: Field, value: str, by: Actor = ANA) -> FieldSeen:
        """A person changes a field, and a hook tells of it."""
        seen = self.side(side).set(ref, name, value, by)
        self.tell(side, ref, seen)
        return seen

    def comment(self, side: Side, ref: str, text: str, by: Actor = ANA) -> NoteSeen:
        seen = self.side(side).note(ref, text, by)
        self.tell(side, ref, seen)
        return seen

    def ask_for_incident(self, ref: str = "C-1", priority: str = "P3", **more: Any) -> None:  # noqa: ANN401 - fields of the opening
        record = self.case.put(ref, priority=priority, title="Checkout is slow")
        opened = replace(CaseOpened(record.title, "", priority, "", record.url, ANA, record.at), **more)
        self.tell(Side.CASE, ref, opened, kind="opened")

    # Work.

    def drain(self) -> None:
        """Until nothing is due, as if every wake-up had come through."""
        for _ in range(100):
            shards = self.due()
            if not (shards or self.crew.is_out):  # What is out is due again only when it has come back.
                return
            work(self.crew, shards)
        message = "the work does not end"
        raise AssertionError(message)

    def due(self) -> list[int]:
        with self.db.read() as tx:
            now = self.db.now(tx)
            due = lanes.due_links(tx, range(SHARDS), now, 1000)
            found = [links.get(tx, one) for one in due]
            return sorted({*arrivals.due_shards(tx, now), *(one.shard for one in found if one is not None)})

    def sweep(self) -> list[int]:
        return sweep(self.db, self.connections, self.clock, LIMITS)

    def wait(self, span: timedelta | float) -> None:
        """Time goes by, the sweep comes round, and what is due is done."""
        self.clock.forward(span)
        self.sweep()
        self.drain()

    # One process by hand, to stop it wherever it hurts.

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self.db.write() as tx:
            turn = Turn(tx, self.db.now(tx), Book.open(tx, self.connections), LIMITS.overtaking)
            yield turn
            accounts.write_down(turn)
            turn.write()

    def plan(self) -> None:
        """What has come in is planned, and nothing is done about it yet."""
        with self.turn() as turn:
            due = arrivals.due(turn.tx, range(SHARDS), turn.now, 100)
            self.crew._hold(turn, due, ())
            for arrival in due:
                assert plan(turn, arrival) is None

    def claim(self) -> list[Job]:
        with self.turn() as turn:
            return claim(turn, range(SHARDS), Room({CASES: 32, PAGERDUTY: 32}))[0]

    def attempt(self, job: Job) -> Attempted:
        return attempt(job, self.clock, self.crew._taken)

    def settle(self, *finished: Attempted) -> None:
        with self.turn() as turn:
            turn.hold([one.job.stored.link_id for one in finished])
            settle(turn, finished)

    # What is there now.

    def rows(self) -> list[dict[str, Any]]:
        """Each time it is asked: those of last time must still be there, and the same."""
        with self.db.read() as tx:
            rows = [dict(row) for row in tx.execute(select(deliveries).order_by(deliveries.c.id)).mappings()]
        assert rows[: len(self._rows)] == self._rows
        self._rows = rows
        return rows

    def said(self) -> list[tuple[str, str, str]]:
        return [(row["change"], row["outcome"], row["reason"]) for row in self.rows()[self._forgotten :]]

    def last(self) -> dict[str, Any]:
        return self.rows()[-1]

    def forget(self) -> None:
        """What was called and said up to here is of no interest."""
        self.case.calls.clear()
        self.incident.calls.clear()
        self._forgotten = len(self.rows())

    def link(self, ref: str = "C-1") -> links.StoredLink:
        with self.db.read() as tx:
            found = links.find(tx, CASES, Side.CASE, ref)
        assert found is not None
        return found

    def errands(self, ref: str = "C-1") -> list[dict[str, Any]]:
        with self.db.read() as tx:
            return errands.of_link(tx, self.link(ref).id)

    def states(self, ref: str = "C-1") -> list[tuple[str, str]]:
        return [(one["kind"], one["state"]) for one in self.errands(ref)]

    def account(self, side: Side) -> integrations.Integration:
        with self.db.read() as tx:
            found = integrations.get(tx, self.slug(side))
        assert found is not None
        return found

    def in_step(self, ref: str = "C-1") -> Record:
        """Both sides say the same; what they say."""
        case = self.case.record(ref)
        incident = self.incident.record(self.link(ref).link.incident_id)
        assert case.status == incident.status
        return case

    def slug(self, side: Side) -> str:
        return CASES if side is Side.CASE else PAGERDUTY

    def close(self) -> None:
        for side in (self.case, self.incident):
            if side.stuck is not None:
                side.stuck.set()
        self.crew.close(0.1)

    def _add_accounts(self) -> None:
        with self.db.write() as tx:
            now = self.db.now(tx)
            for side in Side:
                slug = self.slug(side)
                integrations.add(
                    tx, slug=slug, system="make-believe", side=side, base_url="", settings={}, sealed=None, now=now
                )
                self.connections._systems[slug] = ((None, "", {}, False), self.side(side))
            connector = Connector(CONNECTOR, PAGERDUTY, CASES, "bidirectional", "SVC", "", PRIORITIES, {})
            connectors.add(tx, connector, now)
