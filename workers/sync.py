"""The tasks: wake a shard, and look for what nobody was woken for."""

from __future__ import annotations

import threading

import structlog
from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from syncd.core.shard import SHARDS, is_shard
from syncd.errors import SyncdError
from syncd.queue import DRAIN
from syncd.settings import Settings
from syncd.store import heartbeats

from .hand import Hand

log = structlog.stdlib.get_logger()

SWEEP = "syncd.sweep"
SWEEP_EVERY = 5.0  # seconds


class _Process:
    """The hand of this process; there is none in the parent of a pool."""

    hand: Hand | None = None


def install(app: Celery, settings: Settings) -> None:
    """Give the app its only two tasks, and each pool process its hand."""

    def begin(**_: object) -> None:
        # Celery would swallow the error and keep a process that can do nothing.
        if not _took_up(settings):
            threading.Thread(target=_take_up_later, args=(settings,), name="hand", daemon=True).start()

    def end(**_: object) -> None:
        hand, _Process.hand = _Process.hand, None
        if hand is not None:
            hand.close()

    worker_process_init.connect(begin, weak=False)
    worker_process_shutdown.connect(end, weak=False)
    app.finalize()
    for name in list(app.tasks):  # Celery's own, which would let a message put others together.
        app.tasks.unregister(name)
    app.task(name=DRAIN, shared=False)(_drain)
    app.task(name=SWEEP, shared=False)(_sweep)
    app.conf.beat_schedule = {"sweep": {"task": SWEEP, "schedule": SWEEP_EVERY}}


def _took_up(settings: Settings) -> bool:
    try:
        _Process.hand = Hand(settings)
    except SyncdError as error:
        log.warning("worker.waits", error=str(error))
        return False
    return True


def _take_up_later(settings: Settings) -> None:
    pause = threading.Event()
    while not _took_up(settings):
        pause.wait(settings.sweep_s)


def _drain(*said: object, **named: object) -> None:
    """A forged message can at most wake shards."""
    shards = [one for one in said[:SHARDS] if is_shard(one)]
    if named or not said or len(shards) != len(said):
        log.warning("wake_up.refused", said=repr((said, named))[:80])
        return
    if _Process.hand is not None:  # Without one the wake-up is lost; the sweep of whoever has one makes up for it.
        _Process.hand.crew.rung(shards)


def _sweep(*_: object, **__: object) -> None:
    """Beat's own heartbeat is that its sweeps run."""
    hand = _Process.hand
    if hand is None:
        return
    try:
        hand.beat("beat", heartbeats.BEAT)
        hand.daemon.bell.ring(hand.sweep())
    except SyncdError as error:
        # Out of a task Celery would make a page of it; the next sweep looks again.
        log.warning("task.failed", error=str(error))
