"""Built-in cases and a simulated PagerDuty in simulated time: the real flows, client, budget and cases, and no process.

Webhooks are held by the simulator and carried here by hand: in order, late, several times, or never.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from syncd.budget.fallback import budget
from syncd.clock import Clock, StoppedClock
from syncd.connections.joining.builtin import BUILTIN, ensure_builtin
from syncd.connections.open import Connections
from syncd.connections.tolls import Tolls
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side, Status
from syncd.core.shard import SHARDS, shard_of
from syncd.flow.catchup import reconcile
from syncd.flow.crew import Crew, Limits
from syncd.flow.flight import _Account
from syncd.flow.sweep import sweep
from syncd.simulator import BOT_EMAIL, Simulator, simulator
from syncd.simulator.courier import Parcel
from syncd.store import arrivals, connectors, errands, inflow, integrations, links, reconciles
from syncd.store.arrivals import NewArrival
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents

PAGERDUTY = "pagerduty"
PEOPLE = ("Ana Lima", "Ben Osei", "Chidi Park")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LANES = 8  # of one worker to each account
_STALLED = 600.0  # real seconds that a hanging call waits for the simulated clock: a busy machine moves it slowly
_A_MOMENT = 0.005  # real seconds, until it is asked again whether all that is out hangs
_SWEPT_EVERY = 3.0
_STATUS = {Status.OPEN: "triggered", Status.ACKNOWLEDGED: "acknowledged", Status.RESOLVED: "resolved"}


@dataclass(frozen=True, slots=True)
class _Hanging:
    until: datetime
    lane: threading.Thread
    is_over: threading.Event


class Road(httpx.BaseTransport):
    """The way to PagerDuty, which may be closed. A call that hangs holds its lane, and nothing else, until its time has come."""

    def __init__(self, sim: Simulator, clock: StoppedClock) -> None:
        self._open, self._clock = sim.transport(self._hang), clock
        self._lock = threading.Lock()
        self._hanging: list[_Hanging] = []
        self._mover = threading.current_thread()  # whoever sets the stage moves its clock
        self.is_closed = False
        self.why_closed = "The connection was refused."

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_closed:
            raise httpx.ConnectError(self.why_closed, request=request)
        return self._open.handle_request(request)

    def hanging(self) -> set[threading.Thread]:
        """The lanes that are taken by calls whose time has not come."""
        with self._lock:
            return {one.lane for one in self._hanging}

    def let_go(self, now: datetime) -> None:
        """Calls whose time has come go on."""
        with self._lock:
            due = [one for one in self._hanging if one.until <= now]
            self._hanging = [one for one in self._hanging if one.until > now]
        for one in due:
            one.is_over.set()

    def _hang(self, seconds: float) -> None:
        if (
            threading.current_thread() is self._mover
        ):  # Its sweep asks an account, and nobody else would move the clock.
            self._clock.forward(seconds)
            return
        one = _Hanging(self._clock.now() + timedelta(seconds=seconds), threading.current_thread(), threading.Event())
        with self._lock:
            self._hanging.append(one)
        assert one.is_over.wait(_STALLED), "nobody moved the clock while a call was hanging"


class Askew(Clock):
    """A clock that goes as well as ours and shows another time."""

    def __init__(self, ours: StoppedClock, ahead: timedelta) -> None:
        self._ours, self._ahead = ours, ahead

    def now(self) -> datetime:
        return self._ours.now() + self._ahead

    def monotonic(self) -> float:
        return self.now().timestamp()


class Stage:
    def __init__(self, db: Database, clock: StoppedClock, sim: Simulator, workers: Sequence[Clock]) -> None:
        self.db, self.clock, self.sim = db, clock, sim
        self.dice = random.Random(7)  # noqa: S311  a history that can be repeated
        self.cases = Cases(db, site="http://syncd.test")
        self.tolls = Tolls(budget("", "", 1, clock))
        self.connections = Connections(db, Vault(generate_key()), clock, self.tolls)
        self._join()
        self.crews = [Crew(db, self.connections, own, Limits(lanes=LANES)) for own in workers]
        self._swept_at = clock.monotonic()
        self.said = 0  # comments and notes of people, each with its number in its text
        sim.carriage.hold = True
        sim.people.subscribe("http://syncd.test/hooks/pagerduty")

    def _join(self) -> None:
        sim = self.sim
        self.road = Road(sim, self.clock)
        http = client.http(sim.keys.full, BOT_EMAIL, transport=self.road, toll=self.tolls.of(PAGERDUTY, "pagerduty"))
        self.connections._systems[PAGERDUTY] = ((None, "", {}, False), Incidents(http, sim.people.who(BOT_EMAIL).id))
        priorities = [{"case": one.name, "incident": one.id} for one in sim.account.priorities.values()]
        service = next(iter(sim.account.services))
        ensure_builtin(self.db, "http://syncd.test")
        with self.db.write() as tx:
            now = self.db.now(tx)
            integrations.add(
                tx,
                slug=PAGERDUTY,
                system="pagerduty",
                side=Side.INCIDENT,
                base_url="",
                settings={},
                sealed=None,
                now=now,
            )
            connector = Connector("plain", PAGERDUTY, BUILTIN, "bidirectional", service, "", priorities, {})
            connectors.add(tx, connector, now)

    # Time.

    def work(self) -> None:
        """Everything that is due now, and what follows from it at once."""
        if self.clock.monotonic() - self._swept_at >= _SWEPT_EVERY:
            self._swept_at = self.clock.monotonic()
            sweep(self.db, self.connections, self.clock, Limits())
        self.road.let_go(self.clock.now())
        for crew in self.crews:
            crew.wake(range(SHARDS))
        while self._took_turns() or self._is_moving():
            continue

    def _took_turns(self) -> bool:
        awake = [crew for crew in self.crews if crew.wait(_A_MOMENT if crew.is_out else 0.0)]
        for crew in awake:
            crew.turn()
        return bool(awake)

    def _is_moving(self) -> bool:
        """Whether a call is out that comes back at this very moment: others come back when their time has come."""
        hanging = self.road.hanging()
        return any(_is_moving(one, hanging) for crew in self.crews for one in crew._flight._accounts.values())

    def until_quiet(self, within: timedelta, step: float = 0.5, carry: Callable[[], object] | None = None) -> float:
        """Simulated seconds until nothing waits on either side; hooks are carried as `carry` does it."""
        began = self.clock.monotonic()
        while self.clock.monotonic() - began <= within.total_seconds():
            self.work()
            self.sim.door.catch_up()
            (carry or self.carry)()
            if self._is_quiet():
                return self.clock.monotonic() - began
            self.clock.forward(step)
        with self.db.read() as tx:
            message = f"it is not quiet within {within}: {errands.counts(tx)}"
        raise AssertionError(message)

    def _is_quiet(self) -> bool:
        with self.db.read() as tx:
            counted = errands.counts(tx)
            is_idle = not any(counted.get(state) for state in ("waiting", "sending", "held"))
            is_told = not inflow.count_waiting(tx) and not self.sim.courier.held()
            return is_idle and is_told and self.sim.door.catch_up() is None

    # Hooks.

    def carry(self) -> int:
        """What PagerDuty has to tell, in its order and once."""
        return self.bring(self.sim.courier.take())

    def bring(self, parcels: Sequence[Parcel]) -> int:
        rows = [
            NewArrival(
                source=PAGERDUTY,
                event_key=one.event_id,
                event_type=one.event_type,
                record=one.resource,
                body=one.body,
                received_at=self.clock.now(),
                shard=shard_of(one.resource),
            )
            for one in parcels
        ]
        for row in rows:
            with self.db.write() as tx:
                arrivals.add_many(tx, [row])
        return len(rows)

    # People.

    def open(self, count: int) -> list[str]:
        keys = [self.cases.open(NewCase(f"Case {number}"), self.hand()).case.key for number in range(count)]
        self.until_quiet(timedelta(hours=1))
        return keys

    def hand(self) -> Hand:
        return Hand(self.dice.choice(PEOPLE), "api")

    def incident_of(self, key: str) -> str:
        with self.db.read() as tx:
            found = links.find(tx, BUILTIN, Side.CASE, key)
        assert found is not None
        return found.link.incident_id

    # What is so at the end.

    def requests(self) -> int:
        return len(self.sim.journal.requests)

    def notes(self, key: str) -> list[str]:
        return [one.content for one in self.sim.account.incidents[self.incident_of(key)].notes]

    def comments(self, key: str) -> list[str]:
        return [event.text for event in self.cases.file(key).comments]

    def check(self, keys: Collection[str]) -> None:
        """Both sides say the same, and what was said on either stands on the other exactly once."""
        for key in keys:
            case, incident = self.cases.get(key), self.sim.account.incidents[self.incident_of(key)]
            assert _STATUS[Status(case.status)] == incident.status, key
            said = [text.removeprefix("(case): ") for text in self.notes(key)]
            texts = sorted(text.rpartition("(case): ")[2] for text in said)
            assert texts == sorted(self.comments(key)), key


def _is_moving(account: _Account, hanging: Collection[threading.Thread]) -> bool:
    """What stands behind lanes that all hang does not move either."""
    out = len(account.jobs) + len(account.looks)
    return min(out, LANES) > sum(1 for lane in account.pool._threads if lane in hanging)


@contextmanager
def stage(
    folder: Path, *, pagerduty_ahead: timedelta = timedelta(), worker_ahead: timedelta = timedelta()
) -> Iterator[Stage]:
    """Two workers. PagerDuty's clock may be ahead of the database's, or behind, and so may that of the second worker's host."""
    clock = StoppedClock(NOON)
    db = Database(f"sqlite:///{folder / 'stage.db'}", clock, is_alone=True)
    upgrade(db)
    with simulator(seed=5, clock=Askew(clock, pagerduty_ahead)) as sim:
        made = Stage(db, clock, sim, (clock, Askew(clock, worker_ahead)))
        try:
            yield made
        finally:
            made.road.let_go(datetime.max.replace(tzinfo=UTC))
            for crew in made.crews:
                crew.close(0.1)
            db.close()


def catch_up(at: Stage, since: datetime) -> None:
    """As the thread of a worker that catches up, once."""
    with at.db.write() as tx:
        reconciles.ask(tx, PAGERDUTY, since, why="downtime", by="", now=at.db.now(tx))

    def wait(seconds: float) -> bool:
        at.clock.forward(seconds)
        return False

    worker = reconcile.Worker(at.db, at.connections, at.clock, at.crews[0].wake, wait)
    reconcile.work_off(worker)
