"""Why the times of an incident are missing, or what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from syncd.core.why.proving import Proof, Proving, Thing
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.incidents import Incident
from syncd.evidence.findings.opinion import counted
from syncd.evidence.times import Measured, Times, is_late_acknowledged, is_late_resolved, times

from . import gates
from .known import Known

_SEEN = frozenset({Lack.HIDDEN, Lack.OLD})
_BOTH = (Name.INCIDENTS, Name.OPEN_INCIDENTS)
_UNMEASURED: Mapping[Measured, str] = {
    Measured.INCOMPLETE: "its log does not lead to the state it is in: it was cut, or is older",
    Measured.UNCLEAR: "its log does not tell who acknowledged it first",
}


def about(known: Known, name: str) -> Sequence[Proof]:
    """By its id, or its number."""
    found = _row(known, name)
    if found is None:
        return [Proof(known.slug, Thing.INCIDENT, name, name, _not_there(known, name), is_found=False)]
    return [Proof(known.slug, Thing.INCIDENT, found.id, found.name, _there(known, found))]


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
    return Verdict(Proving.IN_ORDER, _told(known, found), stops=False)


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
        return f"{named} was merged into another, and is counted with that one alone."
    taken = (
        "nobody has acknowledged it"
        if found.acknowledged is None
        else f"acknowledged after {_long(found.acknowledged)}"
    )
    ended = f"it is {one.status}" if found.resolved is None else f"resolved after {_long(found.resolved)}"
    target = known.rules.target(one.priority)
    late = [
        f"{word} is later than its target of {minutes} min"
        for word, minutes, is_late in (
            ("acknowledging", target.acknowledge, is_late_acknowledged(found, known.rules)),
            ("resolving", target.resolve, is_late_resolved(found, known.rules)),
        )
        if is_late
    ]
    return f"{named}: {taken}, {ended}{''.join(f'; {one}' for one in late)}."


def _named(known: Known, one: Incident) -> str:
    return f"{one.name} ({one.id}) of {known.slug}"


def _long(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if number]
    return " ".join(parts[:2]) or "0 s"


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
