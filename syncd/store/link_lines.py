"""Links as a list shows them: what waits for each of them besides what it says itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState

from .columns import says, storable
from .database import Tx
from .links import StoredLink, stored_of
from .tables import errands, links


class Show(StrEnum):
    """Which links: each a question that a person has."""

    OPEN = "open"
    WAITING = "waiting"
    HELD = "held"
    PAUSED = "paused"
    CONFLICT = "conflict"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LinkLine:
    stored: StoredLink
    waiting: int
    held: int
    created_at: datetime


_LIVE = (ErrandState.WAITING, ErrandState.SENDING, ErrandState.HELD)
_IS_HELD = says(errands.c.state, ErrandState.HELD)
_QUEUED = (
    select(
        errands.c.link_id.label("link_id"),
        func.count().label("live"),
        func.sum(case((_IS_HELD, 1), else_=0)).label("held"),
    )
    .where(or_(*(says(errands.c.state, state) for state in _LIVE)))
    .group_by(errands.c.link_id)
    .subquery()
)
_LIVE_COUNT = func.coalesce(_QUEUED.c.live, 0)
_HELD_COUNT = func.coalesce(_QUEUED.c.held, 0)
_IS_OVER = says(links.c.state, LinkState.ENDED)
_WHICH: Mapping[Show, ColumnElement[bool]] = {
    Show.OPEN: not_(_IS_OVER),
    Show.WAITING: _LIVE_COUNT > _HELD_COUNT,
    Show.HELD: _HELD_COUNT > 0,
    Show.PAUSED: and_(links.c.is_paused, not_(_IS_OVER)),
    Show.CONFLICT: links.c.is_in_conflict,
    Show.FAILED: says(links.c.state, LinkState.FAILED),
    Show.ENDED: _IS_OVER,
}
_JOINED = links.outerjoin(_QUEUED, _QUEUED.c.link_id == links.c.id)


def page(tx: Tx, show: Show, *, about: str = "", before: int | None = None, limit: int = 50) -> Sequence[LinkLine]:
    """Newest first. `about`: a part of a case's key or title, or of an incident's id; `before`: the last id of the page before."""
    statement = (
        select(links, _LIVE_COUNT.label("live"), _HELD_COUNT.label("held"))
        .select_from(_JOINED)
        .where(_WHICH[show])
        .order_by(links.c.id.desc())
        .limit(limit)
    )
    if about:
        # A title is looked through from end to end, so this asks each link: there are thousands, not millions.
        part = storable(about)
        columns = (links.c.case_id, links.c.incident_id, links.c.title)
        statement = statement.where(or_(*(column.icontains(part, autoescape=True) for column in columns)))
    if before is not None:
        statement = statement.where(links.c.id < before)
    return [LinkLine(stored_of(row), row.live - row.held, row.held, row.created_at) for row in tx.execute(statement)]


def counts(tx: Tx) -> Mapping[Show, int]:
    asked = [func.sum(case((which, 1), else_=0)).label(str(show)) for show, which in _WHICH.items()]
    row = tx.execute(select(*asked).select_from(_JOINED)).one()
    return {show: row[place] or 0 for place, show in enumerate(_WHICH)}


@dataclass(frozen=True, slots=True)
class Pause:
    why: str
    since: datetime | None


def pause_of(tx: Tx, link_id: int) -> Pause | None:
    row = tx.execute(
        select(links.c.is_paused, links.c.pause_reason, links.c.paused_at).where(links.c.id == link_id)
    ).one()
    return Pause(row.pause_reason, row.paused_at) if row.is_paused else None
