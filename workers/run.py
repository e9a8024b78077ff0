"""Starting the worker and beat processes of Celery with our settings, and nothing from its command line."""

from __future__ import annotations

import warnings
from contextlib import suppress

import structlog
from billiard import pool
from celery import Celery
from celery.apps.beat import Beat
from celery.beat import Service
from celery.platforms import SecurityWarning
from celery.signals import beat_init
from kombu.exceptions import KombuError

from syncd.connections.master_key import open_vault
from syncd.queue import celery_app
from syncd.settings import Settings
from syncd.store.schema import require_current
from syncd.systems.channels.unusable import unusable
from syncd.wiring import channels, database

from .ending import end_when_told, told_no_more
from .sync import SWEEP, install

log = structlog.stdlib.get_logger()


def worker(settings: Settings) -> int:
    """Blocks until it is told to stop."""
    _refuse_what_is_not_ours(settings)
    # Celery warns root of messages that run code; ours are JSON and can at most wake a shard.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    _end_without_being_taken_note_of()
    app = celery_app(settings)
    install(app, settings)
    running = app.Worker(
        concurrency=settings.worker_processes,
        pool="prefork",
        loglevel=settings.log_level.upper(),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        redirect_stdouts=False,
    )
    running.start()
    return int(running.exitcode or 0)


def _end_without_being_taken_note_of() -> None:
    """A process of the pool that ends waits until its parent knows what became of its last task: for 30 s, where the parent listens
    no more. Ours are wake-ups, and nothing became of them.
    """
    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 5  # tenths of a second


def beat(settings: Settings) -> None:
    app = celery_app(settings)
    install(app, settings)
    beat_init.connect(lambda **_: _sweep_at_once(app), weak=False)
    running = _Beat(app=app, loglevel=settings.log_level.upper(), pidfile=None, quiet=True, redirect_stdouts=False)
    with told_no_more():
        running.run()


class _Beat(Beat):  # type: ignore[misc]  # Celery has no types.
    """Celery's own handler says it once; told in the middle of a message to the broker, beat went on for ever."""

    def install_sync_handler(self, service: Service) -> None:  # noqa: ARG002  nothing of it is kept in a file
        end_when_told()


def _sweep_at_once(app: Celery) -> None:
    """Its sign of life travels through the broker and a worker: the first should not have to wait for the schedule."""
    with suppress(OSError, KombuError):
        app.send_task(SWEEP, retry=False, ignore_result=True)


def _refuse_what_is_not_ours(settings: Settings) -> None:
    """Said here, in a sentence: out of the pool's processes Celery would swallow it, and run on without any."""
    db = database(settings)
    try:
        require_current(db)
        open_vault(settings, db)
    finally:
        db.close()
    for one in unusable(channels(settings).values()):
        log.error(
            "channel.unusable", channel=one.name, why=one.why, remedy="All else goes on; what it is to tell waits."
        )
