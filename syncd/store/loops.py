"""How many writes were made lately for each link, side and field: what tells two automations that undo each other.

Each turn of a loop is news of its own. A hook, or a look, that is itself old or that tells of much at once is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, distinct, func, not_, or_, select

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.lifecycle import ErrandState

from .columns import Moment, many, says
from .database import Tx
from .errands import Spot
from .tables import errands, links


def made(tx: Tx, link_ids: Sequence[int], since: datetime) -> dict[Spot, int]:
    """Changes that came up since then and were written already. What was kept from earlier is no sign of a loop."""
    if not link_ids:
        return {}
    found = tx.execute(_MADE, {"links": link_ids, "since": since})
    return {(row.link_id, Side(row.side), ErrandKind(row.kind)): _counted(row) for row in found}


def _counted(row: Row[*tuple[Any, ...]]) -> int:
    """Notes that one look has found are one. A field that is written again for the same hook was changed meanwhile over
    there, so of its writes an old hook excuses only the first.
    """
    news: int = row.news if row.kind == ErrandKind.NOTE else row.writes - row.old_news
    return news


_SINCE = bindparam("since", type_=Moment())
_IS_NEWS = func.coalesce(errands.c.received_at, errands.c.created_at) > _SINCE
_NEWS = func.coalesce(errands.c.arrival_id, -errands.c.id)  # What came of no hook stands for itself.
_MADE = (
    select(
        errands.c.link_id,
        errands.c.side,
        errands.c.kind,
        func.count().label("writes"),
        func.count(distinct(case((_IS_NEWS, _NEWS)))).label("news"),
        func.count(distinct(case((not_(_IS_NEWS), _NEWS)))).label("old_news"),
    )
    .join(links, links.c.id == errands.c.link_id)
    .where(
        errands.c.link_id.in_(many("links")),
        says(errands.c.state, ErrandState.DELIVERED),
        errands.c.created_at > _SINCE,
        errands.c.replay_of.is_(None),  # A person asked for that one.
        or_(links.c.resumed_at.is_(None), errands.c.created_at > links.c.resumed_at),
    )
    .group_by(errands.c.link_id, errands.c.side, errands.c.kind)
)
