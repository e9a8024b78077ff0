"""Parts of a site that are killed at random moments and started again, as whoever supervises them would."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from syncd.store.tables import deliveries
from tests.e2e.fleet import WORKER, Fleet, fleet
from tests.e2e.program import Program
from tests.faults.crowd import Crowd
from tests.parts.postgres import Postgres

BACKENDS = ("sqlite", "postgresql")
KINDS = ("web", "worker", "beat")
#: After how many seconds a hook that was turned away is sent again. PagerDuty tells nobody; with its pauses growing for hours, as
#: some do, one unlucky hook of a run would be waited for longer than the run takes.
_SENT_AGAIN = (1.0, 5.0, 30.0)
_SLOW = 0.8  # seconds an answer takes, so that much is under way at every moment


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311  a history that can be repeated


@dataclass(frozen=True, slots=True)
class Death:
    program: str
    at: datetime


@contextmanager
def slow_site(folder: Path, backend: str, postgres: Postgres, worker: Sequence[str] = WORKER) -> Iterator[Fleet]:
    """Slow far sides. On PostgreSQL two of each kind; timers are those of a site nobody has tuned."""
    count = 2 if backend == "postgresql" else 1
    url = postgres.create() if count == 2 else f"sqlite:///{folder / 'syncd.db'}"
    with private_folder() as place, running(Valkey(place)) as valkey:
        with fleet(folder, url, valkey.url, webs=count, workers=count, worker=worker, sweep_s=3.0) as made:
            made.pagerduty_peer.lay(count=0, methods=["POST", "PUT"], delay_s=_SLOW, path="/incidents*")
            made.desk_peer.lay(count=0, methods=["POST"], delay_s=_SLOW, percent=25)
            for peer in (made.pagerduty_peer, made.desk_peer):
                peer.turn(retry_s=_SENT_AGAIN)
            yield made
        if count == 2:
            postgres.drop(url)


def kill_some(made: Fleet, dice: random.Random, count: int, kinds: Collection[str] = KINDS) -> list[Death]:
    """One after another, and each is started again at once."""
    victims = [one for one in made.programs if one.name.rstrip("0123456789") in kinds]
    deaths = []
    for _ in range(count):
        threading.Event().wait(dice.uniform(1.0, 4.0))
        victim = dice.choice(victims)
        _kill(victim, dice)
        deaths.append(Death(victim.name, datetime.now(UTC)))
        if not victim.is_running():
            victim.start()
    return deaths


def _kill(victim: Program, dice: random.Random) -> None:
    """Of a worker sometimes only what it has forked: its parent lives on, and forks anew."""
    if victim.name.startswith("worker") and dice.random() < 0.5 and victim.is_running() and victim.children():
        victim.kill_children()
    else:
        victim.kill()


def resumed(made: Fleet, deaths: Sequence[Death]) -> list[timedelta]:
    """For every attempt whose worker was lost: from the kill to the next attempt's begin."""
    made_by = _attempts(made)
    waits = []
    for (errand, number), row in made_by.items():
        if row["reason"] != "worker_lost" or (errand, number + 1) not in made_by:
            continue
        killed = [death.at for death in deaths if death.at >= row["started_at"] and death.program.startswith("worker")]
        if killed:
            waits.append(made_by[errand, number + 1]["started_at"] - min(killed))
    return sorted(waits)


def _attempts(made: Fleet) -> Mapping[tuple[int, int], Mapping[str, Any]]:
    with made.db.read() as tx:
        rows = tx.execute(select(deliveries).where(deliveries.c.started_at.is_not(None))).mappings()
        return {(row["errand_id"], row["attempt"]): dict(row) for row in rows if row["errand_id"] is not None}


def crowd_of(made: Fleet, dice: random.Random) -> Crowd:
    return Crowd(made, dice, links=12, acts_a_second=12)
