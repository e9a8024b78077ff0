"""What it costs to collect a large account, and what sync feels of it: 500 changes in a minute, with and without."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select

from syncd.clock import StoppedClock
from syncd.connections.master_key import open_vault
from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings.judging import findings
from syncd.evidence.rules.values import Rules
from syncd.simulator import BOT_EMAIL, KEYS, Sizes
from syncd.store import heartbeats, integrations
from syncd.store.cases import Cases, Hand
from syncd.store.database import Database
from syncd.store.tables import deliveries
from syncd.store.tables_of_evidence import evidence_collections
from tests.evidence.collecting.rig import Rig as Collected
from tests.parts.database import migrate
from tests.simulator.estate import made

from .process import free_port, running, wait_for_port, wait_until
from .rig import Rig, linked_cases, open_cases, rig

CHANGES, LINKS, SECONDS = 500, 50, 60.0
ANN = Hand("ann", "Ann")


def measure() -> dict[str, object]:
    return {
        "collecting": _collecting(),
        "sync_alone": _lag(has_evidence=False),
        "sync_beside_it": _lag(has_evidence=True),
    }


def _collecting() -> dict[str, float]:
    """In simulated time, so that nobody waits for a budget."""
    with tempfile.TemporaryDirectory() as folder, made(Sizes()) as sim:
        url = f"sqlite:///{folder}/syncd.db"
        migrate(url)
        clock = sim.world.clock
        if not isinstance(clock, StoppedClock):
            raise TypeError("The made account has a clock that goes by itself.")
        db = Database(url, clock)
        ready = Collected(db, sim, clock)
        begun = time.perf_counter()
        ready.collect()
        took = time.perf_counter() - begun
        requests = len(ready.asked())
        begun = time.perf_counter()
        facts = ready.facts()
        read = time.perf_counter() - begun
        begun = time.perf_counter()
        findings(facts, Rules(), ready.now)
        judged = time.perf_counter() - begun
        clock.forward(timedelta(hours=30))
        ready.sim.journal.clear()
        ready.collect(Name.INCIDENTS)
        ready.clock.forward(timedelta(hours=1))
        ready.sim.journal.clear()
        ready.collect(Name.INCIDENTS)
        db.close()
        size = sum(one.stat().st_size for one in Path(folder).glob("syncd.db*"))
        return {
            "requests": requests,
            "seconds": round(took, 1),
            "database_mb": round(size / 1e6, 1),
            "facts_s": round(read, 2),
            "findings_s": round(judged, 2),
            "requests_of_a_quiet_hour": len(ready.asked()),
        }


def _lag(*, has_evidence: bool) -> dict[str, float]:
    """Comments on cases, one every eighth of a second, each written to its incident at the simulator, which counts requests."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, far = free_port(), free_port()
        stack.enter_context(
            running(
                "-m",
                "syncd",
                "sim",
                "--evidence",
                "--port",
                str(far),
                env={"SYNCD_HOME": str(folder)},
                log=folder / "sim.log",
            )
        )
        wait_for_port(far)
        address = f"http://127.0.0.1:{far}"
        ready = stack.enter_context(rig(folder, port))
        keys = open_cases(ready, LINKS)
        linked_cases(ready, keys, known=_opened(address))
        _aim(ready, address, has_evidence=has_evidence)
        stack.enter_context(running("-m", "syncd", "worker", env=ready.env, log=folder / "worker.log"))
        wait_until(lambda: _is_up(ready), "no worker came up")
        _comment(ready, keys)
        wait_until(lambda: _written(ready) >= CHANGES, "not everything was written", within=300)
        collected = _collected(ready)
        with httpx.Client(base_url=address) as client:
            asked = client.get("/_sim/requests").json()
        limited = sum(one["status"] == 429 for one in asked["requests"] if isinstance(one, Mapping))
        return {**_times(ready), "evidence_requests": collected, "answers_429": limited}


def _opened(address: str) -> list[str]:
    """Incidents of the simulated account, opened by people so that no budget is spent on them."""
    with httpx.Client(base_url=address) as client:
        made_ = [
            client.post("/_sim/incidents", json={"title": f"Incident {n}", "by": "Ana Lima"}) for n in range(LINKS)
        ]
    return [one.raise_for_status().json()["incident"]["id"] for one in made_]


def _aim(ready: Rig, address: str, *, has_evidence: bool) -> None:
    sealed = open_vault(ready.settings, ready.db).seal("integration:pagerduty", {"api_key": KEYS.full})
    with ready.db.write() as tx:
        there = integrations.get(tx, "pagerduty")
        if there is None:
            raise LookupError("The rig has no PagerDuty account.")
        settings = {**there.settings, "from": BOT_EMAIL, integrations.EVIDENCE: has_evidence}
        integrations.reseal(tx, "pagerduty", sealed, settings)
        integrations.move(tx, "pagerduty", address)


def _is_up(ready: Rig) -> bool:
    with ready.db.read() as tx:
        return any(one.part == "worker" for one in heartbeats.latest(tx))


def _comment(ready: Rig, keys: list[str]) -> None:
    cases, pause, begun = Cases(ready.db), threading.Event(), time.perf_counter()
    for number in range(CHANGES):
        pause.wait(max(0.0, begun + number * SECONDS / CHANGES - time.perf_counter()))
        cases.comment(keys[number % LINKS], ANN, f"comment {number}")


def _written(ready: Rig) -> int:
    with ready.db.read() as tx:
        mine = (deliveries.c.outcome == "applied", deliveries.c.destination_system == "pagerduty")
        return int(tx.execute(select(func.count()).select_from(deliveries).where(*mine)).scalar_one())


def _collected(ready: Rig) -> int:
    with ready.db.read() as tx:
        return int(tx.execute(select(func.coalesce(func.sum(evidence_collections.c.requests), 0))).scalar_one())


def _times(ready: Rig) -> dict[str, float]:
    with ready.db.read() as tx:
        mine = (deliveries.c.outcome == "applied", deliveries.c.destination_system == "pagerduty")
        found = sorted(one or 0 for one in tx.scalars(select(deliveries.c.e2e_ms).where(*mine)))
    return {"p50_ms": found[len(found) // 2], "p95_ms": found[len(found) * 95 // 100], "max_ms": found[-1]}
