"""What changed over there and nobody told us: looked for in lists, a page for each call, and read like any other hint.

A worker that dies leaves its place in the list to another; what it had found is an arrival already.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core import retry
from syncd.core.answered import differences
from syncd.core.changes import Side
from syncd.core.gap import CLOCKS_APART
from syncd.core.shard import shard_of
from syncd.flow import accounts
from syncd.flow.ahead import LOOKED_AT_WITHIN
from syncd.flow.catchup import polling, unheard
from syncd.flow.catchup.polling import Shown
from syncd.flow.confirm import confirmed
from syncd.flow.look import RECONCILE
from syncd.store import arrivals, connectors, integrations, links, reconciles
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.links import StoredLink
from syncd.store.reconciles import FRONT, Reconcile
from syncd.systems.port import Page, Sighting, System
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

log = structlog.get_logger(__name__)

PAGE = 100  # records on one page of a list
_LOOK = 2  # requests to read one record and its notes
_PATIENCE_S = 60.0  # longer waits leave it to the timer
_WAITS = 2  # for one page; after that, too
_OF_THE_QUESTION = {None, 400, 413, 414, 422}  # statuses; none: what was answered cannot be followed
_UNTOLD = Shown()  # a list that names no changes, or nobody may rely on what was read for them


class _PutOff(Exception):
    """It cannot go on now. When it goes on is counted by the clock that all hosts share."""

    def __init__(self, why: str, pause: timedelta) -> None:
        super().__init__(why)
        self.pause = pause


class _Failed(Exception):
    """It was refused, and would be again."""


class _Lost(Exception):
    """Its lease ran out, and somebody else does it by now."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who does it: `wake` is told of shards with something to do, `wait` says whether the process is to end meanwhile."""

    db: Database
    connections: Connections
    clock: Clock
    wake: Callable[[Iterable[int]], None]
    wait: Callable[[float], bool]


@dataclass(slots=True)
class _Hold:
    """On the reconcile that this worker has taken: each renewal is known by another moment."""

    taken: Reconcile

    def renew(self, renewed: Reconcile | None) -> None:
        if renewed is None:
            raise _Lost
        self.taken = renewed


@dataclass(slots=True)
class _Course:
    """One reconcile under way."""

    worker: Worker
    hold: _Hold
    system: System
    services: Sequence[str]
    live: dict[str, StoredLink]  # by their record on this side
    may_open: bool  # its cases ask for incidents
    is_unread: bool  # a backup was restored
    begins: datetime  # what was before can concern no link of ours
    asked_for: set[str] = field(default_factory=set)  # records that are read already: once speaks for all of its lists

    @property
    def taken(self) -> Reconcile:
        return self.hold.taken

    @property
    def slug(self) -> str:
        return self.taken.integration

    @property
    def is_poll(self) -> bool:
        return polling.is_poll(self.taken) and not self.is_unread


def work_off(worker: Worker) -> None:
    while not worker.wait(0) and work(worker):
        pass


def work(worker: Worker) -> bool:
    """The next one that is due, to its end if possible. False: there is none; asked before it is written."""
    with worker.db.read() as tx:
        if not reconciles.is_any_due(tx, worker.db.now(tx)):
            return False
    with worker.db.write() as tx:
        taken = reconciles.take(tx, worker.db.now(tx))
    if taken is None:
        return False
    hold = _Hold(taken)
    try:
        _look_over(_course(worker, hold))
    except _Lost:
        log.warning("reconcile.lost", integration=taken.integration)
    except _PutOff as wait:
        with worker.db.write() as tx:
            reconciles.put_off(tx, hold.taken, str(wait), worker.db.now(tx) + wait.pause)
        log.info("reconcile.put_off", integration=taken.integration, why=str(wait))
    except _Failed as refused:
        with worker.db.write() as tx:
            reconciles.fail(tx, hold.taken, str(refused), worker.db.now(tx))
        log.warning("reconcile.failed", integration=taken.integration, since=taken.since.isoformat(), why=str(refused))
    else:
        with worker.db.write() as tx:
            reconciles.finish(tx, hold.taken, worker.db.now(tx))
        log.info("reconcile.done", integration=taken.integration, since=taken.since.isoformat(), why=taken.why)
    return True


