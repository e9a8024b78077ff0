"""Ending when told to, also where the first word is lost: code that cleans up may put another error in the place of ours."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN = 0.2  # seconds
_TOLD = (signal.SIGTERM, signal.SIGINT)


def end_when_told() -> None:
    """SystemExit in the main thread, again and again until `told_no_more`."""
    for number in (*_TOLD, signal.SIGALRM):
        signal.signal(number, _end)


@contextmanager
def told_no_more() -> Iterator[None]:
    """Whatever ends this block, nothing is raised after it."""
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end(_number: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    raise SystemExit
