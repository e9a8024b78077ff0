"""Gate 9: it is its turn. Nothing older stands before it, no person has to decide, and nobody has put it aside."""

from __future__ import annotations

from syncd.core.errand import FIELD_OF_WISH
from syncd.core.reasons import SENTENCES, Reason

from .facts import Change, Conflict, Facts, Stage, Way
from .gate import Gate
from .placed import PLACES
from .verdict import Act, Verdict, Who


def in_order(facts: Facts, way: Way) -> Verdict | None:
    change = way.change
    if change is None:
        return _in_conflict(facts, facts.conflicts[0]) if facts.conflicts else None
    field = None if change.kind is None else FIELD_OF_WISH.get(change.kind)
    mine = next((one for one in facts.conflicts if one.field == field), None)
    if mine is not None:
        return _in_conflict(facts, mine)
    if change.stage is Stage.DEAD and change.reason is Reason.PARKED:
        return _parked(change)
    return None if change.ahead is None else _behind(change, change.ahead)


def _in_conflict(facts: Facts, one: Conflict) -> Verdict:
    said = (
        f"Both sides changed the {one.field.replace('_', ' ')} at once (case: {one.case or 'nothing'}; incident: "
        f"{one.incident or 'nothing'}), and it waits for a person to decide."
    )
    link = facts.link.id
    remedy = f"`syncd conflicts resolve {link} {one.field} --to case` takes the case's value, `--to pagerduty` the incident's."
    return Verdict(Gate.IN_ORDER, said, Who.YOU, remedy, Act.DECIDE_CONFLICT, f"{link}/{one.field}")


def _parked(change: Change) -> Verdict:
    """Once its rows are not kept any more, there is no delivery to replay."""
    said = f"The {told(change)} was put aside by a person and not sent: {change.detail or SENTENCES[Reason.PARKED]}"
    if change.delivery is None:
        return Verdict(Gate.IN_ORDER, said, Who.YOU, PLACES[Reason.PARKED].otherwise)
    remedy = f"`syncd deliveries replay {change.delivery} --yes` takes it up again, if it is wanted after all."
    return Verdict(Gate.IN_ORDER, said, Who.YOU, remedy, Act.REPLAY, str(change.delivery))


def _behind(change: Change, ahead: Change) -> Verdict:
    because = ahead.detail or (SENTENCES[ahead.reason] if ahead.reason is not None else "It is on its way.")
    said = f"The {told(change)} waits behind an older {told(ahead)} of the same link, which has to go first: {because}"
    if ahead.delivery is None:
        return Verdict(Gate.IN_ORDER, said, Who.NOBODY, "Both go out by themselves, in their order.")
    when = "" if ahead.next_at is None else f" It is tried again from {ahead.next_at:%Y-%m-%d %H:%M:%S} UTC on."
    remedy = (
        f"See what keeps it: `syncd why delivery:{ahead.delivery}`.{when} If it is not wanted, `syncd deliveries park "
        f"{ahead.delivery} --why REASON` lets the later ones pass."
    )
    return Verdict(Gate.IN_ORDER, said, Who.NOBODY, remedy, Act.LOOK, str(ahead.delivery))


def told(change: Change) -> str:
    """As people say it: change of the status, comment."""
    match change.what:
        case "priority":
            return "change of the priority"
        case "open":
            return "opening of the incident"
        case "link":
            return "showing of the incident's address"
        case _:
            return change.what.replace("_", " ")
