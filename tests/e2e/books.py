"""The peers' request logs against notification_deliveries: what reached a peer stands in exactly one row, and the other way round."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from syncd.core.reasons import Reason
from syncd.store.database import Database
from syncd.store.tables import arrivals, deliveries, errands
from syncd.store.tables_of_looks import reconciles
from tests.e2e.fleet import Fleet

Row = Mapping[str, Any]

_SETUP = frozenset({"connect", "connector", "webhook", "test"})  # what connecting an account asks
_ATTEMPT = re.compile(r"e(\d+)\.(\d+)\.\d+")
_LOOK = re.compile(r"a(\d+)\.(\d+)-[0-9a-f]{6}\.\d+")
_LIST = re.compile(r"r(\d+)-[0-9a-f]{6}\.1")
_PROBE = re.compile(r"p[a-z0-9-]+\.\d+")
_WATCH = re.compile(r"g[a-z0-9-]+\.\d+")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, as either side wrote it down."""

    request_id: str
    method: str
    target: str  # path and query
    status: int | None

    @property
    def label(self) -> str:
        """What it was made for: an errand's attempt, a look at an arrival's record, a probe."""
        return self.request_id.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything both sides wrote down, read at one quiet moment."""

    told: Sequence[Request]  # by the peers
    cut: frozenset[str]  # requests whose answer a fault, or a death, kept from its sender
    rows: Sequence[Row]
    arrivals: Mapping[int, Row]
    errands: Mapping[int, Row]
    reconciles: Mapping[int, Row]

    def attempts(self) -> list[Row]:
        """Rows of attempts, lost ones among them; the others are decisions not to make one."""
        return [row for row in self.rows if row["errand_id"] is not None and row["started_at"] is not None]

    def lost(self) -> list[Row]:
        return [row for row in self.rows if row["reason"] == Reason.WORKER_LOST]


def read(fleet: Fleet) -> Books:
    told: list[Request] = []
    cut: set[str] = set()
    for peer in (fleet.pagerduty_peer, fleet.desk_peer):
        for entry in peer.requests():
            name = entry["caller_id"]
            if name is None or name.rpartition(".")[0] in _SETUP:
                continue  # People, and what was done once.
            told.append(Request(name, entry["method"], entry["target"], entry["status"]))
            if entry["fault"]:
                cut.add(name)
    return Books(
        told,
        frozenset(cut),
        _all(fleet.db, deliveries),
        {row["id"]: row for row in _all(fleet.db, arrivals)},
        {row["id"]: row for row in _all(fleet.db, errands)},
        {row["id"]: row for row in _all(fleet.db, reconciles)},
    )


def _all(db: Database, table: Any) -> list[Row]:  # noqa: ANN401  any of our tables
    with db.read() as tx:
        return [dict(row) for row in tx.execute(select(table).order_by(table.c.id)).mappings()]


def match(books: Books, *, were_workers_killed: bool = False) -> None:
    _every_id_is_ours(books)
    _requests_stand_in_one_row(books)
    _rows_have_their_requests(books)
    _looks_are_accounted_for(books)
    _lists_are_counted(books, were_workers_killed=were_workers_killed)
    _attempts_have_one_row_each(books)
    _nothing_is_skipped_silently(books)


def requests_of(row: Row) -> Iterator[Request]:
    """The requests a row tells of: those that led up to the last one, and the last one. None of the built-in cases' is HTTP."""
    for line in (row["request"] or {}).get("before", ()):
        if line["url"].startswith("http"):
            yield Request(line["request_id"], line["method"], _target(line["url"]), line["status"])
    if row["url"].startswith("http"):
        yield Request(row["request_id"], row["method"], _target(row["url"]), row["http_status"])


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _every_id_is_ours(books: Books) -> None:
    patterns = (_ATTEMPT, _LOOK, _LIST, _PROBE, _WATCH)
    strangers = [one for one in books.told if not any(pattern.fullmatch(one.request_id) for pattern in patterns)]
    assert not strangers, f"Requests without a label we know: {strangers}"