def _course(worker: Worker, hold: _Hold) -> _Course:
    taken = hold.taken
    with worker.db.read() as tx:
        integration = integrations.get(tx, taken.integration)
        if integration is None:
            message = "a reconcile of an account that is gone"
            raise AssertionError(message)
        if not accounts.may_read(integration):
            raise _PutOff(integration.why_paused if integration.is_paused else integration.reason, retry.CAPS[2])
        side = integration.side
        live = {one.link.ref(side): one for one in links.live(tx, taken.integration, side)}
        used = connectors.all_of(tx).values()
        left = {one.style.service for one in live.values()} - {""}  # of which a connector reaches some no more
        services = sorted(connectors.services_of(used, taken.integration) | left)
    may_open = any(one.case_system == taken.integration for one in used)
    system = _system(worker, integration)
    begins = unheard.begin(integration, taken.since)
    return _Course(worker, hold, system, services, live, may_open, integration.is_unread, begins)


def _system(worker: Worker, integration: Integration) -> System:
    try:
        return worker.connections.system(integration)
    except errors.Misconfigured as error:
        raise _PutOff(str(error), retry.CAPS[3]) from error


def _look_over(course: _Course) -> None:
    if not course.taken.cursor and course.taken.is_deep:
        _read(course, course.live.values(), cursor=FRONT, requests=0)
    elif not course.taken.cursor:
        _compare_open(course)
    since = course.begins - CLOCKS_APART
    is_first = course.taken.cursor in {"", FRONT}
    begin = "" if is_first else course.taken.cursor
    for page in _pages(course, lambda trip, cursor: course.system.changed(trip, since, cursor), begin):
        if is_first and (instead := _instead_of(page, course)):
            _read(course, instead, cursor="")
            return
        is_first = False
        linked = _linked(course, page)
        _open_unknown(course, page, {one.link.ref(course.system.side) for one in linked})
        shown = Shown.by(page, linked, course.system.side) if course.is_poll else _UNTOLD
        _read(course, linked, cursor=page.cursor, shown=shown)


def _open_unknown(course: _Course, page: Page, linked: Collection[str]) -> None:
    """Cases whose very first hook was lost. One that is over needs no incident, but may have one that a backup has forgotten."""
    unknown = [one for one in page.seen if one.opening and one.ref not in linked]
    wanted = [one for one in unknown if course.may_open and (course.is_unread or not one.is_over)]
    if not wanted:
        return
    worker = course.worker
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        for one in wanted:
            opening = replace(_hint(course, one.ref, now), body=one.opening)
            arrivals.add_many(tx, [opening, _hint(course, one.ref, now)])  # Behind it, what the case says by now.
    worker.wake({shard_of(one.ref) for one in wanted})


def _compare_open(course: _Course) -> None:
    """The cheapest first: a list shows a hundred records for one request, and most of them say what we know."""
    listed: set[str] = set()
    pages = _pages(course, lambda trip, cursor: course.system.standing(trip, course.services, cursor), "")
    for place, page in enumerate(pages):
        if place == 0 and page.total is None:  # The others need not say it.
            return  # This system has no such list.
        if place == 0 and _is_dear(page, len(course.live)):
            _read(course, course.live.values(), cursor=FRONT)
            return
        listed.update(one.ref for one in page.seen)
        _read(course, _different(course, page), cursor="")
    if course.live:
        missing = [link for ref, link in course.live.items() if ref not in listed]
        suspects = polling.unheard_of(course.system.side, missing) if course.is_poll else missing
        _read(course, suspects, cursor=FRONT, requests=0)


def _instead_of(page: Page, course: _Course) -> list[StoredLink]:
    """What is read instead of a list of changes that costs more: every record of ours, since one that was over may go on.

    Never where the list may show a case that wants an incident.
    """
    if course.may_open or not _is_dear(page, len(course.live)):
        return []
    with course.worker.db.read() as tx:
        known = links.of_source(tx, course.slug, course.system.side)
    return known if _is_dear(page, len(known)) else []


