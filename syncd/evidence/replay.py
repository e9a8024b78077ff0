"""A collecting gone through again: what its answers come to, whenever that is asked."""

from __future__ import annotations

from typing import Any

from syncd.evidence.collecting.asking import as_asked
from syncd.evidence.collecting.catalogue import COURSES, scope_of
from syncd.evidence.collecting.known import Before
from syncd.evidence.collecting.request import Gathered
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store.database import Tx
from syncd.store.evidence import pages
from syncd.store.evidence.collections import Collection


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
    return tuple(Missing(Lack(one["why"]), one["part"], one["needs"]) for one in ended.missing)
