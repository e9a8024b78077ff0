"""The broker is killed, comes back empty, is emptied and frozen, while people work on both sides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey
from tests.e2e.broker import Broker
from tests.e2e.fleet import Fleet, fleet
from tests.faults.crowd import Crowd
from tests.faults.deaths import BACKENDS, seeded
from tests.faults.figures import reached
from tests.faults.knocker import Knocker, p99
from tests.faults.size import sized
from tests.parts.postgres import Postgres

ROW = "Valkey killed, restarted empty, emptied, frozen"
QUIET_WITHIN = 90.0


def _killed(broker: Broker, seconds: float) -> None:
    broker.kill()
    _pause(seconds)
    broker.start()


def _emptied(broker: Broker, seconds: float) -> None:
    for _ in range(5):
        broker.empty()
        _pause(seconds / 5)


def _frozen(broker: Broker, seconds: float) -> None:
    broker.freeze()
    _pause(seconds)
    broker.thaw()


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


FAULTS: tuple[tuple[str, Callable[[Broker, float], None]], ...] = (
    ("killed and restarted empty", _killed),
    ("FLUSHALL", _emptied),
    ("frozen", _frozen),
)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_broker_fails_in_every_way_under_load(tmp_path: Path, backend: str, postgres: Postgres) -> None:
    url = postgres.create() if backend == "postgresql" else f"sqlite:///{tmp_path / 'syncd.db'}"
    with private_folder() as place:
        broker = Broker(Valkey(place, durable=False))
        broker.start()
        try:
            with fleet(tmp_path, url, broker.valkey.url, sweep_s=3.0) as made:
                _fail(made, broker, backend)
        finally:
            broker.close()


def _fail(made: Fleet, broker: Broker, backend: str) -> None:
    crowd = Crowd(made, seeded(13), links=10, acts_a_second=8)
    knocker = Knocker(made)
    with crowd.at_work(), knocker.at_work():
        _pause(sized(6, 20, 60))
        before = p99(knocker.knocks)
        for name, act in FAULTS:
            began = time.monotonic()
            act(broker, sized(4, 20, 60))
            during = knocker.since(began)
            ratio = f"{p99(during) / before:.1f} x ({p99(during) * 1000:.0f} ms of {before * 1000:.0f})"
            reached(f"{ROW}, {backend}", f"p99 of the receiver, {name}", ratio, "at most 1.5 x")
            _revive(made)
            reached(f"{ROW}, {backend}", f"seconds to drain, {name}", _drained(made, crowd), "under 15")
    made.await_quiet(QUIET_WITHIN)
    wrong = [one.status for one in knocker.knocks if one.status is None or not 200 <= one.status < 300]
    reached(f"{ROW}, {backend}", "webhooks answered other than 2xx", len(wrong), f"0 of {len(knocker.knocks)}")
    reached(f"{ROW}, {backend}", "changes lost, doubled, out of order", len(crowd.wrongs()), "0")
    assert wrong == []
    assert crowd.wrongs() == []


def _drained(made: Fleet, crowd: Crowd) -> float:
    """What had come up by the time the broker returned; people hold their breath meanwhile, webhooks go on coming."""
    began = time.monotonic()
    with crowd.still():
        made.await_quiet(QUIET_WITHIN, received_by=datetime.now(UTC))
    return round(time.monotonic() - began, 1)


def _revive(made: Fleet) -> None:
    """Celery's parent may end with its broker; whoever supervises it starts it again."""
    for program in made.programs:
        if not program.is_running():
            program.start()