def _is_dear(page: Page, records: int) -> bool:
    """Whether the whole list costs more than reading each of these records."""
    return page.total is not None and -(-page.total // PAGE) > _LOOK * records + 1


def _pages(course: _Course, get: Callable[[Trip, str], Page], cursor: str) -> Iterator[Page]:
    while True:
        page = _patiently(course, get, cursor)
        yield page
        if not page.cursor:
            return
        cursor = page.cursor


def _patiently(course: _Course, get: Callable[[Trip, str], Page], cursor: str) -> Page:
    """The lowest needs wait for the higher ones: what the budget refuses is asked again."""
    worker = course.worker
    for waits in count():
        label = f"r{course.taken.id}-{secrets.token_hex(3)}"
        trip = Trip.begin(label, worker.clock.monotonic, purpose=Purpose.RECONCILE)
        try:
            return get(trip, cursor)
        except errors.RateLimited as limited:
            accounts.limited(worker.db, course.slug, limited)
            is_too_long = limited.retry_after > _PATIENCE_S or waits == _WAITS
            if is_too_long or _is_ending(course, limited.retry_after):
                raise _PutOff(str(limited), timedelta(seconds=limited.retry_after)) from limited
        except errors.SideError as error:
            _note_refusal(course, trip, error)
            if _is_for_good(error):
                raise _Failed(str(error)) from error
            raise _PutOff(str(error), retry.CAPS[2] * random.random()) from error  # noqa: S311  jitter
    raise AssertionError


def _is_for_good(error: errors.SideError) -> bool:
    """About what was asked. What is about a right, or about the account, a person mends, and then it goes on."""
    return isinstance(error, errors.Refused) and error.status in _OF_THE_QUESTION


def _is_ending(course: _Course, seconds: float) -> bool:
    """Waits, and nobody takes it for left behind meanwhile."""
    worker = course.worker
    with worker.db.write() as tx:
        course.hold.renew(reconciles.renew(tx, course.taken, worker.db.now(tx)))
    return worker.wait(seconds)


def _note_refusal(course: _Course, trip: Trip, error: errors.SideError) -> None:
    """Where nothing is written, nobody else finds out that a key is refused."""
    if not isinstance(error, errors.Unauthorised):
        if accounts.is_about_rights(error):
            accounts.doubted(course.worker.db, course.slug)
        return
    found = confirmed(course.system, trip, error)
    if isinstance(found, errors.Unauthorised):
        accounts.refused(course.worker.db, course.worker.connections, course.slug, found)


def _linked(course: _Course, page: Page) -> list[StoredLink]:
    refs = sorted({one.ref for one in page.seen})
    with course.worker.db.read() as tx:
        return links.of_records(tx, course.slug, course.system.side, refs)


def _different(course: _Course, page: Page) -> list[StoredLink]:
    """Those whose list entry says something that we do not know."""
    seen = {one.ref: one for one in page.seen}
    side = course.system.side
    return [link for link in _linked(course, page) if _differs(link, side, seen[link.link.ref(side)])]


def _differs(link: StoredLink, side: Side, sighting: Sighting) -> bool:
    return sighting.record is None or bool(differences(link.link, side, sighting.record))


def _read(
    course: _Course, suspects: Iterable[StoredLink], *, cursor: str, requests: int = 1, shown: Shown = _UNTOLD
) -> None:
    """From here on they are hints like any other, and the place in the list is kept with them.

    A record that is about to be read for an earlier look, and is not yet, is read for this one as well.
    """
    worker, side = course.worker, course.system.side
    suspected = {link.id: ref for link in suspects if (ref := link.link.ref(side)) not in course.asked_for}
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        unread = shown.unread(tx, course.slug, now)
        wanted = {link_id: ref for link_id, ref in suspected.items() if not unread.is_done_with(link_id)}
        hooks = reconciles.unbegun(tx, course.slug, wanted.values(), now + LOOKED_AT_WITHIN)
        refs = [ref for ref in wanted.values() if ref not in hooks]
        numbers = arrivals.add_many(tx, [_hint(course, ref, now) for ref in refs])
        hooks |= {ref: number for ref, number in zip(refs, numbers, strict=True) if number is not None}
        unread.asked_for(tx, course.slug, {link_id: hooks[ref] for link_id, ref in wanted.items()})
        course.hold.renew(
            reconciles.went_on(tx, course.taken, cursor=cursor, requests=requests, found=len(refs), now=now)
        )
    course.asked_for.update(wanted.values())
    worker.wake({shard_of(ref) for ref in refs})


def _hint(course: _Course, ref: str, now: datetime) -> NewArrival:
    body = course.system.thin_hook(ref)
    return NewArrival(course.slug, None, RECONCILE, ref, body, now, shard_of(ref), reconcile_id=course.taken.id)
