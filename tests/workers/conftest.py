"""A home for each test, a daemon at work there, and Celery's signals as they were before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery.signals import worker_process_init, worker_process_shutdown

from tests.workers.onehand import Here, settings_for, web
from workers import sync


@pytest.fixture
def home(tmp_path: Path, migrated_file: Path) -> Path:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    return tmp_path


@pytest.fixture
def here(home: Path) -> Iterator[Here]:
    with web(settings_for(home)) as made:
        yield made


@pytest.fixture
def signals_kept() -> Iterator[None]:
    """What a worker connects stays for the life of its process; this one goes on to other tests."""
    kept = [(signal, list(signal.receivers or ())) for signal in (worker_process_init, worker_process_shutdown)]
    yield
    if sync._Process.hand is not None:
        sync._Process.hand.close()
        sync._Process.hand = None
    for signal, receivers in kept:
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()
