"""How many there were over time, as a drawing that the server makes: bars of what went well, waits, and went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.console.looks import SHAPES
from syncd.store.audit.counts import Bar, Histogram

_HEIGHT, _WIDTH = 48, 12
_ORDER = ("bad", "wait", "ok", "skip")  # from the ground up


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    x: int
    at: datetime
    count: int
    address: str  # its rows alone
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Bars:
    columns: Sequence[Column]
    most: int
    start: datetime
    end: datetime

    @property
    def width(self) -> int:
        return _WIDTH * len(self.columns)

    @property
    def height(self) -> int:
        return _HEIGHT


def bars(found: Histogram, address: Callable[[datetime, datetime], str]) -> Bars:
    most = max((sum(bar.outcomes.values()) for bar in found.bars), default=0)
    step = timedelta(seconds=found.step_s)
    columns = [
        Column(
            _WIDTH * place, bar.at, sum(bar.outcomes.values()), address(bar.at, bar.at + step), _pieces(bar, most or 1)
        )
        for place, bar in enumerate(found.bars)
    ]
    return Bars(columns, most, found.start, found.end)


def _pieces(bar: Bar, most: int) -> Sequence[Piece]:
    counts = dict.fromkeys(_ORDER, 0)
    for outcome, count in bar.outcomes.items():
        counts[SHAPES.get(outcome, "skip")] += count
    pieces, ground = list[Piece](), float(_HEIGHT)
    for kind in _ORDER:
        height = round(counts[kind] * _HEIGHT / most, 2)
        if height:
            ground -= height
            pieces.append(Piece(kind, round(ground, 2), height))
    return pieces
