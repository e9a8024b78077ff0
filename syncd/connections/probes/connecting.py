"""What a key reaches while its account is connected, or is asked for by a person later: with a refused key, or without users, it is told
by its code, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.diagnostics import CATALOGUE, Subject, Use, needed
from syncd.core.judging import Answer, Heard, State, Verdict, heard_of, judge, told
from syncd.errors import Misconfigured, Refused, SyncdError, Unavailable
from syncd.store import diagnoses, integrations, probes
from syncd.store.database import Tx
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from . import written
from .questions import Asking

EVERY = timedelta(days=1)
_WITHOUT = (Subject.KEY, Subject.USERS)  # no account is connected
_USES = (Use.SYNC,)
_BY_HEARD = {Heard.NO_PLAN: "SYN-PAG-PLAN", Heard.MISSING: "SYN-PAG-MISSING"}


@dataclass(frozen=True, slots=True)
class Found:
    answers: Mapping[Subject, Answer]
    warnings: tuple[str, ...]

    def keep(self, tx: Tx, slug: str, now: datetime) -> None:
        """Beside the account that was stored. Whatever is known of another one of that name is forgotten."""
        probes.forget(tx, slug)
        diagnoses.forget(tx, slug)
        written.write(tx, slug, self.answers, _USES, now)
        it = integrations.get(tx, slug)
        # What evidence needs besides is asked by the next sweep.
        diagnoses.begin(tx, slug, now if it is not None and it.gives_evidence else now + EVERY)


def diagnose(
    http: Http,
    elsewhere: Http | None,
    trip: Trip,
    slug: str,
    worked: Collection[Subject] = (),
    *,
    is_by_oauth: bool = False,
) -> Found:
    """Raises Misconfigured or Unavailable with the code, its cause and its cure; what sync goes on without is a warning.

    `worked`: what could be asked for before, of an account that is connected.
    """
    answers = Asking(http, elsewhere, trip).all_of(needed(_USES))
    verdicts = {
        subject: judge(subject, answer, is_needed=subject in needed(_USES), has_worked=subject in worked)
        for subject, answer in answers.items()
    }
    for subject in _WITHOUT:
        if subject in verdicts:
            _refuse(subject, verdicts[subject], slug, is_by_oauth=is_by_oauth)
    warnings = [sentence(one, slug, is_by_oauth=is_by_oauth) for one in verdicts.values() if one.is_finding]
    return Found(answers, tuple(warnings))


def worked(tx: Tx, slug: str) -> Collection[Subject]:
    """Of a connected account; it would not be one without its key and its users."""
    return {*_WITHOUT, *(subject for subject, one in probes.of(tx, slug).items() if one.worked_at is not None)}


def refused(error: Refused, slug: str, *, forbidden: str, is_by_oauth: bool) -> SyncdError:
    """What was asked for beside the subjects, by the code that fits; `forbidden` is the one of a 403."""
    heard = heard_of(error)
    code = {**_BY_HEARD, Heard.FORBIDDEN: forbidden}.get(heard, "SYN-PAG-TROUBLE")
    said = sentence(told(State.FAIL, code, Answer(heard, str(error))), slug, is_by_oauth=is_by_oauth)
    kind = Unavailable if heard is Heard.ODD else Misconfigured
    return kind(said, explained_by=code)


def _refuse(subject: Subject, verdict: Verdict, slug: str, *, is_by_oauth: bool) -> None:
    if verdict.state is State.NO_PLAN and subject is Subject.USERS:
        cure = CATALOGUE["SYN-PAG-PLAN"].cured(slug, is_by_oauth=is_by_oauth)
        raise Misconfigured(f"SYN-PAG-PLAN: {verdict.finding} {cure}", explained_by="SYN-PAG-PLAN")
    said = sentence(verdict, slug, is_by_oauth=is_by_oauth) if verdict.code else ""
    if verdict.code == "SYN-CONFIG":
        raise Misconfigured(verdict.finding, explained_by=verdict.code)
    if verdict.state is State.UNKNOWN:
        raise Unavailable(said, explained_by=verdict.code)
    if verdict.state is State.FAIL:
        raise Misconfigured(said, explained_by=verdict.code)


def sentence(verdict: Verdict, slug: str, *, is_by_oauth: bool = False) -> str:
    return f"{verdict.code}: {verdict.finding} {CATALOGUE[verdict.code].cured(slug, is_by_oauth=is_by_oauth)}"
