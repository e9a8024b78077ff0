"""What is wrong with a query: one sentence that names the place, and what would have been understood there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from syncd.errors import Misconfigured


class QueryError(Misconfigured):
    def __init__(self, what: str, position: int, where: str = "") -> None:
        """`position` counts from 0; `where` is the parameter of an address that it counts in, empty for a whole query."""
        super().__init__(f"At character {position + 1}{f' of {where!r}' if where else ''}: {what}.")
        self.position = position
        self.where = where


def guess(given: str, known: Iterable[str]) -> str:
    """`; did you mean ...?`, where one of them is near."""
    near = get_close_matches(given.lower(), list(known), 1)
    return f", did you mean {near[0]}" if near else ""
