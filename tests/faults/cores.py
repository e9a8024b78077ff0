"""Schedules on every core: blocks of seeds in processes of their own, until all are played; those that end wrong are named as they are found."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults.schedules import Played, play

_BLOCK = 250  # histories of one errand to a process: about a second
_TOLD_EVERY = 30.0  # seconds


@dataclass(slots=True)
class Run:
    """What so many histories came to, and which of them ended wrong."""

    total: Played = field(default_factory=Played)
    wrong: dict[int, str] = field(default_factory=dict)  # seed -> what was found at its end
    told: list[str] = field(default_factory=list)  # the first of them, whole
    seconds: float = 0.0  # of all processes together, in histories only


@dataclass(frozen=True, slots=True)
class _Block:
    total: Played
    seconds: float
    bad: Mapping[int, Played]


def play_all(count: int) -> Run:
    """Seeds 0 up to `count`, in their order as far as anybody can tell. One that ends wrong is named at once, and does not end it."""
    run, began, told_at = Run(), time.monotonic(), time.monotonic()
    with multiprocessing.get_context("spawn").Pool(_cores()) as pool:
        for block in pool.imap(_played, _blocks(count)):
            run.total.add(block.total)
            run.seconds += block.seconds
            for seed, bad in block.bad.items():
                run.told = run.told or bad.told
                run.wrong[seed] = bad.wrong
                sys.stderr.write(f"   seed {seed} ends wrong: {bad.wrong}\n")
            if time.monotonic() - told_at >= _TOLD_EVERY:
                told_at = time.monotonic()
                sys.stderr.write(f"   {run.total.histories} of {count} schedules in {told_at - began:.0f} s\n")
    return run


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _blocks(count: int) -> Iterator[range]:
    return (range(first, min(first + _BLOCK, count)) for first in range(0, count, _BLOCK))


def _played(seeds: range) -> _Block:
    total, bad, began = Played(), dict[int, Played](), time.process_time()
    for seed in seeds:
        one = play(seed)
        total.add(one)
        if one.wrong:
            bad[seed] = one
    return _Block(total, time.process_time() - began, bad)
