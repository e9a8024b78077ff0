"""A part as data: what to run, how to see that it is ready, how to stop it. Nothing here runs it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Stop = tuple[
    tuple[signal.Signals, float], ...
]  # each signal, and the seconds it is given before the next; then SIGKILL


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # beside our own environment
    cwd: Path | None = None
    stop: Stop = ((signal.SIGTERM, 5.0),)
    death_signal: signal.Signals = signal.SIGTERM  # sent by the system when the parent is killed
    ready: Callable[[], bool] | None = None  # asked often, so it must answer fast; None: ready as soon as it is started
    ready_within: float = 60.0  # one that ends is seen at once; a busy machine only needs longer
