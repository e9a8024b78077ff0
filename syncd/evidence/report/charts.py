"""The pictures of a report as numbers: where its bars, gaps and boxes stand. What draws them is the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10
from typing import Any

Plain = Mapping[str, Any]
WIDTH, LABEL, ROW = 760, 190, 18
_SHOWN_NAME = 28  # characters that stand beside a bar
_LINES, _BOXES = 60, 20  # that a chart has, at most
_SHORTEST = 2.0  # of a gap that is drawn: a minute has to be seen too
_LEAST_S, _TENFOLD = 10.0, 1
_MARKS = (
    (10, "10 s"),
    (60, "1 min"),
    (300, "5 min"),
    (1800, "30 min"),
    (7200, "2 h"),
    (43_200, "12 h"),
    (259_200, "3 d"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """One line for each schedule; those that have a gap come first."""

    lines: tuple[tuple[str, str, tuple[Bar, ...]], ...]  # its name, `known` or `unknown`, its gaps
    marks: tuple[Mark, ...]
    now: float | None  # where the time is as which it was known
    left_out: int  # that are covered, or that there was no room for
    said: str

    @property
    def height(self) -> int:
        return len(self.lines) * ROW + ROW


@dataclass(frozen=True, slots=True)
class BoxLine:
    name: str
    told: str
    left: float  # of the box
    width: float
    middle: float
    end: float  # of the line behind it
    is_late: bool  # three quarters are beyond the target


@dataclass(frozen=True, slots=True)
class Boxes:
    lines: tuple[BoxLine, ...]
    marks: tuple[Mark, ...]
    target: Mark | None
    left_out: int

    @property
    def height(self) -> int:
        return len(self.lines) * ROW + ROW


def gantt(coverage: Sequence[Plain], known_at: str) -> Gantt | None:
    known = [one for one in coverage if one["window"]]
    if not known:
        return None
    start = min(_moment(one["window"]["start"]) for one in known)
    end = max(_moment(one["window"]["end"]) for one in known)
    shown = sorted(coverage, key=lambda one: not (one["gaps"] or one["unknown"]))[:_LINES]
    holes = sum(bool(one["gaps"]) for one in coverage)
    return Gantt(
        tuple((_short(one["name"]), "known" if one["window"] else "unknown", _gaps(one, start, end)) for one in shown),
        tuple(_days(start, end)),
        _at(_moment(known_at), start, end) if start < _moment(known_at) < end else None,
        len(coverage) - len(shown),
        f"{len(coverage)} schedules from {start:%Y-%m-%d} to {end:%Y-%m-%d}, {holes} of them with a time in which nobody is on call",
    )


def _gaps(one: Plain, start: datetime, end: datetime) -> tuple[Bar, ...]:
    bars = []
    for gap in one["gaps"]:
        left, right = (_at(_moment(gap[edge]), start, end) for edge in ("start", "end"))
        bars.append(Bar(left, round(max(right - left, _SHORTEST), 1), f"{gap['start']} to {gap['end']}: {gap['why']}"))
    return tuple(bars)


def _days(start: datetime, end: datetime) -> Iterator[Mark]:
    step = max((end - start).days // 7, 1)
    day = start
    while day < end:
        yield Mark(_at(day, start, end), f"{day:%d %b}")
        day += timedelta(days=step)


def _at(moment: datetime, start: datetime, end: datetime) -> float:
    share = (moment - start) / (end - start) if end > start else 0.0
    return round(LABEL + min(max(share, 0.0), 1.0) * (WIDTH - LABEL), 1)


def boxes(found: Sequence[Plain], target_s: int | None) -> Boxes | None:
    """Seconds on a scale on which ten times as long is as far again."""
    shown = found[:_BOXES]
    if not shown:
        return None
    most = max(*(one["p95_s"] for one in shown), target_s or 0, 60)
    marks = tuple(Mark(_far(seconds, most), text) for seconds, text in _MARKS if seconds <= most)
    target = None if target_s is None else Mark(_far(target_s, most), "target")
    return Boxes(tuple(_box(one, most, target_s) for one in shown), marks, target, len(found) - len(shown))


def _box(one: Plain, most: float, target_s: int | None) -> BoxLine:
    left, middle, right, end = (_far(one[f"{part}_s"], most) for part in ("p25", "p50", "p75", "p95"))
    told = f"{one['count']} incidents: half within {one['p50_s']} s, 95 of a hundred within {one['p95_s']} s"
    is_late = target_s is not None and one["p75_s"] > target_s
    return BoxLine(
        _short(one["name"] or one["service"]), told, left, round(max(right - left, 1.0), 1), middle, end, is_late
    )


def _far(seconds: float, most: float) -> float:
    whole = log10(max(most, _LEAST_S * 1.1)) - _TENFOLD
    share = (log10(max(seconds, _LEAST_S)) - _TENFOLD) / whole
    return round(LABEL + min(share, 1.0) * (WIDTH - LABEL - 10), 1)


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}…"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
