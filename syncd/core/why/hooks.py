"""Gate 5: what happens over there is heard of here."""

from __future__ import annotations

from .facts import NO_TROUBLE, Facts, Stage, Way
from .gate import Gate
from .verdict import Act, Verdict, Who

SUBSCRIPTION, SILENT, WORKER = "SYN-HOOK-SUBSCRIPTION", "SYN-HOOK-SILENT", "SYN-WORKER"


def heard(facts: Facts, way: Way) -> Verdict | None:
    """Of a change whose hook is here that is known; one that has not come is nobody's in particular."""
    if way.change is not None:
        return _unplanned(facts, way) if way.change.stage is Stage.HEARD else None
    source = facts.accounts[way.to.other]
    hooks = facts.hooks.get(way.to.other, NO_TROUBLE)
    if hooks.trouble:
        code, mends = (SILENT if hooks.is_silent else SUBSCRIPTION), hooks.is_mended_by_us
        return Verdict(
            Gate.HEARD,
            f"Hooks of {source.slug} do not reach syncd: {hooks.trouble}",
            Who.NOBODY if mends else Who.YOU,
            "A worker mends it by itself within minutes, and looks for what was lost." if mends else hooks.remedy,
            None if mends else Act.MEND_WEBHOOK,
            source.slug,
            code,
        )
    if hooks.turned_away and not _was_just_read_alike(facts):
        said = f"The last hook that said it came from {source.slug} was refused: its signature fits no secret that syncd has."
        return Verdict(Gate.HEARD, said, Who.YOU, hooks.right_secret, Act.MEND_WEBHOOK, source.slug)
    if hooks.unmade and not _was_just_read_alike(facts):
        return Verdict(Gate.HEARD, hooks.unmade, Who.YOU, hooks.mends_unmade)
    if facts.no_receiver:
        remedy = "Start one: `syncd web --only hooks`, or `syncd up`; what was missed is looked for by itself."
        return Verdict(Gate.HEARD, facts.no_receiver, Who.YOU, remedy, Act.START, "receiver")
    return None


def _was_just_read_alike(facts: Facts) -> bool:
    """Whatever was refused, this link has missed nothing by it."""
    read = facts.compared
    return read is not None and not read.failed and not read.differences


def _unplanned(facts: Facts, way: Way) -> Verdict | None:
    change = way.change
    if change is None or not (change.is_overdue and facts.no_worker):
        return None
    return worker_is_missing(Gate.HEARD, f"A hook is here and nobody looks at it: {facts.no_worker}")


def worker_is_missing(gate: Gate, said: str) -> Verdict:
    return Verdict(gate, said, Who.YOU, "Start one: `syncd worker`, or `syncd up`.", Act.START, "worker", WORKER)
