"""One request of a collecting, the answer as it is kept, and a course of them: it asks, is given answers, and comes to an end.

A course knows no clock, socket or table. Given the same answers it asks the same again: so whoever goes on with one that was left behind
goes through what is kept, and asks only for what is not.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from syncd.evidence.facts.dataset import Missing
from syncd.evidence.facts.reading import Json
from syncd.evidence.spans import Spans

_Value = TypeVar("_Value")
_Row_co = TypeVar("_Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    params: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        query = urlencode(self.params, safe="[]:,")
        return f"GET {self.path}{f'?{query}' if query else ''}"

    @property
    def sent(self) -> Mapping[str, list[str]]:
        """What is named several times is a list."""
        found: dict[str, list[str]] = {}
        for name, value in self.params:
            found.setdefault(name, []).append(value)
        return found

    def besides(self, **more: object) -> Request:
        return Request(self.path, (*self.params, *((name, str(value)) for name, value in more.items())))


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, also one that refuses."""

    request: str
    asked_at: datetime
    status: int
    body: Json

    @property
    def is_given(self) -> bool:
        return 200 <= self.status < 300


Course = Generator[Request, Page, _Value]


@dataclass(frozen=True)  # Without slots, as Dataset: it is generic.
class Gathered(Generic[_Row_co]):
    """What a course came to."""

    rows: tuple[_Row_co, ...] = ()
    missing: tuple[Missing, ...] = ()
    covers: Spans = ()
    how: str = ""  # by which strategy logs were read
