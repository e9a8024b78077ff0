"""What beat sends and what a worker takes: the sweep and the drain, and nothing that Celery brings along."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery.beat import Scheduler

from syncd.queue import DRAIN, celery_app
from syncd.settings import Settings
from workers.sync import SWEEP, SWEEP_EVERY, install

pytestmark = pytest.mark.usefixtures("signals_kept")


@pytest.fixture
def settings() -> Settings:
    return Settings(home=Path("/nonexistent"), redis_url="redis://127.0.0.1:1/0")


def test_beat_sends_the_sweep_alone(settings: Settings) -> None:
    app = celery_app(settings)
    install(app, settings)
    scheduler = Scheduler(app, lazy=False)
    (entry,) = scheduler.schedule.values()
    assert (entry.task, entry.args, entry.kwargs) == (SWEEP, (), {})
    assert entry.schedule.run_every.total_seconds() == SWEEP_EVERY


def test_beat_keeps_no_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = celery_app(settings)
    install(app, settings)
    service = app.Beat(loglevel="ERROR", pidfile=None, quiet=True, redirect_stdouts=False)
    made = service.Service(app=app, scheduler_cls=service.scheduler_cls, schedule_filename=service.schedule)
    assert type(made.get_scheduler()) is Scheduler
    made.sync()
    assert list(tmp_path.iterdir()) == []


def test_a_worker_knows_two_tasks(settings: Settings) -> None:
    app = celery_app(settings)
    install(app, settings)
    assert set(app.tasks) == {DRAIN, SWEEP}


def test_sweeps_come_often_enough_for_a_change_to_wait_only_seconds() -> None:
    assert SWEEP_EVERY <= 5
