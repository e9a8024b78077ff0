"""Of a process of this machine it is known that it is gone; of any other nothing is claimed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd import process

pytestmark = pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="only Linux tells who is gone")


def test_who_runs_is_not_gone() -> None:
    assert process.own() == process.named(os.getpid()) != ""
    assert not process.is_gone(process.own())


def test_who_was_killed_is_gone_from_that_moment_also_while_nobody_has_buried_it() -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        name = process.named(other.pid)
        assert not process.is_gone(name)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # It stays, as a zombie does.
        assert process.is_gone(name)
    assert process.is_gone(name)


def test_who_is_stopped_may_go_on() -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        name = process.named(other.pid)
        os.kill(other.pid, 19)
        os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
        assert not process.is_gone(name)
        other.kill()


def test_a_number_that_is_somebody_elses_by_now_is_no_sign_of_life() -> None:
    where, _, started = process.own().rpartition("/")
    assert process.is_gone(f"{where}/{int(started) - 1}")


def test_a_fork_has_a_name_of_its_own() -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(process.own) not in {"", process.own()}


@pytest.mark.parametrize("part", [0, 1])
def test_of_another_machine_or_container_nothing_is_known(part: int) -> None:
    parts = process.own().split("/")
    parts[part], parts[2] = "another", "4194305"
    assert not process.is_gone("/".join(parts))


@given(st.text(max_size=60))
def test_what_is_no_name_is_nobody_who_is_gone(name: str) -> None:
    assert not process.is_gone(name)
