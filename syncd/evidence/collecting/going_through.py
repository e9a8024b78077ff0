"""A course gone through: what is kept is not asked again, and every new answer is kept before the next is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from syncd.evidence.facts.dataset import Name
from syncd.store.evidence import collections, pages
from syncd.store.evidence.pages import RawPage

from . import left_over
from .asking import as_asked
from .catalogue import COURSES, scope_of
from .courses.request import Course, Gathered, Request
from .patience import Reply, patiently
from .run import Differs, PutOff, Run

_ENDS = "The process that was at it has ended, and another goes on."


def gone_through(run: Run) -> Gathered[Any]:
    before = left_over.before(run.worker.db, run.taken)
    course = COURSES[Name(run.taken.dataset)](scope_of(run.taken, before))
    try:
        request = next(course)
        request = _again(run, course, request)
        while True:
            request = course.send(as_asked(_asked(run, request)))
    except StopIteration as end:
        gathered: Gathered[Any] = end.value
        return gathered


def _again(run: Run, course: Course[Gathered[Any]], request: Request) -> Request:
    """What is kept, as if it were answered now. No transaction is held while it is read."""
    after = 0
    while True:
        try:
            with run.worker.db.read() as tx:
                some = pages.following(tx, run.taken.id, after)
        except pages.Altered as one:
            raise Differs(one.what) from one
        if not some:
            return request
        for page in some:
            if page.request != request.line:
                raise Differs
            request = course.send(as_asked(page))
        after += len(some)


def _asked(run: Run, request: Request) -> RawPage:
    worker = run.worker
    if worker.wait(0):
        raise PutOff(_ENDS, timedelta(0), requests=0)
    page = patiently(run, Reply(run.asking, request))
    with worker.db.write() as tx:
        mine = run.renew(collections.went_on(tx, run.taken, worker.db.now(tx)))
        pages.add(tx, mine.id, mine.pages, page)
    return page
