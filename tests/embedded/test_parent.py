"""The supervisor as a program of its own: Ctrl-C once and twice, SIGTERM, a hang-up, and being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.embedded.scripts import exists, is_gone_within

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Parent:
    process: subprocess.Popen[str]
    output: IO[str]
    pids: tuple[int, ...]  # its parts'

    def wait_for(self, line: str) -> None:
        for said in self.output:
            if said.strip() == line:
                return
        raise AssertionError(f"it never said {line!r}")


@contextmanager
def _parent(*arguments: str) -> Iterator[Parent]:
    argv = [sys.executable, "-m", "tests.embedded.parent", *arguments]
    with subprocess.Popen(argv, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            parts = 1 if arguments else 2
            pids, ups = _read_start(process.stdout, parts)
            assert len(pids) == parts
            assert ups == parts
            yield Parent(process, process.stdout, pids)
        finally:
            process.kill()


def _read_start(output: IO[str], parts: int) -> tuple[tuple[int, ...], int]:
    pids: tuple[int, ...] = ()
    ups = 0
    for line in output:
        if line.startswith("pids "):
            pids = tuple(int(word) for word in line.split()[1:])
        ups += line.endswith("| up\n")
        if pids and ups == parts:
            break
    return pids, ups


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_everything_in_order(number: signal.Signals) -> None:
    with _parent("--willing") as parent:
        parent.process.send_signal(number)
        parent.wait_for("willing | SIGTERM")
        parent.wait_for(f"ended by {number.name}")
        assert parent.process.wait(10) == 0
        assert not [pid for pid in parent.pids if exists(pid)]


def test_a_second_ctrl_c_ends_it_at_once() -> None:
    with _parent() as parent:
        parent.process.send_signal(signal.SIGINT)
        parent.wait_for("deaf    | SIGTERM")  # It heeds nothing for a minute.
        parent.process.send_signal(signal.SIGINT)
        parent.wait_for("ended by SIGINT")
        assert parent.process.wait(10) == 0
        assert not [pid for pid in parent.pids if exists(pid)]


def test_several_hang_ups_are_no_impatience() -> None:
    with _parent() as parent:
        parent.process.send_signal(signal.SIGHUP)
        parent.wait_for("deaf    | SIGTERM")
        parent.process.send_signal(signal.SIGHUP)
        assert not is_gone_within(parent.pids[1], 0.3)


def test_when_the_parent_is_killed_its_parts_end_too() -> None:
    with _parent() as parent:
        parent.process.kill()
        parent.process.wait()
        # One obeys SIGTERM, the other's death signal is SIGKILL.
        assert all(is_gone_within(pid, 10) for pid in parent.pids)


def test_its_parts_are_out_of_reach_of_the_terminals_ctrl_c() -> None:
    with _parent("--willing") as parent:
        assert os.getpgid(parent.pids[0]) == parent.pids[0]
