"""The cases that are linked to incidents of an account, as they stood at a time: of the built-in ones by their own timelines, of a
case desk's by what its hooks and records have told of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from syncd.core.changes import Field, Side, Status, Verb
from syncd.core.link import Link

from .cases import SLUG, number_in
from .columns import many, storable
from .database import Tx
from .links import stored_of
from .tables import links
from .tables_of_cases import case_events, cases

_MOVES = {
    Verb.ACKNOWLEDGE: Status.ACKNOWLEDGED,
    Verb.UNACKNOWLEDGE: Status.OPEN,
    Verb.RESOLVE: Status.RESOLVED,
    Verb.CLOSE: Status.CLOSED,
    Verb.REOPEN: Status.OPEN,
}
_AT_ONCE = 1_000  # cases whose timelines are read together


@dataclass(frozen=True, slots=True)
class LinkedCase:
    incident: str
    link: int
    system: str
    case: str
    url: str
    status: Status
    opened_at: datetime  # of a case desk: when we heard of it
    resolved_at: datetime | None = None  # the last time; None: it is not over
    closed_at: datetime | None = None


def of_account(tx: Tx, slug: str, at: datetime, incidents: Collection[str] = ()) -> Sequence[LinkedCase]:
    """`incidents`: of these alone. One that was linked later is left out."""
    mine = select(links).where(links.c.integration == storable(slug), links.c.incident_id.is_not(None))
    rows = list(tx.execute(mine.where(links.c.created_at <= at).order_by(links.c.id)))
    wanted = [(stored_of(row), row.created_at) for row in rows if not incidents or row.incident_id in incidents]
    built_in = {number for stored, _ in wanted if (number := _number(stored.link)) is not None}
    ours = {made.case: made for made in _built_in(tx, sorted(built_in), at)}
    return [
        _placed(ours[stored.link.case_id], stored.id, stored.link)
        if stored.link.case_id in ours and stored.link.case_system == SLUG
        else _of_desk(stored.id, stored.link, created, at)
        for stored, created in wanted
    ]


def _number(link: Link) -> int | None:
    return number_in(link.case_id) if link.case_system == SLUG else None


def _built_in(tx: Tx, numbers: Sequence[int], at: datetime) -> Iterable[LinkedCase]:
    made = select(cases.c.number, cases.c.created_at).where(cases.c.number.in_(many("numbers")))
    moves = (
        select(case_events)
        .where(
            case_events.c.case_number.in_(many("numbers")), case_events.c.kind.in_([*_MOVES]), case_events.c.at <= at
        )
        .order_by(case_events.c.id)
    )
    for start in range(0, len(numbers), _AT_ONCE):
        some = {"numbers": numbers[start : start + _AT_ONCE]}
        lines: dict[int, list[tuple[Verb, datetime]]] = {}
        for row in tx.execute(moves, some):
            lines.setdefault(row.case_number, []).append((Verb(row.kind), row.at))
        for row in tx.execute(made, some):
            yield _stood(row.number, row.created_at, lines.get(row.number, []))


def _stood(number: int, opened_at: datetime, moves: Iterable[tuple[Verb, datetime]]) -> LinkedCase:
    status, since = Status.OPEN, dict[Status, datetime]()
    for verb, at in moves:
        status = _MOVES[verb]
        if status not in {Status.RESOLVED, Status.CLOSED}:
            since.clear()
        since[status] = at
    return LinkedCase(
        "", 0, SLUG, f"CS-{number}", "", status, opened_at, since.get(Status.RESOLVED), since.get(Status.CLOSED)
    )


def _placed(case: LinkedCase, link_id: int, link: Link) -> LinkedCase:
    told = (case.status, case.opened_at, case.resolved_at, case.closed_at)
    return LinkedCase(link.incident_id, link_id, SLUG, link.case_id, link.case_url, *told)


def _of_desk(link_id: int, link: Link, created_at: datetime, at: datetime) -> LinkedCase:
    """Of its status the last change is known; one that came later had not come then."""
    known = link.known.get((Side.CASE, Field.STATUS))
    is_known = known is not None and (known.at is None or known.at <= at)
    status = Status(known.value) if known is not None and is_known and known.value in set(Status) else Status.OPEN
    since = known.at if known is not None and is_known else None
    resolved, closed = ({status: since}.get(one) for one in (Status.RESOLVED, Status.CLOSED))
    return LinkedCase(
        link.incident_id, link_id, link.case_system, link.case_id, link.case_url, status, created_at, resolved, closed
    )
