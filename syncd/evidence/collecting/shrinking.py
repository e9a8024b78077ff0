"""A list from which much is gone at once: a key that sees less than before tells nobody so, and what it is not shown looks deleted.

The first collecting that finds it so says so, and nothing passes by it; the next one is compared with that, and so confirms it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.evidence.pages import Altered

from .courses.request import Gathered
from .courses.schedules import Kept
from .replay import gathered as gone_through

#: Lists of what people make and delete one by one. On-calls and incidents come and go.
LISTS = frozenset({Name.SERVICES, Name.POLICIES, Name.USERS, Name.TEAMS, Name.SCHEDULES})
#: Both: of ten services a team that is given up may take three with it, and nobody deletes a fifth of a large account between two times.
_MORE_THAN, _A_PART = 5, 5


def shrunk(tx: Tx, taken: Collection, found: Gathered[Any]) -> Iterator[Missing]:
    """Nothing, where it says by itself that some of it was not read."""
    if taken.dataset not in LISTS or any(not one.part for one in found.missing):
        return
    before = collections.latest(tx, taken.integration, taken.dataset, taken.begun_at or taken.asked_at)
    if before is None:
        return
    try:
        there = {_id(one) for one in gone_through(tx, before).rows}
    except Altered as one:
        yield Missing(Lack.ALTERED, needs=f"the time before, with which it is compared: {one.what}")
        return
    gone = len(there - {_id(one) for one in found.rows} - {one.part for one in found.missing})
    if gone > _MORE_THAN and gone * _A_PART > len(there):
        since = before.begun_at or before.asked_at
        yield Missing(Lack.SHRUNK, needs=f"{gone} of {len(there)} since {since:%Y-%m-%d %H:%M} UTC")


def _id(row: Any) -> str:  # noqa: ANN401  a row of one of these lists
    return str(row.schedule.id if isinstance(row, Kept) else row.id)
