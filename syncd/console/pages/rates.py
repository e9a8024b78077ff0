"""What was carried over in the last hours, and how long that took, as drawings that the server makes."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from syncd.clock import Clock
from syncd.console.looks import piece
from syncd.core.query.reading import read
from syncd.store.audit import counts
from syncd.store.audit.lags import HALF, MOST, Lags, lags
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

from .bars import bars

FRESH_S = 10.0  # seconds a drawing is good for, however many look at it
_HEIGHT = 48.0
_ALL, _CARRIED = read("age<3h"), read("age<3h outcome:applied")


class Rates:
    """One per process: what is drawn for one is shown to all."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._drawn, self._good_until = "", -math.inf

    def drawn(self) -> str:
        with self._lock:
            if self._clock.monotonic() >= self._good_until:
                self._drawn = self._anew()
                self._good_until = self._clock.monotonic() + FRESH_S
            return self._drawn

    def _anew(self) -> str:
        with patient_read(self._database) as tx:
            now = self._database.now(tx)
            over_time = counts.histogram(tx, _ALL, now)
            took, together = lags(tx, _CARRIED, now), counts.lag(tx, _CARRIED, now)
        return piece(
            "overview_rates.html",
            bars=bars(over_time, _address),
            minutes=over_time.step_s // 60,
            lag=together,
            took=took,
            half=line(took, HALF),
            most=line(took, MOST),
        )


def line(took: Lags, share: int) -> str:
    """As high as the longest of all, in a drawing as wide as there are steps. Where nothing was carried over it goes on."""
    longest = max((step.ms.get(MOST, 0) for step in took.steps), default=0)
    points = [
        f"{place + 0.5:g},{_HEIGHT - step.ms[share] * _HEIGHT / (longest or 1):.1f}"
        for place, step in enumerate(took.steps)
        if step.ms
    ]
    return " ".join(_seen(points))


def _seen(points: Sequence[str]) -> Sequence[str]:
    """One point alone would be no line."""
    if len(points) != 1:
        return points
    x, y = points[0].split(",")
    return [f"{float(x) - 0.5:g},{y}", f"{float(x) + 0.5:g},{y}"]


def _address(start: datetime, end: datetime) -> str:
    asked = f"at:{start:%Y-%m-%dT%H:%M:%SZ}..{end:%Y-%m-%dT%H:%M:%SZ}"
    return f"/deliveries?{urlencode({'q': asked})}"
