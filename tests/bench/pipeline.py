"""From a webhook at the door to the change on the case: syncd beside the plain pipeline, on the same machine in turn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from syncd.embedded.valkey import Valkey
from syncd.embedded.valkey import running as valkey_running
from syncd.simulator.casedesk import TOKEN
from syncd.store import heartbeats
from syncd.store.tables import deliveries

from .hooks import priority_events
from .load import fire
from .plain_tables import Base, Case, Event
from .process import free_port, running, wait_for_port, wait_until
from .rig import Rig, linked_cases, open_cases, rig

OURS = 2_000
PLAIN = 600
WARM = 40  # so that nobody is measured while statements are compiled and connections made
ROUNDS = 3
CONNECTIONS = 64


def measure() -> dict[str, object]:
    kinds = {"case_system_over_http": True, "built_in_cases": False}
    return {name: _compared(has_desk=has_desk) for name, has_desk in kinds.items()}


def _compared(*, has_desk: bool) -> dict[str, object]:
    """In turn, so that what else this machine does meets both."""
    rounds = [(_ours(has_desk=has_desk), _plain(has_desk=has_desk)) for _ in range(ROUNDS)]
    times = sorted(round(ours["per_s"] / plain["per_s"], 1) for ours, plain in rounds)
    return {"times": times[ROUNDS // 2], "of_rounds": times, "syncd": rounds[-1][0], "plain": rounds[-1][1]}


def _ours(*, has_desk: bool) -> dict[str, float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        desk = stack.enter_context(_desk(folder)) if has_desk else ""
        ready = stack.enter_context(rig(folder, port, "desk" if has_desk else "cases", desk, TOKEN))
        keys = _cases_of(desk, OURS + WARM) if has_desk else open_cases(ready, OURS + WARM)
        incidents = linked_cases(ready, keys, "desk" if has_desk else "cases")
        shots = priority_events(incidents, "e")
        stack.enter_context(running("-m", "syncd", "web", "--only", "hooks", env=ready.env, log=folder / "web.log"))
        stack.enter_context(running("-m", "syncd", "worker", env=ready.env, log=folder / "worker.log"))
        wait_for_port(port)
        wait_until(lambda: _seen(ready), "no worker came up")
        fire(port, shots[:WARM], 4)
        wait_until(lambda: _settled(ready) >= WARM, "syncd did not start")
        begun = time.perf_counter()
        fire(port, shots[WARM:], CONNECTIONS)
        wait_until(lambda: _settled(ready) >= OURS + WARM, "not everything was applied", within=300)
        took = time.perf_counter() - begun
        return {"per_s": OURS / took, **_latency(ready)}


@contextmanager
def _desk(folder: Path) -> Iterator[str]:
    port = free_port()
    with running("-m", "tests.bench.desk", str(port), env={}, log=folder / "desk.log"):
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"


def _cases_of(desk: str, count: int) -> list[str]:
    with httpx.Client(base_url=desk, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        made = [client.post("/v1/cases", json={"title": f"Case {n}", "priority": "P3"}) for n in range(count)]
    return [one.raise_for_status().json()["key"] for one in made]


def _seen(ready: Rig) -> bool:
    with ready.db.read() as tx:
        return any(one.part == "worker" for one in heartbeats.latest(tx))


def _settled(ready: Rig) -> int:
    """Every event is for a case of its own, and is applied to it."""
    with ready.db.read() as tx:
        return int(tx.execute(select(func.count()).where(deliveries.c.outcome == "applied")).scalar_one())


def _latency(ready: Rig) -> dict[str, float]:
    with ready.db.read() as tx:
        statement = select(deliveries.c.outcome, deliveries.c.reason, deliveries.c.e2e_ms).order_by(deliveries.c.id)
        rows = tx.execute(statement.offset(WARM)).all()
    applied = sorted(row.e2e_ms or 0 for row in rows if row.outcome == "applied")
    others: dict[str, int] = {}
    for row in rows:
        if row.outcome != "applied":
            others[row.reason] = others.get(row.reason, 0) + 1
    return {
        "applied": len(applied),
        **others,
        "p50_ms": applied[len(applied) // 2],
        "p99_ms": applied[int(len(applied) * 0.99)],
    }


def _plain(*, has_desk: bool) -> dict[str, float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        desk = stack.enter_context(_desk(folder)) if has_desk else ""
        valkey = stack.enter_context(valkey_running(Valkey(folder)))
        port = free_port()
        database = f"sqlite:///{folder / 'plain.db'}"
        env = {
            "PLAIN_DATABASE": database,
            "PLAIN_BROKER": valkey.url.replace("unix://", "redis+socket://"),
            "PLAIN_DESK": desk,
            "PLAIN_TOKEN": TOKEN,
        }
        incidents = _plain_cases(
            env, _cases_of(desk, PLAIN + WARM) if has_desk else [f"C-{n}" for n in range(PLAIN + WARM)]
        )
        stack.enter_context(running("-m", "tests.bench.plain", "web", str(port), env=env, log=folder / "web.log"))
        stack.enter_context(running("-m", "tests.bench.plain", "worker", env=env, log=folder / "worker.log"))
        wait_for_port(port)
        shots = priority_events(incidents, "p")
        fire(port, shots[:WARM], 4)
        wait_until(lambda: _applied(database) >= WARM, "the plain pipeline did not start")
        begun = time.perf_counter()
        fire(port, shots[WARM:], CONNECTIONS)
        wait_until(lambda: _applied(database) >= PLAIN + WARM, "the plain pipeline lost something", within=300)
        return {"per_s": PLAIN / (time.perf_counter() - begun), **_plain_latency(database)}


def _plain_cases(env: dict[str, str], keys: list[str]) -> list[str]:
    engine = create_engine(env["PLAIN_DATABASE"])
    with engine.begin() as tx:
        tx.exec_driver_sql("PRAGMA journal_mode=WAL")
    Base.metadata.create_all(engine)
    incidents = [f"Q{n:06d}" for n in range(len(keys))]
    with Session(engine) as session:
        rows = [{"incident_id": i, "key": k, "priority": "P3"} for i, k in zip(incidents, keys, strict=True)]
        session.execute(insert(Case), rows)
        session.commit()
    engine.dispose()
    return incidents


def _applied(database: str) -> int:
    engine = create_engine(database)
    with engine.connect() as tx:
        count = tx.execute(select(func.count()).where(Event.applied_at.is_not(None))).scalar_one()
    engine.dispose()
    return int(count)


def _plain_latency(database: str) -> dict[str, float]:
    """From the moment its task began: what waited in the broker before that is not even in its rows."""
    engine = create_engine(database)
    with engine.connect() as tx:
        rows = tx.execute(select(Event.received_at, Event.applied_at)).all()
    engine.dispose()
    spent = sorted((row.applied_at - row.received_at).total_seconds() * 1000 for row in rows if row.applied_at)
    return {"applied": len(spent), "task_p50_ms": spent[len(spent) // 2], "task_p99_ms": spent[int(len(spent) * 0.99)]}
