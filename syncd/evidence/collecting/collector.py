"""A collecting that is due, from where it stands to its end: answer by answer, each kept before the next is asked for.

A worker that dies leaves it to another, which goes through the answers that are kept and asks on from there.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.probes import written
from syncd.core import retry
from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, heard_of
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store import diagnoses, integrations, rests
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections, pages
from syncd.store.evidence.collections import Collection as Collecting
from syncd.store.evidence.pages import RawPage
from syncd.store.integrations import Integration
from syncd.systems.http import Http
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

from . import due, keeping, left_over, sights
from .asking import Asking, apart, as_asked, is_answered
from .catalogue import COURSES, Wants, scope_of, settings_of
from .courses.request import Course, Gathered, Request
from .digests import digest_of

_Told_co = TypeVar("_Told_co", covariant=True)
log = structlog.get_logger(__name__)

_SECONDS = 30.0  # for one request
_PATIENCE_S = 60.0  # longer waits leave it to the timer
_WAITS = 20  # for our own budget, which gives sync the first go
_TRIES = 6  # after which an answer that says "later" is taken for what it is
_ENDS = "The process that was at it has ended, and another goes on."
_BROKEN = "A fault of ours has stopped it ({kind}, which the log tells of); it is tried again."
_OTHER_RELEASE = "it was begun by another release, and is collected anew"


class _PutOff(Exception):
    def __init__(self, why: str, pause: timedelta, *, requests: int = 1, has_failed: bool = False) -> None:
        super().__init__(why)
        self.pause, self.requests, self.has_failed = pause, requests, has_failed


class _Lost(Exception):
    """Its lease ran out, and somebody else does it by now."""


class _Differs(Exception):
    """The answers that are kept are not those that this release asks for, or not what was kept: it says which."""


def nobody(_: str) -> None:
    """Is told of it."""


def never_mind(_taken: Collecting, _why: errors.SyncdError) -> None:
    """Is told what a person has to mend."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who does it. `wait` says whether the process is to end meanwhile; `after` is told of an account that was collected from, `refused`
    of what no waiting mends: a credential that is not accepted, a setting that is wrong.
    """

    db: Database
    connections: Connections
    clock: Clock
    wait: Callable[[float], bool]
    wants: Wants = field(default_factory=Wants)
    after: Callable[[str], None] = nobody
    http: Callable[[Integration, str], Http] | None = None  # None: by the connections
    look: Callable[[Integration, Trip], Answer] | None = None  # what its key sees; None: it is asked
    refused: Callable[[Collecting, errors.SyncdError], None] = never_mind

    def opened(self, integration: Integration, limited_by: str) -> Http:
        return (self.http or self.connections.pagerduty_apart)(integration, limited_by)

    def seen(self, integration: Integration, trip: Trip) -> Answer:
        if self.look is not None:
            return self.look(integration, trip)
        return sights.seen(self.opened(integration, ""), self.connections, integration, trip)


@dataclass(slots=True)
class _Run:
    worker: Worker
    taken: Collecting
    asking: Asking

    def renew(self, renewed: Collecting | None) -> Collecting:
        if renewed is None:
            raise _Lost
        self.taken = renewed
        return renewed

    def renewed(self, tx: Tx) -> Collecting:
        return self.renew(collections.renew(tx, self.taken, self.worker.db.now(tx)))


def work_off(worker: Worker) -> None:
    due.ask_where_due(worker.db, worker.wants.roster)
    while not worker.wait(0) and work(worker):
        pass


def work(worker: Worker, only: Collection[int] = ()) -> bool:
    """The next one that is due, to its end if possible. False: there is none; asked before it is written."""
    with worker.db.read() as tx:
        now, ready = worker.db.now(tx), due.ready(tx)
        if not collections.is_any_due(tx, now, ready):
            return False
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        taken = collections.take(tx, now, due.ready(tx), only)
        if taken is not None and not taken.settings:
            covers, again = left_over.covers_before(tx, taken), left_over.unseen_since(tx, taken)
            since = min((one for one in (taken.since, again) if one is not None), default=None)
            settings = settings_of(worker.wants, taken.begun_at or now, since, covers)
            taken = collections.begin(tx, taken, settings, now)
    if taken is None:
        return False
    run = _Run(worker, taken, _asking(worker, taken))
    try:
        _look(run, is_first=True)
        gathered = _gone_through(run)
        _look(run, is_first=False)
        keeping.keep(worker.db, run.taken, gathered, run.renewed)
    except _Lost:
        log.warning("evidence.lost", integration=taken.integration, dataset=taken.dataset)
    except _PutOff as wait:
        _put_off(run, wait)
    except _Differs as how:
        why = str(how) or _OTHER_RELEASE
        keeping.keep(worker.db, run.taken, Gathered(missing=(Missing(Lack.FAILED, needs=why),)), run.renewed)
        _ask_anew(worker, taken)
    except Exception as fault:
        if not isinstance(
            fault, errors.SyncdError
        ):  # Those pass by themselves, and with them the database may be away.
            _put_off(run, _PutOff(_BROKEN.format(kind=type(fault).__name__), retry.CAPS[4], requests=0))
        raise
    else:
        log.info(
            "evidence.collected", integration=taken.integration, dataset=taken.dataset, requests=run.taken.requests
        )
        worker.after(taken.integration)
    return True


def _asking(worker: Worker, taken: Collecting) -> Asking:
    """Opened when it is first asked: one that is gone through again may need nobody."""
    opened: dict[str, Http] = {}

    def http(limited_by: str) -> Http:
        if limited_by not in opened:
            opened[limited_by] = worker.opened(_account(worker, taken), limited_by)
        return opened[limited_by]

    digest = digest_of(worker.db, worker.connections.vault)
    return Asking(Name(taken.dataset), http, digest, worker.clock.now, taken.settings.get("roster", ""))


def _account(worker: Worker, taken: Collecting) -> Integration:
    with worker.db.read() as tx:
        found = integrations.get(tx, taken.integration)
    if found is None:
        raise _PutOff("The account was removed.", retry.CAPS[-1], requests=0)
    return found


def _look(run: _Run, *, is_first: bool) -> None:
    """At what the key sees, which is kept with what is collected by it, and told like any check-up of the account."""
    if not sights.is_asked(run.taken):
        return
    worker = run.worker
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        lately = sights.seen_lately(tx, run.taken, now) if is_first else None
        if lately is not None:
            run.renew(collections.saw(tx, run.taken, lately, now, requests=0))
            return
    account = _account(worker, run.taken)
    answer, requests = _patiently(run, _Sight(worker, account))
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        written.write_of(tx, account, {Subject.SIGHT: answer}, now)
        run.renew(collections.saw(tx, run.taken, sights.told(answer, now), now, requests=requests))


def _gone_through(run: _Run) -> Gathered[Any]:
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


def _again(run: _Run, course: Course[Gathered[Any]], request: Request) -> Request:
    """What is kept, as if it were answered now. No transaction is held while it is read."""
    after = 0
    while True:
        try:
            with run.worker.db.read() as tx:
                some = pages.following(tx, run.taken.id, after)
        except pages.Altered as one:
            raise _Differs(one.what) from one
        if not some:
            return request
        for page in some:
            if page.request != request.line:
                raise _Differs
            request = course.send(as_asked(page))
        after += len(some)


def _asked(run: _Run, request: Request) -> RawPage:
    worker = run.worker
    if worker.wait(0):
        raise _PutOff(_ENDS, timedelta(0), requests=0)
    page = _patiently(run, _Answer(run.asking, request))
    with worker.db.write() as tx:
        mine = run.renew(collections.went_on(tx, run.taken, worker.db.now(tx)))
        pages.add(tx, mine.id, mine.pages, page)
    return page


class _Question(Protocol[_Told_co]):
    @property
    def has_limit_of_its_own(self) -> bool: ...

    def ask(self, trip: Trip) -> _Told_co:
        """Raises a SideError where it makes sense to ask again."""
        ...

    def refusal(self, error: errors.SideError, trip: Trip, asked_at: datetime) -> _Told_co:
        """The answer that comes again and again."""
        ...


@dataclass(frozen=True, slots=True)
class _Answer:
    asking: Asking
    request: Request

    @property
    def has_limit_of_its_own(self) -> bool:
        return bool(apart(self.request))

    def ask(self, trip: Trip) -> RawPage:
        return self.asking.answer(self.request, trip)

    def refusal(self, error: errors.SideError, trip: Trip, asked_at: datetime) -> RawPage:  # noqa: ARG002
        return self.asking.refusal(self.request, trip, asked_at)


@dataclass(frozen=True, slots=True)
class _Sight:
    worker: Worker
    account: Integration
    has_limit_of_its_own: bool = False

    def ask(self, trip: Trip) -> tuple[Answer, int]:
        """And how many requests that took."""
        return self.worker.seen(self.account, trip), len(trip.exchanges)

    def refusal(self, error: errors.SideError, trip: Trip, asked_at: datetime) -> tuple[Answer, int]:  # noqa: ARG002
        return Answer(heard_of(error), str(error)), len(trip.exchanges)


def _patiently(run: _Run, question: _Question[_Told_co]) -> _Told_co:
    """The lowest needs wait for the higher ones: what our own budget refuses is asked again."""
    worker = run.worker
    for waits in range(_WAITS + 1):
        asked_at = worker.clock.now()
        label = f"e{run.taken.id}-{secrets.token_hex(3)}"
        trip = Trip.begin(label, worker.clock.monotonic, _SECONDS, purpose=Purpose.EVIDENCE, keeps_answers=False)
        try:
            return question.ask(trip)
        except errors.RateLimited as limited:
            if limited.status is not None:
                _rest(run, limited, has_limit_of_its_own=question.has_limit_of_its_own)
            is_too_long = limited.retry_after > _PATIENCE_S or waits == _WAITS
            if is_too_long or _is_ending(run, limited.retry_after):
                raise _PutOff(str(limited), timedelta(seconds=limited.retry_after), requests=0) from limited
        except errors.Unauthorised as refused:
            with worker.db.write() as tx:
                diagnoses.hasten(tx, run.taken.integration, worker.db.now(tx))
            worker.refused(run.taken, refused)
            raise _PutOff(str(refused), retry.CAPS[3]) from refused
        except errors.Misconfigured as fault:
            worker.refused(run.taken, fault)
            raise _PutOff(str(fault), retry.CAPS[-1], requests=0) from fault
        except errors.SideError as error:
            if is_answered(error, trip) and run.taken.tries + 1 >= _TRIES:
                return question.refusal(error, trip, asked_at)
            pause = retry.CAPS[min(run.taken.tries + 2, 4)] * random.uniform(0.5, 1.0)  # noqa: S311  jitter
            raise _PutOff(str(error), pause, requests=len(trip.exchanges), has_failed=True) from error
    raise AssertionError


def _rest(run: _Run, limited: errors.RateLimited, *, has_limit_of_its_own: bool) -> None:
    """PagerDuty has answered 429. Of what has a limit of its own, it is only that one; else the account is left alone."""
    worker, pause = run.worker, timedelta(seconds=limited.retry_after)
    if not has_limit_of_its_own:
        with worker.db.write() as tx:
            rests.ask(tx, run.taken.integration, worker.db.now(tx) + pause)
    raise _PutOff(str(limited), pause) from limited


def _is_ending(run: _Run, seconds: float) -> bool:
    """Waits, and nobody takes it for left behind meanwhile."""
    with run.worker.db.write() as tx:
        run.renewed(tx)
    return run.worker.wait(seconds)


def _put_off(run: _Run, wait: _PutOff) -> None:
    worker = run.worker
    tries = run.taken.tries + 1 if wait.has_failed else run.taken.tries
    with worker.db.write() as tx:
        at: datetime = worker.db.now(tx) + wait.pause
        collections.put_off(tx, run.taken, str(wait), at, requests=wait.requests, tries=tries)
    log.info("evidence.put_off", integration=run.taken.integration, dataset=run.taken.dataset, why=str(wait))


def _ask_anew(worker: Worker, ended: Collecting) -> None:
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        collections.ask(
            tx, ended.integration, ended.dataset, due_at=None, since=ended.since, by=ended.asked_by, now=now
        )
