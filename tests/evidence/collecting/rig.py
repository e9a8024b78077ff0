"""A simulated account that is collected from, a database to keep it in, and a worker whose waits move the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from syncd.clock import StoppedClock
from syncd.connections.open import Connections
from syncd.connections.tolls import Tolls
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side
from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, State
from syncd.evidence.collecting import collector, due
from syncd.evidence.collecting.catalogue import Wants
from syncd.evidence.collecting.worker import Worker
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.kept import facts_of
from syncd.evidence.spans import Span
from syncd.simulator import Simulator
from syncd.store import integrations, probes
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.integrations import Integration
from syncd.store.probes import Probe
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from syncd.systems.trip import Trip

SLUG = "acme"
MANY = 10**6


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


@dataclass
class Between(httpx.BaseTransport):
    """What happens before each request, and after it was answered."""

    inner: httpx.BaseTransport
    rig: Rig

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.rig.before(request)
        answer = self.inner.handle_request(request)
        self.rig.after(request)
        return answer


@dataclass
class Rig:
    db: Database
    sim: Simulator
    clock: StoppedClock
    key: str = ""
    wants: Wants = field(default_factory=Wants)
    connections: Connections = field(init=False)
    asked_apart: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    is_ending: bool = False
    is_seen: bool = False  # what its key sees is asked of the account too; else it sees everything, without a request
    before: Callable[[httpx.Request], None] = lambda _: None
    after: Callable[[httpx.Request], None] = lambda _: None

    def __post_init__(self) -> None:
        self.sim.switches.requests_per_minute = MANY
        vault = Vault(generate_key())
        self.connections = Connections(self.db, vault, self.clock, Tolls())
        sealed = vault.seal(f"integration:{SLUG}", {"api_key": "never asked for"})
        with self.db.write() as tx:
            integrations.add(
                tx,
                slug=SLUG,
                system="pagerduty",
                side=Side.INCIDENT,
                base_url="https://api.pagerduty.com",
                settings={integrations.EVIDENCE: True},
                sealed=sealed,
                now=self.now,
            )
            probes.put(tx, Probe(SLUG, Subject.SIGHT, State.OK, "", "", self.now, self.now, None))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def worker(self) -> Worker:
        return Worker(
            self.db, self.connections, self.clock, self._wait, self.wants, self.told.append, self._http, self._look
        )

    @property
    def _look(self) -> Callable[[Integration, Trip], Answer] | None:
        return None if self.is_seen else lambda *_: Answer(Heard.ANSWERED)

    def _http(self, _: Integration, limited_by: str) -> Http:
        self.asked_apart.append(limited_by)
        transport = Between(self.sim.transport(), self)
        return client.http(self.key or self.sim.keys.read_only, "", transport=transport)

    def _wait(self, seconds: float) -> bool:
        if seconds:
            self.waited.append(seconds)
            self.clock.forward(seconds)
        return self.is_ending

    def collect(self, *names: Name, since: datetime | None = None) -> None:
        """To their ends, whatever that takes."""
        numbers = due.ask(self.db, SLUG, names, since=since, by="ana", roster=self.wants.roster)
        self.finish(numbers)

    def finish(self, numbers: Sequence[int] = ()) -> None:
        for _ in range(200):
            while collector.work(self.worker, numbers):
                pass
            if not self.under_way():
                return
            self.clock.forward(timedelta(minutes=1))
        message = "the collecting does not end"
        raise AssertionError(message)

    def work_off(self) -> None:
        collector.work_off(self.worker)

    def under_way(self) -> list[Collection]:
        with self.db.read() as tx:
            found = [collections.under_way(tx, SLUG, name) for name in Name]
        return [one for one in found if one is not None]

    def last(self, name: Name) -> Collection:
        with self.db.read() as tx:
            found = collections.latest(tx, SLUG, name, self.now)
        assert found is not None
        return found

    def facts(self, back: timedelta = timedelta(days=60)) -> Facts:
        with self.db.read() as tx:
            return facts_of(tx, SLUG, Span(self.now - back, self.now + timedelta(seconds=1)), self.now)

    def asked(self) -> list[str]:
        """What the simulator was asked for, without the account's paths of other things."""
        return [one.target for one in self.sim.journal.requests]

    def asked_by_path(self) -> Counter[str]:
        return Counter(one.partition("?")[0] for one in self.asked())

    def kill_at(self, number: int, *, is_answered: bool) -> None:
        """Before this request goes out, or when its answer has come and is not kept yet."""
        count = 0

        def end(_: httpx.Request) -> None:
            nonlocal count
            count += 1
            if count == number:
                raise Killed

        self.before, self.after = (lambda _: None, end) if is_answered else (end, lambda _: None)

    def revive(self) -> None:
        """Another process, after the lease of the one that was killed has run out."""
        self.before = self.after = lambda _: None
        self.clock.forward(collections.LEASE + timedelta(seconds=1))

    def renamed(self, service: str, name: str) -> None:
        account = self.sim.account
        account.services[service] = replace(account.services[service], name=name)


@contextmanager
def unguarded(db: Database) -> Iterator[Tx]:
    """As whoever has a database can do: its triggers say nothing. On SQLite they are gone for good, with the file of one test."""
    with db.write() as tx:
        if tx.dialect.name == "sqlite":
            for name in [row[0] for row in tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
                tx.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            tx.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield tx
