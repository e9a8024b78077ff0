"""A case system and PagerDuty, both outside and both simulated, and a syncd between them whose database can be put back to an
earlier copy of itself. In simulated time, in one process.

Hooks are carried here by hand; between a backup and its restore they have been carried, and nobody sends them again.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from syncd.budget.fallback import budget
from syncd.clock import StoppedClock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.open import Connections
from syncd.connections.tolls import Tolls
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side
from syncd.core.shard import SHARDS, shard_of
from syncd.flow.catchup import reconcile, restoring
from syncd.flow.crew import Crew, Limits
from syncd.flow.sweep import sweep
from syncd.simulator import BOT_EMAIL, CaseDesk, Simulator, simulator
from syncd.simulator.courier import Courier
from syncd.store import arrivals, connectors, errands, heartbeats, inflow, integrations, links
from syncd.store.arrivals import NewArrival
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.systems import casedesk
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from tests.faults.stage import NOON, PAGERDUTY, PEOPLE

DESK = "desk"
OURS = "syncd"
_WITHIN = 60.0  # real seconds that a call may take
_SEALED = b"nobody opens it here"
_STATUS = {"open": "triggered", "acknowledged": "acknowledged", "resolved": "resolved"}


class Site:
    def __init__(self, folder: Path, clock: StoppedClock, sim: Simulator, desk: CaseDesk, case_system: str) -> None:
        self.clock, self.sim, self.desk, self.case_system = clock, sim, desk, case_system
        self.dice = random.Random(7)  # noqa: S311  a history that can be repeated
        self.file, self._backup = folder / "site.db", folder / "backup.db"
        sim.carriage.hold = desk.carriage.hold = True
        sim.people.subscribe("http://syncd.test/hooks/pagerduty")
        desk.hooks.url = "http://syncd.test/hooks/desk"
        self._start()
        self._add_accounts()

    def _start(self) -> None:
        self.db = Database(f"sqlite:///{self.file}", self.clock, is_alone=True)
        upgrade(self.db)
        tolls = Tolls(budget("", "", 1, self.clock))
        self.connections = Connections(self.db, Vault(generate_key()), self.clock, tolls)
        sim, desk = self.sim, self.desk
        http = client.http(sim.keys.full, BOT_EMAIL, transport=sim.transport(), toll=tolls.of(PAGERDUTY, "pagerduty"))
        headers = {"Authorization": f"Bearer {desk.token}", "Accept": "application/json"}
        to_desk = Http("The case desk", "http://desk.test", headers, transport=desk.transport())
        made_of: tuple[bytes | None, str, dict[str, object], bool] = (_SEALED, "", {}, False)
        self.connections._systems[PAGERDUTY] = (made_of, Incidents(http, sim.people.who(BOT_EMAIL).id))
        self.connections._systems[DESK] = (made_of, casedesk.CaseDesk(to_desk, OURS))
        self.crew = Crew(self.db, self.connections, self.clock, Limits(lanes=8))

    def _add_accounts(self) -> None:
        ensure_builtin(self.db, "http://syncd.test")
        priorities = [{"case": one.name, "incident": one.id} for one in self.sim.account.priorities.values()]
        service = next(iter(self.sim.account.services))
        with self.db.write() as tx:
            now = self.db.now(tx)
            for slug, system, side in ((PAGERDUTY, "pagerduty", Side.INCIDENT), (DESK, "casedesk", Side.CASE)):
                integrations.add(
                    tx, slug=slug, system=system, side=side, base_url="", settings={}, sealed=_SEALED, now=now
                )
            connector = Connector("plain", PAGERDUTY, self.case_system, "bidirectional", service, "", priorities, {})
            connectors.add(tx, connector, now)

    def close(self) -> None:
        self.crew.close(0.1)
        self.db.close()

    # The fault.

    def back_up(self) -> None:
        """As an operator makes it while the site runs: by SQLite's own backup, in the middle of whatever is under way."""
        self.beat()
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self._backup)) as target:
            source.backup(target)

    def restore(self) -> restoring.Restored:
        self.close()
        for name in ("", "-wal", "-shm"):
            Path(f"{self.file}{name}").unlink(missing_ok=True)
        shutil.copyfile(self._backup, self.file)
        self._start()
        return restoring.restored(self.db, by="Ana")

    # Time.

    def beat(self) -> None:
        with self.db.write() as tx:
            heartbeats.beat(tx, "worker", "host:1", self.db.now(tx))

    def work(self) -> None:
        self.beat()
        sweep(self.db, self.connections, self.clock, Limits())
        self.crew.wake(range(SHARDS))
        while self.crew.wait(_WITHIN if self.crew.is_out else 0.0):
            self.crew.turn()

    def catch_up(self) -> None:
        """As the thread of a worker does."""
        reconcile.work_off(reconcile.Worker(self.db, self.connections, self.clock, self.crew.wake, self._wait))

    def _wait(self, seconds: float) -> bool:
        self.clock.forward(seconds)
        return False

    def carry(self) -> int:
        return self._bring(PAGERDUTY, self.sim.courier) + self._bring(DESK, self.desk.courier)

    def _bring(self, slug: str, courier: Courier) -> int:
        parcels = courier.take()
        for one in parcels:
            row = NewArrival(
                slug,
                one.event_id,
                one.event_type,
                one.resource,
                one.body,
                self.clock.now(),
                shard_of(one.resource),
            )
            with self.db.write() as tx:
                arrivals.add_many(tx, [row])
        return len(parcels)

    def lose_hooks(self) -> int:
        return len(self.sim.courier.take()) + len(self.desk.courier.take())

    def until_quiet(self, within: timedelta = timedelta(hours=2)) -> float:
        began = self.clock.monotonic()
        while self.clock.monotonic() - began <= within.total_seconds():
            self.work()
            self.catch_up()
            self.work()
            if not self.carry() and self._is_quiet():
                return self.clock.monotonic() - began
            self.clock.forward(1.0)
        with self.db.read() as tx:
            message = f"it is not quiet within {within}: {errands.counts(tx)}, {inflow.count_waiting(tx)} hooks"
        raise AssertionError(message)

    def _is_quiet(self) -> bool:
        with self.db.read() as tx:
            counted = errands.counts(tx)
            accounts = integrations.all_of(tx).values()
            is_idle = not any(counted.get(state) for state in ("waiting", "sending", "held"))
            return is_idle and not inflow.count_waiting(tx) and not any(one.is_unread for one in accounts)

    # People.

    def hand(self) -> str:
        return self.dice.choice(PEOPLE)

    def open(self, title: str) -> str:
        return self.desk.cases.open(title, self.hand()).key

    def incident_of(self, key: str) -> str:
        with self.db.read() as tx:
            found = links.find(tx, self.case_system, Side.CASE, key)
        return "" if found is None else found.link.incident_id

    # What is so at the end.

    def notes(self, key: str) -> list[str]:
        return [one.content for one in self.sim.account.incidents[self.incident_of(key)].notes]

    def comments(self, key: str) -> list[str]:
        return [one.text for one in self.desk.cases.find(key).comments]

    def differences(self) -> list[str]:
        """Cases whose incident says something else, or where something was said twice or not at all."""
        return [key for key in self.desk.cases.cases if self.differs(key)]

    def differs(self, key: str) -> bool:
        case, incident = self.desk.cases.find(key), self.sim.account.incidents.get(self.incident_of(key))
        if incident is None or _STATUS.get(case.status) != incident.status:
            return True
        return sorted(map(_said, self.notes(key))) != sorted(map(_said, self.comments(key)))

    def twice(self) -> int:
        """What was said more than once, on either side; everybody here says each thing once."""
        texts = [one.content for it in self.sim.account.incidents.values() for one in it.notes]
        told = [list(map(_said, texts))]
        told += [[_said(one.text) for it in self.desk.cases.cases.values() for one in it.comments]]
        return sum(len(one) - len(set(one)) for one in told)


