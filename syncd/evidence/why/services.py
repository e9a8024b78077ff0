"""Why a service does not appear; or, if it does, what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.core.why.proving import Proof, Proving, Thing
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.facts.services import Service
from syncd.evidence.findings.opinion import counted

from . import gates
from .judged import in_order, wrong_of
from .known import Known, near

_SEEN = frozenset({Lack.HIDDEN, Lack.UNTOLD})  # of one that is there nothing of this matters


def about(known: Known, name: str) -> Sequence[Proof]:
    """By its id, or by its name, whatever its capitals; several services may have one name."""
    rows = known.facts.services.rows
    found = [one for one in rows if one.id == name] or [one for one in rows if one.name.casefold() == name.casefold()]
    if not found:
        return [Proof(known.slug, Thing.SERVICE, name, name, _not_there(known, name), is_found=False)]
    return [Proof(known.slug, Thing.SERVICE, one.id, one.name, _there(known, one)) for one in found]


def _not_there(known: Known, name: str) -> Verdict:
    stopped = gates.before_anything(known, "services") or gates.unread(known, (Name.SERVICES,), part=name)
    guess = near(name, known.facts.services.rows, Thing.SERVICE)
    if stopped is not None:
        if stopped.gate is Proving.VISIBLE:
            seen = counted(len(known.facts.services.rows), "service")
            said = f"{name} is not among the {seen} that are seen of {known.slug}, and may be one that is not shown. {stopped.sentence}"
            return replace(stopped, sentence=said, remedy=f"{guess}{stopped.remedy}")
        return stopped
    at, number = known.facts.services.collected_at, counted(len(known.facts.services.rows), "service")
    when = "" if at is None else f" at {at:%Y-%m-%d %H:%M} UTC"
    said = f"{known.slug} had no service {name} when its {number} were collected{when}, by a key that sees the whole account."
    remedy = (
        f"{guess}See how it is called in PagerDuty under Services, Service Directory. One that was made since then: `syncd evidence collect "
        f"{known.slug}`."
    )
    return Verdict(Proving.KNOWN, said, Who.YOU, remedy, Act.COLLECT, known.slug)


def _there(known: Known, one: Service) -> Verdict:
    stopped = gates.before_anything(known, "services") or gates.unread(
        known, (Name.SERVICES,), part=one.id, spared=_SEEN
    )
    if stopped is not None:
        return stopped
    has = "" if one.integrations is None else f", with {counted(one.integrations, 'integration')}"
    return in_order(
        known, f"{one.name} ({one.id}) of {known.slug} is {one.status}{has}", wrong_of(known, Name.SERVICES, one.id)
    )
