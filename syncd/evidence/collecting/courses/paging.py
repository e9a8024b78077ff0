"""Lists in pages, read so that what moves between two of them is neither lost nor doubled.

Each page begins with the last record of the page before. If another one stands there, something has come, gone or moved in what
was read already, and the list is read anew. The totals and the number of records have to agree as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.reading import Json, Unexpected, mapping, text

from .refusals import refused
from .request import Course, Page, Request

LIMIT = 100
REACH = 10_000  # offset plus limit: PagerDuty refuses more
PASSES = 5
MOVED = "it changed each time it was read"
BEYOND = f"PagerDuty lists at most {REACH} of them"

Row = TypeVar("Row")


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """Which list it is, and what becomes of its records."""

    request: Request
    name: str  # under which the records stand
    read: Callable[[Json], Row]
    key: Callable[[Json], str] = lambda given: text(given, "id")
    limit: int = LIMIT
    has_total: bool = True
    overlap: int = 1  # 0: nothing that is listed can move, and the totals say whether anything did
    is_of_a_time: bool = False  # a shorter time can be asked for, so that nothing is read of a list that is too long


@dataclass
class Listed(Generic[Row]):
    rows: dict[str, Row] = field(default_factory=dict)
    unread: dict[str, Missing] = field(default_factory=dict)  # records of another shape than they should be
    refused: Missing | None = None
    status: int = 200  # of its last page
    total: int | None = None
    is_beyond: bool = False  # there are more than can be listed

    @property
    def missing(self) -> tuple[Missing, ...]:
        beyond = Missing(Lack.FAILED, needs=BEYOND) if self.is_beyond else None
        return (*filter(None, (self.refused or beyond,)), *self.unread.values())

    def take(self, kind: Kind[Row], key: str, record: Json) -> None:
        try:
            self.rows[key] = kind.read(record)
        except Unexpected as fault:
            self.unread[key] = Missing(Lack.UNREADABLE, key, str(fault))

    def has(self, key: str) -> bool:
        return key in self.rows or key in self.unread

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.unread)


def listed(kind: Kind[Row], first: Page | None = None) -> Course[Listed[Row]]:
    """All of it. `first`: its first page, where somebody has asked for that already."""
    every: Listed[Row] = Listed()
    for _ in range(PASSES):
        found = Listed[Row]()
        is_steady = yield from _pass(kind, found, first)
        if is_steady or found.refused or found.is_beyond:
            return found
        first = None
        every.rows |= found.rows
        every.unread |= found.unread
    every.refused = Missing(Lack.FAILED, needs=MOVED)
    return every


def _pass(kind: Kind[Row], found: Listed[Row], first: Page | None) -> Course[bool]:
    """Once from the first page to the last. False: something moved meanwhile."""
    offset, last = 0, ""
    while True:
        page = first or (yield asked(kind, offset))
        first = None
        before, records = found.count, _records(kind, page, found)
        if records is None or not _joins(kind, page, records, found, last):
            return False
        if page.body.get("more") is not True:
            return found.total in {None, found.count}
        if found.count == before:
            found.refused = _nothing_of_it(kind)
            return False
        last = records[-1][0]
        offset += _step(kind, page, len(records))
        found.is_beyond = offset + kind.limit > REACH
        if found.is_beyond:
            return False


def _nothing_of_it(kind: Kind[Row]) -> Missing:
    """Its pages bring no news: going on would ask for each of thousands of places."""
    return Missing(Lack.UNREADABLE, needs=f"{kind.request.path} has more, and shows nothing of it")


def _joins(kind: Kind[Row], page: Page, records: list[tuple[str, Json]], found: Listed[Row], last: str) -> bool:
    """Whether the page goes on from the one before it, and has nothing that stood there already. It is taken."""
    if not _counts_as_before(kind, page, found):
        return False
    news = records
    if last and kind.overlap:
        if not records or records[0][0] != last:
            return False
        news = records[1:]
    if any(found.has(key) for key, _ in news):
        return False
    for key, record in news:
        found.take(kind, key, record)
    return True


def _counts_as_before(kind: Kind[Row], page: Page, found: Listed[Row]) -> bool:
    total = page.body.get("total")
    if not kind.has_total or not isinstance(total, int):
        return True
    is_as_before = found.total in {None, total}
    found.total = total
    found.is_beyond = kind.is_of_a_time and total > REACH
    return is_as_before and not found.is_beyond


def asked(kind: Kind[Row], offset: int) -> Request:
    total = {"total": "true"} if kind.has_total else {}
    return kind.request.besides(limit=kind.limit, offset=offset, **total)


def _step(kind: Kind[Row], page: Page, shown: int) -> int:
    """By what the answer says that it allowed, which may be less than was asked for."""
    limit = page.body.get("limit")
    allowed = limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else shown
    return max(1, min(allowed, kind.limit) - kind.overlap)


def _records(kind: Kind[Row], page: Page, found: Listed[Row]) -> list[tuple[str, Json]] | None:
    found.refused, found.status = refused(page), page.status
    if found.refused:
        return None
    try:
        return list(_keyed(kind, page.body))
    except Unexpected as fault:
        found.refused = Missing(Lack.UNREADABLE, needs=f"{kind.request.path}: {fault}")
        return None


def _keyed(kind: Kind[Row], body: Json) -> Iterator[tuple[str, Json]]:
    records = body.get(kind.name)
    if not isinstance(records, list):
        raise Unexpected(kind.name, "list")
    for at, one in enumerate(records):
        record = mapping(one, f"{kind.name}[{at}]")
        yield kind.key(record), record


def by_number(kind: Kind[Row]) -> Course[Listed[Row]]:
    """A list in an order that never changes, of which records come and go all the time: it is gone back in, and not read anew.

    Once a page begins with a record that was read, nothing before it was missed.
    """
    found = Listed[Row]()
    offset = 0
    for _ in range(PASSES * REACH // kind.limit):
        page = yield asked(kind, offset)
        records = _records(kind, page, found)
        if records is None:
            return found
        is_joined = not offset or (bool(records) and found.has(records[0][0]))
        for key, record in records if is_joined else ():
            found.take(kind, key, record)
        if not is_joined:
            offset = max(0, offset - kind.limit // 2)
        elif page.body.get("more") is not True:
            return found
        elif len(records) <= (kind.overlap if offset else 0):
            found.refused = _nothing_of_it(kind)
            return found
        else:
            offset += _step(kind, page, len(records))
        if offset + kind.limit > REACH:
            found.is_beyond = True
            return found
    found.refused = Missing(Lack.FAILED, needs=MOVED)
    return found