def _said(text: str) -> str:
    """Without who said it where."""
    return text.rpartition("): ")[2]


@contextmanager
def site(folder: Path, case_system: str = DESK) -> Iterator[Site]:
    clock = StoppedClock(NOON)
    with simulator(seed=5, clock=clock) as sim, CaseDesk(seed=3, clock=clock) as desk:
        made = Site(folder, clock, sim, desk, case_system)
        try:
            yield made
        finally:
            made.close()


def act(at: Site, keys: Sequence[str], count: int, when: str) -> None:
    """So many changes of all kinds, on random records of both sides. Nobody says the same thing twice."""
    for number in range(count):
        key = at.dice.choice(keys)
        incident = at.incident_of(key)
        match at.dice.randrange(8):
            case 0 if at.desk.cases.find(key).status == "open":
                at.desk.cases.acknowledge(key, at.hand())
            case 1 if incident and at.sim.account.incidents[incident].status == "triggered":
                at.sim.people.acknowledge(incident, at.hand())
            case 2 if at.desk.cases.find(key).status in {"open", "acknowledged"}:
                at.desk.cases.resolve(key, at.hand())
            case 3 if incident:
                at.sim.people.priority(incident, f"P{at.dice.randrange(1, 6)}", at.hand())
            case 4 | 5 if incident:
                at.sim.people.note(incident, f"incident says {when} {number}", at.hand())
            case _:
                at.desk.cases.comment(key, at.hand(), f"case says {when} {number}")
