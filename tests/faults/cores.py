"""Schedules on every core: blocks of seeds in processes of their own, until all are played or one of them ends wrong."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.schedules import Played, play

_BLOCK = 250  # histories of one errand to a process: about a second
_TOLD_EVERY = 30.0  # seconds


@dataclass(slots=True)
class Run:
    """What so many histories came to. `seed` is the first that ended wrong."""

    total: Played = field(default_factory=Played)
    seed: int | None = None
    wrong: str = ""
    told: list[str] = field(default_factory=list)
    seconds: float = 0.0  # of all processes together, in histories only


@dataclass(frozen=True, slots=True)
class _Block:
    total: Played
    seconds: float
    bad: Played | None = None
    seed: int = 0


def play_all(count: int) -> Run:
    """Seeds 0 up to `count`, in their order as far as anybody can tell."""
    run, began, told_at = Run(), time.monotonic(), time.monotonic()
    with multiprocessing.get_context("spawn").Pool(_cores()) as pool:
        for block in pool.imap(_played, _blocks(count)):
            run.total.add(block.total)
            run.seconds += block.seconds
            if block.bad is not None:
                run.seed, run.wrong, run.told = block.seed, block.bad.wrong, block.bad.told
                break
            if time.monotonic() - told_at >= _TOLD_EVERY:
                told_at = time.monotonic()
                sys.stderr.write(f"   {run.total.histories} of {count} schedules in {told_at - began:.0f} s\n")
    return run


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _blocks(count: int) -> Iterator[range]:
    return (range(first, min(first + _BLOCK, count)) for first in range(0, count, _BLOCK))


def _played(seeds: range) -> _Block:
    total, began = Played(), time.process_time()
    for seed in seeds:
        one = play(seed)
        total.add(one)
        if one.wrong:
            return _Block(total, time.process_time() - began, one, seed)
    return _Block(total, time.process_time() - began)
