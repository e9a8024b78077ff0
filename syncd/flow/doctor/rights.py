"""What the key of an account may do: as it was just found, or as it was found last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.probes import written
from syncd.core.checked import Checked, of_verdict
from syncd.core.diagnostics import Subject, needed
from syncd.core.judging import State, Verdict, not_needed
from syncd.flow.diagnosing import diagnose
from syncd.store import probes
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.probes import Probe
from syncd.systems.toll import Purpose

_NOT_ASKED = Verdict(State.UNKNOWN, "", "It was not asked, since the key itself did not get through.")
_NEVER_ASKED = Verdict(
    State.UNKNOWN, "", "It was not asked yet; a worker does so within a day, and `syncd doctor` at once."
)


def asked(
    db: Database, connections: Connections, clock: Clock, account: Integration, *, is_all: bool
) -> Sequence[Checked]:
    """`is_all`: also what nothing here uses; that is told and never a failure."""
    with db.read() as tx:
        before = probes.of(tx, account.slug)
    wanted = _wanted(account) | (frozenset(Subject) if is_all else frozenset())
    answers = diagnose(db, connections, clock, account, subjects=wanted, purpose=Purpose.RECONCILE)
    verdicts = written.judged(before, answers, written.uses_of(account))
    lines = [_line(subject, _found(subject, verdicts, wanted), account) for subject in Subject]
    return [replace(one, state=State.FAIL) if _is_out_of_reach(one) else one for one in lines]


def _is_out_of_reach(one: Checked) -> bool:
    """It says nothing against the key, and whoever asks now has to hear that nothing gets through. To wait one's turn is no fault."""
    return one.check == Subject.KEY and one.state is State.UNKNOWN and one.code not in {"", "SYN-PAG-BUSY"}


def _wanted(account: Integration) -> frozenset[Subject]:
    return needed(written.uses_of(account))


def _found(subject: Subject, verdicts: Mapping[Subject, Verdict], wanted: Collection[Subject]) -> Verdict:
    if subject not in wanted:
        return not_needed()
    return verdicts.get(subject, _NOT_ASKED)


def last_found(kept: Mapping[Subject, Probe], account: Integration) -> Sequence[tuple[Checked, Probe | None]]:
    """For every subject, whether anybody has asked about it or not."""
    wanted = _wanted(account)
    return [
        (_line(subject, _kept(kept.get(subject), is_needed=subject in wanted), account), kept.get(subject))
        for subject in Subject
    ]


def _line(subject: Subject, verdict: Verdict, account: Integration) -> Checked:
    return replace(of_verdict(subject, verdict, account.slug), is_by_oauth=account.is_by_oauth)


def _kept(probe: Probe | None, *, is_needed: bool) -> Verdict:
    if probe is not None:
        return Verdict(probe.state, probe.code, probe.finding)
    return _NEVER_ASKED if is_needed else not_needed()


def moments(probe: Probe | None) -> Mapping[str, datetime | None]:
    if probe is None:
        return {"since": None, "checked_at": None, "worked_at": None}
    return {"since": probe.since, "checked_at": probe.checked_at, "worked_at": probe.worked_at}
