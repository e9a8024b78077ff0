"""A collecting gone through again: what its answers come to, whenever that is asked."""

from __future__ import annotations

from typing import Any

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.sight import BY_TEAM, hidden_as_seen
from syncd.store.database import Tx
from syncd.store.evidence import pages
from syncd.store.evidence.collections import Collection

from .asking import as_asked
from .catalogue import COURSES, scope_of
from .courses.known import Before
from .courses.request import Gathered


def gathered(tx: Tx, ended: Collection) -> Gathered[Any]:
    """Of one that has come to its end. One that another release has made, and this one reads otherwise, tells what is left of it."""
    course = COURSES[Name(ended.dataset)](scope_of(ended, Before()))
    try:
        next(course)
        for page in pages.of_collection(tx, ended.id):
            course.send(as_asked(page))
    except StopIteration as end:
        found: Gathered[Any] = end.value
        return found
    course.close()
    return Gathered()


def missing_of(ended: Collection) -> tuple[Missing, ...]:
    """What was not read, and what its key could not see when it was collected: not what it sees today."""
    told = tuple(Missing(Lack(one["why"]), one["part"], one["needs"]) for one in ended.missing)
    hidden = hidden_as_seen(ended.sights) if Name(ended.dataset) in BY_TEAM else None
    return told if hidden is None else (*told, hidden)
