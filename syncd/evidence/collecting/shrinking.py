"""A list from which much is gone at once: a key that sees less than before tells nobody so, and what it is not shown looks deleted.

The first collecting that finds it so says so, and nothing passes by it; the next one is compared with that, and so confirms it. One that was
refused, or did not see all, is nothing to be compared with: then it is the last one before it that was read to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.evidence.pages import Altered

from .courses.request import Gathered
from .courses.schedules import Kept
from .replay import gathered as gone_through
from .replay import missing_of

#: Lists of what people make and delete one by one. On-calls and incidents come and go.
LISTS = frozenset({Name.SERVICES, Name.POLICIES, Name.USERS, Name.TEAMS, Name.SCHEDULES})
#: Both: of ten services a team that is given up may take three with it, and nobody deletes a fifth of a large account between two times.
_MORE_THAN, _A_PART = 5, 5
#: What is said here of a list that was read to its end, and so is what the next one is compared with.
_DOUBTED = frozenset({Lack.SHRUNK, Lack.ALTERED})


def shrunk(tx: Tx, taken: Collection, found: Gathered[Any]) -> Iterator[Missing]:
    """Nothing, where it says by itself that some of it was not read."""
    if taken.dataset not in LISTS or any(not one.part for one in found.missing):
        return
    before = _compared_with(tx, taken)
    if before is None:
        return
    try:
        gone, of = _gone(gone_through(tx, before), before, found)
    except Altered as one:
        yield Missing(Lack.ALTERED, needs=f"the time before, with which it is compared: {one.what}")
        return
    if gone > _MORE_THAN and gone * _A_PART > of:
        since = before.begun_at or before.asked_at
        yield Missing(Lack.SHRUNK, needs=f"{gone} of {of} since {since:%Y-%m-%d %H:%M} UTC")


def _compared_with(tx: Tx, taken: Collection) -> Collection | None:
    """The last one whose list was read to its end, by a key that sees all; whatever records of it could not be read."""
    ended = collections.ended_before(tx, taken.integration, taken.dataset, taken.begun_at or taken.asked_at)
    return next((one for one in ended if {lack.why for lack in missing_of(one) if not lack.part} <= _DOUBTED), None)


def _gone(then: Gathered[Any], before: Collection, now: Gathered[Any]) -> tuple[int, int]:
    """How many are there no more, and of how many. A record that was listed and could not be read was there too."""
    here = {_id(one) for one in now.rows} | _parts(now.missing)
    if (
        before.records and not then.rows
    ):  # Another release has read it, and this one cannot: there is the number of them.
        there = before.records + len(_parts(missing_of(before)))
        return there - len(here), there
    were = {_id(one) for one in then.rows} | _parts(missing_of(before))
    return len(were - here), len(were)


def _parts(missing: Iterable[Missing]) -> set[str]:
    return {one.part for one in missing if one.part}


def _id(row: Any) -> str:  # noqa: ANN401  a row of one of these lists
    return str(row.schedule.id if isinstance(row, Kept) else row.id)
