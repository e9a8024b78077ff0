"""Why the times of an incident are missing, or what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.core.why.proving import Logged, Proof, Proving, Thing
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.incidents import Actor, Entry, Incident, LogEntry
from syncd.evidence.findings.opinion import counted
from syncd.evidence.times import Measured, Times, is_late_acknowledged, is_late_resolved, times

from . import gates
from .judged import Wrong, in_order, wrong_of
from .known import Known

_SEEN = frozenset({Lack.HIDDEN, Lack.UNTOLD, Lack.OLD})
_BOTH = (Name.INCIDENTS, Name.OPEN_INCIDENTS)
_UNMEASURED: Mapping[Measured, str] = {
    Measured.INCOMPLETE: "its log does not lead to the state it is in: it was cut, or is older",
    Measured.UNCLEAR: "its log does not tell who acknowledged it first",
}


_ANOTHER: Mapping[Actor, str] = {Actor.API: "a program did, by the API", Actor.AUTO: "PagerDuty itself did"}
_STEPS = "{}: what its log says was done stands beneath."
#: Of checks that lead here themselves.
_CURES = {
    "INC-01": _STEPS.format("Look at who was called, and when"),
    "INC-02": _STEPS.format("Look at what it waited for"),
}
_DOERS: Mapping[Actor, str] = {
    Actor.PERSON: "a person",
    Actor.API: "a program",
    Actor.AUTO: "PagerDuty",
    Actor.UNKNOWN: "",
}


def about(known: Known, name: str) -> Sequence[Proof]:
    """By its id, or its number."""
    found = _row(known, name)
    if found is None:
        return [Proof(known.slug, Thing.INCIDENT, name, name, _not_there(known, name), is_found=False)]
    log = tuple(_logged(known, one) for one in found.log or () if one.what is not Entry.OTHER)
    return [Proof(known.slug, Thing.INCIDENT, found.id, found.name, _there(known, found), log=log)]


def _logged(known: Known, one: LogEntry) -> Logged:
    user = known.facts.users.find(one.user) if one.user else None
    return Logged(one.at, one.what, user.name if user is not None else one.user or _DOERS[one.actor])


def _row(known: Known, name: str) -> Incident | None:
    number = name.removeprefix("#")
    rows = [one for dataset in _BOTH for one in known.facts.of(dataset).rows if isinstance(one, Incident)]
    return next((one for one in rows if name == one.id or number == str(one.number)), None)


def _not_there(known: Known, name: str) -> Verdict:
    stopped = gates.before_anything(known, "incidents") or gates.unread(known, (Name.INCIDENTS,), part=name)
    if stopped is not None:
        return stopped
    read = known.facts.incidents
    since = min((one.start for one in read.covers), default=None)
    from_on = "at no time" if since is None else f"from {_moment(since)} on"
    number = counted(len(read.rows), "incident")
    said = f"{name} is not among the {number} that were collected of {known.slug}: those that began {from_on}, up to {_moment(read.collected_at)}."
    remedy = (
        f"One that began before that: `syncd evidence collect {known.slug} --since DATE`; one that began since then: `syncd evidence "
        f"collect {known.slug}`."
    )
    return Verdict(Proving.COVERED, said, Who.YOU, remedy, Act.COLLECT, known.slug)


def _there(known: Known, one: Incident) -> Verdict:
    stopped = gates.before_anything(known, "incidents") or gates.unread(known, _BOTH, part=one.id, spared=_SEEN)
    if stopped is not None:
        return stopped
    found = times(one, known.rules, known.at)
    if found.measured is Measured.NO_LOG:
        return _without_log(known, one)
    if found.measured in _UNMEASURED:
        said = f"The times of {_named(known, one)} are not known: {_UNMEASURED[found.measured]}."
        remedy = f"`syncd evidence collect {known.slug} --since {one.created_at:%Y-%m-%d}` reads its log again."
        return Verdict(Proving.READABLE, said, Who.YOU, remedy, Act.COLLECT, known.slug)
    wrong = [each for name in _BOTH for each in wrong_of(known, name, one.id)]
    return _judged(known, found, sorted(wrong, key=lambda each: not each.is_fault))


def _judged(known: Known, found: Times, wrong: Sequence[Wrong]) -> Verdict:
    """Late is what a check finds late. What it does not is told with the reason: enough others were in time, or nobody judges it now."""
    named = {one.check.id for one in wrong}
    late = [said for check, said in _late(known, found) if check not in named]
    said = f"{_told(known, found)}{''.join(f'; {one}' for one in late)}"
    verdict = in_order(known, said, wrong, _CURES)
    if not late or verdict.stops:
        return verdict
    return replace(verdict, remedy=_no_finding(known, found.incident))


def _no_finding(known: Known, one: Incident) -> str:
    if one.created_at >= known.at - known.rules.window:
        return (
            "There is nothing to do: enough others of its priority were in time ([evidence] acknowledge_percent, resolve_percent). What its "
            "log says was done stands beneath."
        )
    return (
        f"It began before the {known.rules.window_days} days that are judged now; `syncd evidence report {known.slug} --period "
        f"{one.created_at:%Y-%m}` judges those of its month. What its log says was done stands beneath."
    )


def _without_log(known: Known, one: Incident) -> Verdict:
    """Nothing says why: its turn has not come. Logs are read once an incident is settled, those of the window first."""
    if one.created_at < known.at - known.rules.window:
        said = (
            f"The log of {_named(known, one)} was not read: it began on {one.created_at:%Y-%m-%d}, before the {known.rules.window_days} days "
            "that are judged."
        )
        remedy = f"`syncd evidence collect {known.slug} --since {one.created_at:%Y-%m-%d}` reads it."
        return Verdict(Proving.COVERED, said, Who.YOU, remedy, Act.COLLECT, known.slug)
    return gates.verdict_of(known.account, Name.INCIDENTS, Missing(Lack.NOT_YET, one.id))


def _told(known: Known, found: Times) -> str:
    one, named = found.incident, _named(known, found.incident)
    if found.measured is Measured.MERGED:
        return f"{named} was merged into another, and is counted with that one alone"
    another = _ANOTHER.get(found.acknowledged_by or Actor.UNKNOWN)
    taken = (
        f"acknowledged after {_long(found.acknowledged)}"
        if found.acknowledged is not None
        else f"no person has acknowledged it ({another})"
        if another
        else "nobody has acknowledged it"
    )
    ended = f"it is {one.status}" if found.resolved is None else f"resolved after {_long(found.resolved)}"
    return f"{named}: {taken}, {ended}"


def _late(known: Known, found: Times) -> Iterator[tuple[str, str]]:
    """By which check, and in words."""
    target = known.rules.target(found.incident.priority)
    if is_late_acknowledged(found, known.rules):
        yield "INC-01", f"acknowledging is later than its target of {target.acknowledge} min"
    if is_late_resolved(found, known.rules):
        yield "INC-02", f"resolving is later than its target of {target.resolve} min"


def _named(known: Known, one: Incident) -> str:
    return f"{one.name} ({one.id}) of {known.slug}"


def _long(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if number]
    return " ".join(parts[:2]) or "0 s"


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
