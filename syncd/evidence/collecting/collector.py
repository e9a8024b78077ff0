"""A collecting that is due, from where it stands to its end: answer by answer, each kept before the next is asked for.

A worker that dies leaves it to another, which goes through the answers that are kept and asks on from there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog

from syncd import errors
from syncd.connections.probes import written
from syncd.core import retry
from syncd.core.diagnostics import Subject
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection as Collecting
from syncd.systems.http import Http

from . import due, keeping, left_over, sights
from .asking import Asking
from .catalogue import settings_of
from .courses.request import Gathered
from .digests import digest_of
from .going_through import gone_through
from .patience import Sight, patiently
from .run import Differs, Lost, PutOff, Run, account_of
from .worker import Worker

log = structlog.get_logger(__name__)

_BROKEN = "A fault of ours has stopped it ({kind}, which the log tells of); it is tried again."
_OTHER_RELEASE = "it was begun by another release, and is collected anew"


def work_off(worker: Worker) -> None:
    due.ask_where_due(worker.db, worker.wants.roster)
    while not worker.wait(0) and work(worker):
        pass


def work(worker: Worker, only: Collection[int] = ()) -> bool:
    """The next one that is due, to its end if possible. False: there is none."""
    taken = _taken(worker, only)
    if taken is None:
        return False
    run = Run(worker, taken, _asking(worker, taken))
    try:
        _look(run, is_first=True)
        gathered = gone_through(run)
        _look(run, is_first=False)
        keeping.keep(worker.db, run.taken, gathered, run.renewed)
    except Lost:
        log.warning("evidence.lost", integration=taken.integration, dataset=taken.dataset)
    except PutOff as wait:
        _put_off(run, wait)
    except Differs as how:
        why = str(how) or _OTHER_RELEASE
        keeping.keep(worker.db, run.taken, Gathered(missing=(Missing(Lack.FAILED, needs=why),)), run.renewed)
        _ask_anew(worker, taken)
    except errors.SyncdError:  # It passes by itself, and with it the database may be away.
        raise
    except Exception as fault:  # It holds back nothing else, of this account or another.
        told = _BROKEN.format(kind=type(fault).__name__)
        log.exception("evidence.broken", integration=taken.integration, dataset=taken.dataset)
        _put_off(run, PutOff(told, retry.CAPS[4], requests=0))
        worker.refused(taken, errors.SyncdError(f"{taken.dataset}: {told[0].lower()}{told[1:]}"))
    else:
        log.info(
            "evidence.collected", integration=taken.integration, dataset=taken.dataset, requests=run.taken.requests
        )
        worker.after(taken.integration)
    return True


def _taken(worker: Worker, only: Collection[int]) -> Collecting | None:
    """Asked before it is written: mostly there is none."""
    with worker.db.read() as tx:
        now, ready = worker.db.now(tx), due.ready(tx)
        if not collections.is_any_due(tx, now, ready):
            return None
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        taken = collections.take(tx, now, due.ready(tx), only)
        if taken is None:
            return None
        if taken.settings:
            return _with_the_list_of_today(tx, worker, taken, now)
        covers, again = left_over.covers_before(tx, taken), left_over.unseen_since(tx, taken)
        since = min((one for one in (taken.since, again) if one is not None), default=None)
        settings = settings_of(worker.wants, taken.begun_at or now, since, covers)
        return collections.begin(tx, taken, settings, now)


def _with_the_list_of_today(tx: Tx, worker: Worker, taken: Collecting, now: datetime) -> Collecting | None:
    """Nothing was read of it yet, and another file is named by now: a list that cannot be read is mended by that."""
    is_another = taken.dataset == Name.ROSTER and taken.settings.get("roster") != worker.wants.roster
    if not is_another or taken.pages:
        return taken
    return collections.begin(tx, taken, {**taken.settings, "roster": worker.wants.roster}, now)


def _asking(worker: Worker, taken: Collecting) -> Asking:
    """Opened when it is first asked: one that is gone through again may need nobody."""
    opened: dict[str, Http] = {}

    def http(limited_by: str) -> Http:
        if limited_by not in opened:
            opened[limited_by] = worker.opened(account_of(worker, taken), limited_by)
        return opened[limited_by]

    digest = digest_of(worker.db, worker.connections.vault)
    return Asking(Name(taken.dataset), http, digest, worker.clock.now, taken.settings.get("roster", ""))


def _look(run: Run, *, is_first: bool) -> None:
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
    account = account_of(worker, run.taken)
    answer, requests = patiently(run, Sight(worker, account))
    with worker.db.write() as tx:
        now = worker.db.now(tx)
        written.write_of(tx, account, {Subject.SIGHT: answer}, now)
        run.renew(collections.saw(tx, run.taken, sights.told(answer, now), now, requests=requests))


def _put_off(run: Run, wait: PutOff) -> None:
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
