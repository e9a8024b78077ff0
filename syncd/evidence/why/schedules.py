"""Why a gap of a schedule is not told, or is; and why a schedule does not appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.core.why.proving import Proof, Proving, Thing
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.evidence.coverage import Coverage
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.schedules import Rota
from syncd.evidence.findings.opinion import counted
from syncd.evidence.spans import Span

from . import gates
from .judged import in_order, wrong_of
from .known import Known, near

_BOTH = (Name.SCHEDULES, Name.COVERAGE)
_SEEN = frozenset({Lack.HIDDEN, Lack.UNTOLD})
_SHOWN = 3  # of gaps


def about(known: Known, name: str) -> Sequence[Proof]:
    rows = known.facts.schedules.rows
    found = [one for one in rows if one.id == name] or [one for one in rows if one.name.casefold() == name.casefold()]
    if found:
        return [Proof(known.slug, Thing.SCHEDULE, one.id, one.name, _there(known, one)) for one in found]
    broken = _broken(known, name)
    verdict = _not_there(known, name) if broken is None else gates.verdict_of(known.account, *broken)
    return [Proof(known.slug, Thing.SCHEDULE, name, name, verdict, is_found=broken is not None)]


def _broken(known: Known, name: str) -> tuple[Name, Missing] | None:
    """It was listed, and could not be read or computed."""
    parts = ((dataset, one) for dataset in _BOTH for one in known.facts.of(dataset).missing if one.part)
    return next(((dataset, one) for dataset, one in parts if one.part == name), None)


def _not_there(known: Known, name: str) -> Verdict:
    stopped = gates.before_anything(known, "schedules") or gates.unread(known, (Name.SCHEDULES,), part=name)
    guess = near(name, known.facts.schedules.rows, Thing.SCHEDULE)
    if stopped is not None:
        return replace(stopped, remedy=f"{guess}{stopped.remedy}")
    number = counted(len(known.facts.schedules.rows), "schedule")
    said = f"{known.slug} had no schedule {name} when its {number} of both kinds were collected, by a key that sees the whole account."
    remedy = (
        f"{guess}See how it is called in PagerDuty under People, On-Call Schedules. One that was made since then: `syncd evidence collect "
        f"{known.slug}`."
    )
    return Verdict(Proving.KNOWN, said, Who.YOU, remedy, Act.COLLECT, known.slug)


def _there(known: Known, one: Rota) -> Verdict:
    stopped = gates.before_anything(known, "schedules") or gates.unread(known, _BOTH, part=one.id, spared=_SEEN)
    if stopped is not None:
        return stopped
    covered = known.facts.coverage.find(one.id)
    if covered is None:
        return gates.verdict_of(known.account, Name.COVERAGE, Missing(Lack.NOT_YET, one.id))
    return in_order(known, _said(known, one, covered.coverage), wrong_of(known, Name.SCHEDULES, one.id))


def _said(known: Known, one: Rota, covered: Coverage) -> str:
    """How far was looked: what lies beyond is not looked at, and is no gap that was missed."""
    named, window = f"{one.name} ({one.id}) of {known.slug}", covered.window
    ahead = f"from {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
    if one.turns == 0:
        return f"{named} has no layers, so that nobody is on call by it at any time {ahead}"
    gaps = covered.uncovered
    if gaps:
        more = f" and {len(gaps) - _SHOWN} more" if len(gaps) > _SHOWN else ""
        return f"{named} has {counted(len(gaps), 'gap')} {ahead}: {', '.join(map(_span, gaps[:_SHOWN]))}{more}"
    return (
        f"{named} has no gap {ahead}; what comes later is looked at as it comes near ([evidence] gap_days = {known.rules.gap_days}), and a "
        "level that another schedule covers counts for its policy"
    )


def _span(one: Span) -> str:
    return f"{one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC"
