"""The same kills with one safeguard taken out at a time: a proof that cannot fail proves nothing."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, func, select

from syncd.store.tables import arrivals, errands
from tests.e2e.fleet import Fleet
from tests.e2e.waiting import until
from tests.faults.crowd import Crowd
from tests.faults.deaths import crowd_of, kill_some, seeded, slow_site
from tests.faults.figures import reached
from tests.faults.size import sized
from tests.faults.test_killed import ROW
from tests.parts.postgres import Postgres

GOES_RED_WITHIN = 150.0  # seconds
_ONE_BY_ONE = threading.Lock()
LONG = timedelta(seconds=20)  # after which something should have been done


def _doubled(made: Fleet, crowd: Crowd) -> str:
    said = Counter(text for one in (*crowd.past, *crowd.affairs) for text in one.noted())
    twice = [text for text, count in said.items() if count > 1]
    return f"{len(twice)} notes stand twice" if twice else ""


def _still_claimed(made: Fleet, _: Crowd) -> str:
    count = _older(made, errands.c.lease_until, errands.c.state == "sending")
    return f"{count} changes stay with a worker that is dead" if count else ""


def _forgotten(made: Fleet, _: Crowd) -> str:
    changes = _older(made, errands.c.next_at, errands.c.state == "waiting")
    hooks = _older(made, arrivals.c.received_at, arrivals.c.state == "new")
    return f"{changes} changes and {hooks} hooks are forgotten" if changes or hooks else ""


def _older(made: Fleet, moment: Column[Any], wanted: ColumnElement[bool]) -> int:
    with made.db.read() as tx:
        long_ago = made.db.now(tx) - LONG
        return tx.execute(select(func.count()).select_from(moment.table).where(wanted, moment < long_ago)).scalar_one()


#: what is taken out -> what goes wrong without it
SYMPTOMS: Mapping[str, Callable[[Fleet, Crowd], str]] = {
    "look": _doubled,
    "lease": _still_claimed,
    "sweep": _forgotten,
}


def test_without_a_safeguard_the_same_run_goes_red(tmp_path: Path, postgres: Postgres) -> None:
    """One site for each, at the same time: they mostly wait."""
    with ThreadPoolExecutor(len(SYMPTOMS)) as pool:
        found = pool.map(lambda name: _symptom(tmp_path / name, name, postgres), SYMPTOMS)
        for safeguard, symptom in zip(SYMPTOMS, found, strict=True):
            reached(f"{ROW}, without its {safeguard}", "what goes wrong", symptom, "red")


def _symptom(folder: Path, safeguard: str, postgres: Postgres) -> str:
    folder.mkdir()
    dice = seeded(11)
    worker = (sys.executable, "-m", "tests.faults.without", safeguard)
    with ExitStack() as lives:
        with _ONE_BY_ONE:  # Alembic, which makes the tables, keeps its state in a module.
            made = lives.enter_context(slow_site(folder, "sqlite", postgres, worker=worker))
        crowd = crowd_of(made, dice)
        with crowd.at_work():
            kill_some(made, dice, sized(3, 6, 12), ("worker",))
        made.await_ready()
        return until(lambda: SYMPTOMS[safeguard](made, crowd), f"it goes red without its {safeguard}", GOES_RED_WITHIN)
