"""kill -9 of a real process that collects, again and again: the next one goes on, and comes to what is there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from syncd.clock import Clock
from syncd.evidence.facts.dataset import Name
from syncd.evidence.kept import facts_of
from syncd.evidence.spans import Span
from syncd.simulator import KEYS, Simulator, made_simulator, serve
from syncd.store.database import Database
from syncd.store.evidence import collections, pages
from tests.evidence.collecting.rig import MANY, SLUG
from tests.parts.loopback import OPENED
from tests.simulator.estate import SMALL
from tests.waiting import wait_until

_KILLED_AT = (3, 11, 30, 60)  # requests
_WITHIN = 120.0


@pytest.fixture
def served() -> Iterator[tuple[Simulator, str]]:
    with made_simulator(SMALL, seed=7) as sim, serve(sim.app) as url:
        sim.switches.requests_per_minute = MANY
        yield sim, url


@pytest.fixture
def environment(tmp_path: Path, migrated_file: Path) -> dict[str, str]:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    ours = {"SYNCD_HOME": str(tmp_path), "SYNCD_OUTGOING_ALLOW": OPENED, "SYNCD_SECRET": KEYS.read_only}
    return {**os.environ, **ours, "SYNCD_PAGERDUTY_REQUESTS": "100000"}


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "syncd", *words]


@pytest.mark.parametrize("dataset", [Name.INCIDENTS, Name.SCHEDULES])
def test_what_is_killed_goes_on(
    served: tuple[Simulator, str], environment: dict[str, str], tmp_path: Path, dataset: Name
) -> None:
    sim, url = served
    joined = ("integrations", "add", SLUG, "--where", url, "--read-only", "--consent", "--one-way", "--evidence")
    subprocess.run(_words(*joined), env=environment, check=True, capture_output=True)
    subprocess.run(
        _words("doctor", SLUG), env=environment, check=False, capture_output=True
    )  # What the key may see is known.
    db = Database(f"sqlite:///{tmp_path / 'syncd.db'}", Clock())
    collect = _words("evidence", "collect", SLUG, "--dataset", dataset, "-o", "json")
    for number in _KILLED_AT:
        _kill(sim, collect, environment, number)
        with db.write() as tx:  # The lease of the dead would run out in two minutes.
            tx.exec_driver_sql("UPDATE evidence_collections SET lease_until = '2000-01-01 00:00:00'")
    ended = subprocess.run(collect, env=environment, check=True, capture_output=True, timeout=_WITHIN)
    (told,) = json.loads(ended.stdout)
    with db.read() as tx:
        last = collections.latest(tx, SLUG, dataset, datetime.now(UTC))
        assert last is not None
        kept = [one.request for one in pages.of_collection(tx, last.id)]
    assert len(kept) == len(set(kept))
    asked = Counter(f"GET {unquote(one.target)}" for one in sim.journal.requests)
    assert sum(asked[unquote(one)] for one in kept) - len(kept) <= len(_KILLED_AT)
    assert (told["state"], told["missing"]) == ("done", "")
    _is_whole(sim, db, dataset)
    db.close()


def _kill(sim: Simulator, collect: list[str], environment: dict[str, str], number: int) -> None:
    process = subprocess.Popen(collect, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(sim.journal.requests) >= number or process.poll() is not None, _WITHIN)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def _is_whole(sim: Simulator, db: Database, dataset: Name) -> None:
    manifest, now = sim.manifest, datetime.now(UTC)
    assert manifest is not None
    with db.read() as tx:
        facts = facts_of(tx, SLUG, Span(now - timedelta(days=60), now), now)
    counts = manifest.counts
    there = {Name.SCHEDULES: counts["schedules"] + counts["shift_schedules"], Name.INCIDENTS: counts["incidents"]}
    assert len(facts.of(dataset).rows) == there[dataset]
    if dataset is Name.INCIDENTS:
        logs = {one.id: len(one.log) for one in facts.incidents.rows if one.log is not None}
        assert logs == {one.id: len(one.log) for one in sim.account.incidents.values() if one.merged_into is None}
