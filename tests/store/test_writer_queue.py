"""Writers of one SQLite file take turns, also across processes, and nobody waits for ever for one that stands still."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncd.errors import Unavailable
from syncd.store.writer_queue import WriterQueue

SHORT = 0.05
WITHIN = 20.0


@contextmanager
def somebody_else(path: Path) -> Iterator[None]:
    """Another process, as far as the lock can tell: it has opened the file by itself."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_free(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_whoever_has_waited_for_too_long_is_told_and_the_next_one_has_its_turn(tmp_path: Path) -> None:
    queue = WriterQueue(tmp_path / "lock", SHORT)
    with somebody_else(tmp_path / "lock"):
        for _ in range(2):
            with pytest.raises(Unavailable, match="too long"), queue:
                pytest.fail("it was not its turn")
    patient = WriterQueue(tmp_path / "lock", WITHIN)
    with patient:  # Once what was given up has been passed on.
        assert not _is_free(tmp_path / "lock")
    assert _is_free(tmp_path / "lock")
    queue.close()
    patient.close()


def test_whoever_waits_has_its_turn_when_it_comes(tmp_path: Path) -> None:
    queue, had = WriterQueue(tmp_path / "lock", WITHIN), threading.Event()

    def write() -> None:
        with queue:
            had.set()

    with somebody_else(tmp_path / "lock"):
        writer = threading.Thread(target=write)
        writer.start()
        assert not had.is_set()
    writer.join(WITHIN)
    assert had.is_set()
    assert _is_free(tmp_path / "lock")
    queue.close()


def test_threads_of_one_process_write_one_after_the_other(tmp_path: Path) -> None:
    queue, inside, worst = WriterQueue(tmp_path / "lock", WITHIN), [0], [0]

    def write() -> None:
        for _ in range(50):
            with queue:
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
                inside[0] -= 1

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(WITHIN)
    assert worst == [1]
    queue.close()


def test_a_thread_that_waits_for_another_gives_up_as_well(tmp_path: Path) -> None:
    queue, entered, may_go = WriterQueue(tmp_path / "lock", SHORT), threading.Event(), threading.Event()

    def hold() -> None:
        with queue:
            entered.set()
            may_go.wait(WITHIN)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(WITHIN)
    with pytest.raises(Unavailable, match="too long"), queue:
        pytest.fail("it was not its turn")
    may_go.set()
    holder.join(WITHIN)
    queue.close()
