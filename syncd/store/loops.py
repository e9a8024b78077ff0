"""How many writes were made lately for each link, side and field: what tells two automations that undo each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

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
    return {(row[0], Side(row[1]), ErrandKind(row[2])): row[3] for row in found}


_MADE = (
    select(errands.c.link_id, errands.c.side, errands.c.kind, func.count())
    .join(links, links.c.id == errands.c.link_id)
    .where(
        errands.c.link_id.in_(many("links")),
        says(errands.c.state, ErrandState.DELIVERED),
        errands.c.created_at > bindparam("since", type_=Moment()),
        errands.c.replay_of.is_(None),  # A person asked for that one.
        or_(links.c.resumed_at.is_(None), errands.c.created_at > links.c.resumed_at),
    )
    .group_by(errands.c.link_id, errands.c.side, errands.c.kind)
)
