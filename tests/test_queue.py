"""A wake-up reaches the broker at most once until it is answered, and no broker, dead or frozen, ever holds the ringer up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import structlog
from celery.contrib.testing.worker import start_worker
from fakeredis import TcpFakeServer
from redis import Redis

from syncd.core.shard import SHARDS
from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, started
from syncd.queue import DRAIN, Bell, NoBell, bell, celery_app
from syncd.settings import Settings
from tests.parts.ports import free_port
from tests.waiting import wait_until


@contextmanager
def ringing(redis_url: str, prefix: str = "") -> Iterator[Bell]:
    made = Bell(Settings(redis_url=redis_url, redis_key_prefix=prefix))
    yield made
    made.close()


@contextmanager
def connected(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, socket_timeout=5) as client:
        yield client


def woken(redis_url: str, queue: str = "syncd") -> list[int]:
    """The shards in the broker's queue, oldest first."""
    with connected(redis_url) as client:
        messages = [json.loads(raw) for raw in client.lrange(queue, 0, -1)]
    assert {message["headers"]["task"] for message in messages} <= {DRAIN}
    assert {message["content-type"] for message in messages} <= {"application/json"}
    return [shard for message in reversed(messages) for shard in json.loads(message["headers"]["argsrepr"])]


@pytest.fixture(params=["valkey", "fakeredis"])
def broker(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "valkey":
        yield request.getfixturevalue("redis_url")
        return
    server = TcpFakeServer(("127.0.0.1", free_port()), server_type="valkey")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_each_shard_is_woken_once_until_its_drain_clears_the_mark(broker: str) -> None:
    with ringing(broker) as rung:
        rung.ring([3, 5])
        wait_until(lambda: sorted(woken(broker)) == [3, 5])
        rung.ring([3, 5, 7])
        wait_until(lambda: len(woken(broker)) == 3)
        assert sorted(woken(broker)) == [3, 5, 7]
        rung.clear([5])
        rung.ring([3, 5])
        wait_until(lambda: len(woken(broker)) == 4)
        assert sorted(woken(broker)) == [3, 5, 5, 7]
        assert rung.dropped == 0


def test_the_mark_of_a_lost_wake_up_does_not_stay(redis_url: str) -> None:
    with ringing(redis_url) as rung, connected(redis_url) as client:
        rung.ring([1])
        wait_until(lambda: woken(redis_url) == [1])
        assert 0 < client.ttl("syncd:wake:1") <= 30


def test_every_key_has_the_prefix(redis_url: str) -> None:
    with ringing(redis_url, "site-a:") as rung, connected(redis_url) as client:
        rung.ring([2])
        wait_until(lambda: woken(redis_url, "site-a:syncd") == [2])
        assert len(list(client.scan_iter("site-a:*"))) == client.dbsize()
        assert client.exists("site-a:syncd:wake:2")
        rung.clear([2])
        assert not client.exists("site-a:syncd:wake:2")


def test_what_is_pending_is_rung_before_it_closes(redis_url: str) -> None:
    with ringing(redis_url) as rung:
        rung.ring(range(SHARDS))
    assert sorted(woken(redis_url)) == list(range(SHARDS))


@pytest.fixture
def own_valkey() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One that may be frozen and killed."""
    with private_folder() as folder, started(Valkey(folder, durable=False)) as process:
        yield Valkey(folder).url, process


def test_a_frozen_broker_holds_nobody_up_and_is_found_again(own_valkey: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, process = own_valkey
    with structlog.testing.capture_logs() as logged, ringing(url) as rung:
        rung.ring([1])
        wait_until(lambda: woken(url) == [1])
        os.kill(process.pid, signal.SIGSTOP)
        rung.ring([0])
        wait_until(lambda: rung.dropped > 0)
        for shard in range(SHARDS):
            rung.ring([shard])
        # That this line is reached shows that nobody waited: the server cannot have answered.
        assert is_stopped(process)
        os.kill(process.pid, signal.SIGCONT)
        with connected(url) as client:
            # It read the mark while nobody listened any more, so there is a mark without a wake-up.
            wait_until(lambda: bool(client.exists("syncd:wake:0")))

        def is_rung() -> bool:
            rung.ring([0])
            return 0 in woken(url)

        wait_until(is_rung)
        wait_until(lambda: len(logged) > 1)
    assert [line["event"] for line in logged] == ["broker.lost", "broker.found"]


def is_stopped(process: subprocess.Popen[bytes]) -> bool:
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:  # noqa: PTH123  A kernel file, read once.
        return file.read().rpartition(")")[2].split()[0] == "T"


def test_an_outage_is_said_once_however_long_it_lasts() -> None:
    with (
        structlog.testing.capture_logs() as logged,
        ringing(f"redis://127.0.0.1:{free_port()}/0") as rung,
    ):
        for number in range(1, 6):
            rung.ring([1])
            wait_until(partial(has_dropped, rung, number))
        rung.clear([1])
    assert [line["event"] for line in logged] == ["broker.lost"]


def has_dropped(rung: Bell, number: int) -> bool:
    return rung.dropped >= number


def test_without_a_broker_nothing_rings() -> None:
    silent = bell(Settings(redis_url=""))
    assert isinstance(silent, NoBell)
    silent.ring([1])
    silent.clear([1])
    silent.close()


def test_a_worker_takes_known_tasks_in_json_and_no_orders(redis_url: str) -> None:
    settings = Settings(redis_url=redis_url)
    app = celery_app(settings)
    drained: list[object] = []
    seen = threading.Event()

    def drain(shard: object) -> None:
        drained.append(shard)
        if shard == 7:
            seen.set()

    app.task(name=DRAIN)(drain)
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        app.send_task("os.system", args=["true"])
        app.send_task(DRAIN, args=[5], serializer="pickle")
        app.send_task(DRAIN, args=[6])
        assert app.control.ping(timeout=0.2) == []
        with ringing(redis_url) as rung:
            rung.ring([7])
        assert seen.wait(20)
    assert drained == [6, 7]


def test_a_worker_listens_to_nobody_and_waits_for_its_broker_for_ever() -> None:
    conf = celery_app(Settings(redis_url="redis://127.0.0.1/0")).conf
    assert not conf.worker_enable_remote_control
    assert not conf.worker_send_task_events
    assert conf.accept_content == ["json"]
    assert conf.broker_connection_max_retries is None
    assert conf.broker_connection_retry_on_startup
    assert conf.task_ignore_result
    assert not conf.task_acks_late