def _requests_stand_in_one_row(books: Books) -> None:
    written = Counter(one.request_id for row in books.rows for one in requests_of(row))
    lost = {row["request_id"] for row in books.lost()}
    ours = [one for one in books.told if _ATTEMPT.fullmatch(one.request_id)]
    repeated = [name for name, times in Counter(one.request_id for one in ours).items() if times > 1]
    assert not repeated, f"Peers were asked twice under one id: {repeated}"
    missing = [one for one in ours if written[one.request_id] + (one.label in lost) != 1]
    assert not missing, f"Requests that do not stand in exactly one row: {missing}"


def _rows_have_their_requests(books: Books) -> None:
    by_id = {one.request_id: one for one in books.told}
    for row in books.rows:
        for said in requests_of(row):
            told = by_id.get(said.request_id)
            if told is None:
                assert said.status is None, f"A row tells of an answer to a request that no peer got: {said}"
                continue
            assert (said.method, said.target) == (told.method, told.target)
            is_kept_from_us = said.status is None and said.request_id in books.cut
            assert said.status == told.status or is_kept_from_us, f"{said} was told as {told}"


def _looks_are_accounted_for(books: Books) -> None:
    """A look changes nothing. It names its arrival, and stands in one row; in none when its worker died or it was too late."""
    looks = [one for one in books.told if _LOOK.fullmatch(one.request_id)]
    written = Counter(one.request_id for row in books.rows for one in requests_of(row))
    for one in looks:
        found = _LOOK.fullmatch(one.request_id)
        assert found
        assert one.method == "GET"
        assert int(found[1]) in books.arrivals, f"A look for an arrival that does not exist: {one}"
    assert len({one.request_id for one in looks}) == len(looks), "Peers were asked twice under one id."
    for arrival_id, made in _by_arrival(looks).items():
        last = made[-1]
        came = [
            (row["change"], row["outcome"], row["reason"], row["attempt"])
            for row in books.rows
            if row["arrival_id"] == arrival_id
        ]
        assert written[last.request_id] == 1, (
            f"The look that settled arrival {arrival_id} is not in one row: {last}, {came}"
        )
        twice = [one for one in made if written[one.request_id] > 1]
        assert not twice, f"Looks that stand in several rows: {twice}, {came}"


def _by_arrival(looks: Sequence[Request]) -> Mapping[int, Sequence[Request]]:
    found: dict[int, list[Request]] = {}
    for one in looks:
        found.setdefault(int(one.request_id[1:].partition(".")[0]), []).append(one)
    return found


def _lists_are_counted(books: Books, *, were_workers_killed: bool) -> None:
    """Only a worker that dies with the answer in its hands counts it for nobody."""
    asked = Counter(int(found[1]) for one in books.told if (found := _LIST.fullmatch(one.request_id)))
    counted = Counter({number: row["requests"] for number, row in books.reconciles.items() if row["requests"]})
    assert not counted - asked
    assert were_workers_killed or asked == counted


def _attempts_have_one_row_each(books: Books) -> None:
    """Numbered without a gap, from the first to what the errand itself has counted."""
    made: dict[int, list[int]] = {}
    for row in books.attempts():
        made.setdefault(row["errand_id"], []).append(row["attempt"])
    for errand_id, errand in books.errands.items():
        assert made.get(errand_id, []) == list(range(1, errand["attempt"] + 1)), (
            f"Errand {errand_id} ({errand['kind']}, {errand['state']}) counted {errand['attempt']} attempts."
        )
    for row in books.lost():
        assert row["request_id"] == f"e{row['errand_id']}.{row['attempt']}"


def _nothing_is_skipped_silently(books: Books) -> None:
    """Every arrival came to something that a row tells of."""
    named = {row["arrival_id"] for row in books.rows}
    silent = [row for number, row in books.arrivals.items() if number not in named]
    assert not silent, f"Arrivals of which no row tells: {[(row['id'], row['event_type']) for row in silent]}"
