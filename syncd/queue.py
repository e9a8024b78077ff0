"""The only door to Celery and kombu besides workers/, and to the marks beside them. It carries a task's name and shards.

Losing a wake-up costs seconds and no data: the rows are the truth, and the sweep finds what waits.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from celery import Celery, signals
from kombu.exceptions import KombuError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from syncd.errors import Unavailable
from syncd.settings import Settings

log = structlog.stdlib.get_logger()

DRAIN = "syncd.drain"  # the task that wakes the shards it names
TOGETHER = 4  # shards woken by one message: cheap for a burst, which yet is shared by several workers
MARK_SECONDS = 30  # a wake-up that got lost blocks the next one for its shard no longer than this
_QUICK = 1.0  # seconds one exchange with the broker may take
_VISIBLE_AGAIN = 3600  # nothing waits in the broker on purpose, so a redelivery is only ever a lost worker's
_UNREACHABLE = (RedisError, KombuError, OSError)


def celery_app(settings: Settings) -> Celery:
    """For workers and beat. Each of its messages can wake a shard and nothing more."""
    return _app(settings, {"visibility_timeout": _VISIBLE_AGAIN, "socket_keepalive": True})


def _app(settings: Settings, transport_options: dict[str, Any]) -> Celery:
    app = Celery("syncd", broker=settings.celery_url(), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,  # a wake-up that dies with its worker is rung again by the sweep
        task_default_queue="syncd",
        task_create_missing_queues=False,
        task_queues=None,
        task_publish_retry=False,
        task_send_sent_event=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # a sweep needs no broker to go on
        worker_soft_shutdown_timeout=3.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"global_keyprefix": settings.redis_key_prefix, **transport_options},
        beat_scheduler="celery.beat:Scheduler",  # in memory: no file to lock, lose or share
        timezone="UTC",
        enable_utc=True,
    )
    return app


@signals.setup_logging.connect(weak=False)
def _leave_logging_alone(**_: object) -> None:
    """Celery sets up handlers of its own unless somebody says that it is taken care of."""


class Bell:
    """Wakes shards from a thread of its own. Made after the fork, because threads do not survive one."""

    def __init__(self, settings: Settings) -> None:
        quick = {"socket_timeout": _QUICK, "socket_connect_timeout": _QUICK, "max_retries": 1}
        self._app = _app(settings, {**quick, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1})
        self._redis = Redis.from_url(
            settings.redis_py_url(),
            socket_timeout=_QUICK,
            socket_connect_timeout=_QUICK,
            # Once more and at once: the first word after the server was restarted goes into a dead socket.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        self._prefix = settings.redis_key_prefix
        self._pending: set[int] = set()  # never more than there are shards
        self._doubtful: set[int] = set()  # a frozen server may yet take a mark whose wake-up never left
        self._turn = threading.Condition()
        self._is_closed = False
        self._is_out = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
        self._thread.start()

    def ring(self, shards: Iterable[int]) -> None:
        """Returns at once, whatever the broker does."""
        with self._turn:
            self._pending.update(shards)
            self._turn.notify()

    def clear(self, shards: Collection[int]) -> None:
        """What whoever was rung for calls before it looks: whatever is written after that rings again."""
        try:
            self._redis.delete(*(self._mark(shard) for shard in shards))
        except _UNREACHABLE as error:
            self._missed(error, 0)
        else:
            self._reached()

    def close(self, seconds: float = _QUICK) -> None:
        """Rings what is pending first, if that takes no longer than this."""
        with self._turn:
            self._is_closed = True
            self._turn.notify()
        self._thread.join(seconds)
        self._app.close()
        self._redis.close()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._pending or self._is_closed)
                shards, self._pending = sorted(self._pending), set()
            if not shards:
                return
            self._publish(shards)

    def _publish(self, shards: list[int]) -> None:
        try:
            unrung = self._marked(shards)
            for start in range(0, len(unrung), TOGETHER):
                some = unrung[start : start + TOGETHER]
                self._app.send_task(DRAIN, args=some, retry=False, ignore_result=True)
        except _UNREACHABLE as error:
            self._doubtful.update(shards)
            self._missed(error, len(shards))
        else:
            self._doubtful.difference_update(shards)
            self._reached()

    def _marked(self, shards: list[int]) -> list[int]:
        """Those that need a wake-up, all asked for in one exchange."""
        with self._redis.pipeline(transaction=False) as line:
            for shard in shards:
                line.set(self._mark(shard), 1, nx=shard not in self._doubtful, ex=MARK_SECONDS)
            return [shard for shard, is_new in zip(shards, line.execute(), strict=True) if is_new]

    def _mark(self, shard: int) -> str:
        return f"{self._prefix}syncd:wake:{shard}"

    def _missed(self, error: Exception, wake_ups: int) -> None:
        self.dropped += wake_ups
        if not self._is_out:
            self._is_out = True
            log.warning("broker.lost", error=str(error), remedy="The sweep wakes what is due until it is back.")

    def _reached(self) -> None:
        if self._is_out:
            self._is_out = False
            log.info("broker.found", dropped=self.dropped)


class NoBell:
    """For a process without a broker: the workers' own sweep finds everything, seconds later."""

    def ring(self, shards: Iterable[int]) -> None:
        pass

    def clear(self, shards: Collection[int]) -> None:
        pass

    def close(self, seconds: float = 0.0) -> None:
        pass


def require_broker(settings: Settings, within: float) -> None:
    """Raises Unavailable when it does not answer in so many seconds."""
    with _asked(settings, within) as redis:
        redis.ping()


def eviction_policy(settings: Settings, within: float) -> str:
    """What the broker does when its memory is full; empty where it does not tell. Raises as above."""
    with _asked(settings, within) as redis:
        redis.ping()
        try:
            told: Any = redis.config_get("maxmemory-policy")
        except ResponseError:  # Hosted ones often forbid CONFIG.
            return ""
        return str(told.get("maxmemory-policy", ""))


@contextmanager
def _asked(settings: Settings, within: float) -> Iterator[Redis]:
    try:
        with Redis.from_url(
            settings.redis_py_url(),
            socket_timeout=within,
            socket_connect_timeout=within,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        ) as redis:
            yield redis
    except (RedisError, OSError) as error:
        why = (str(error).strip().splitlines() or ["no answer"])[0].rstrip(".")
        raise Unavailable(f"Redis cannot be used ({why}); check redis_url and that the server runs.") from error


def bell(settings: Settings) -> Bell | NoBell:
    return Bell(settings) if settings.redis_url else NoBell()
