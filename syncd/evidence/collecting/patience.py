"""One question, asked until it is answered or is to be asked another day: sync goes first, and nobody is pressed."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from syncd import errors
from syncd.core import retry
from syncd.core.judging import Answer as Heard
from syncd.core.judging import heard_of
from syncd.store import diagnoses, rests
from syncd.store.evidence.pages import RawPage
from syncd.store.integrations import Integration
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

from .asking import Asking, apart, is_answered
from .courses.request import Request
from .run import PutOff, Run
from .worker import Worker

_Told_co = TypeVar("_Told_co", covariant=True)

_SECONDS = 30.0  # for one request
_PATIENCE_S = 60.0  # longer waits leave it to the timer
_WAITS = 20  # for our own budget, which gives sync the first go
_TRIES = 6  # after which an answer that says "later" is taken for what it is


class Question(Protocol[_Told_co]):
    @property
    def has_limit_of_its_own(self) -> bool: ...

    def ask(self, trip: Trip) -> _Told_co:
        """Raises a SideError where it makes sense to ask again."""
        ...

    def refusal(self, error: errors.SideError, trip: Trip, asked_at: datetime) -> _Told_co:
        """The answer that comes again and again."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
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
class Sight:
    worker: Worker
    account: Integration
    has_limit_of_its_own: bool = False

    def ask(self, trip: Trip) -> tuple[Heard, int]:
        """And how many requests that took."""
        return self.worker.seen(self.account, trip), len(trip.exchanges)

    def refusal(self, error: errors.SideError, trip: Trip, asked_at: datetime) -> tuple[Heard, int]:  # noqa: ARG002
        return Heard(heard_of(error), str(error)), len(trip.exchanges)


def patiently(run: Run, question: Question[_Told_co]) -> _Told_co:
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
                raise PutOff(str(limited), timedelta(seconds=limited.retry_after), requests=0) from limited
        except errors.Unauthorised as refused:
            with worker.db.write() as tx:
                diagnoses.hasten(tx, run.taken.integration, worker.db.now(tx))
            worker.refused(run.taken, refused)
            raise PutOff(str(refused), retry.CAPS[3]) from refused
        except errors.Misconfigured as fault:
            worker.refused(run.taken, fault)
            raise PutOff(str(fault), retry.CAPS[-1], requests=0) from fault
        except errors.SideError as error:
            if is_answered(error, trip) and run.taken.tries + 1 >= _TRIES:
                return question.refusal(error, trip, asked_at)
            pause = retry.CAPS[min(run.taken.tries + 2, 4)] * random.uniform(0.5, 1.0)  # noqa: S311  jitter
            raise PutOff(str(error), pause, requests=len(trip.exchanges), has_failed=True) from error
    raise AssertionError


def _rest(run: Run, limited: errors.RateLimited, *, has_limit_of_its_own: bool) -> None:
    """PagerDuty has answered 429. Of what has a limit of its own, it is only that one; else the account is left alone."""
    worker, pause = run.worker, timedelta(seconds=limited.retry_after)
    if not has_limit_of_its_own:
        with worker.db.write() as tx:
            rests.ask(tx, run.taken.integration, worker.db.now(tx) + pause)
    raise PutOff(str(limited), pause) from limited


def _is_ending(run: Run, seconds: float) -> bool:
    """Waits, and nobody takes it for left behind meanwhile."""
    with run.worker.db.write() as tx:
        run.renewed(tx)
    return run.worker.wait(seconds)
