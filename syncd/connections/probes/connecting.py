"""What a key reaches while its account is connected: without users or with a refused key nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.diagnostics import CATALOGUE, Subject, Use, needed
from syncd.core.judging import Answer, State, Verdict
from syncd.errors import Misconfigured, Unavailable
from syncd.store import diagnoses, probes
from syncd.store.database import Tx
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from . import written
from .questions import Asking

EVERY = timedelta(days=1)
_WITHOUT = (Subject.KEY, Subject.USERS)  # no account is connected
_USES = (Use.SYNC,)


@dataclass(frozen=True, slots=True)
class Found:
    answers: Mapping[Subject, Answer]
    warnings: tuple[str, ...]

    def keep(self, tx: Tx, slug: str, now: datetime) -> None:
        """Beside the account that was stored. Whatever is known of another one of that name is forgotten."""
        probes.forget(tx, slug)
        diagnoses.forget(tx, slug)
        written.write(tx, slug, self.answers, _USES, now)
        diagnoses.begin(tx, slug, now + EVERY)


def diagnose(http: Http, elsewhere: Http | None, trip: Trip) -> Found:
    """Raises Misconfigured or Unavailable with the code, its cause and its cure; what sync goes on without is a warning."""
    answers = Asking(http, elsewhere, trip).all_of(needed(_USES))
    verdicts = written.judged({}, answers, _USES)
    for subject in _WITHOUT:
        if subject in verdicts:
            _refuse(verdicts[subject])
    warnings = [sentence(one) for one in verdicts.values() if one.is_finding]
    return Found(answers, tuple(warnings))


def _refuse(verdict: Verdict) -> None:
    if verdict.code == "SYN-CONFIG":
        raise Misconfigured(verdict.finding)
    if verdict.state is State.UNKNOWN:
        raise Unavailable(sentence(verdict))
    if verdict.state is State.FAIL:
        raise Misconfigured(sentence(verdict))


def sentence(verdict: Verdict) -> str:
    return f"{verdict.code}: {verdict.finding} {CATALOGUE[verdict.code].cure}"
