"""What a write of ours has undone, by crossing what a person did: it is put right, and said."""

from __future__ import annotations

from . import wording
from .changes import Field, FieldSeen, Side, Status, Verb
from .decision import Decision, quiet
from .errand import KIND_OF_WISH, Draft, ErrandKind
from .link import Known, Link, Order, Wish, order
from .mappings import verb_of
from .reasons import Outcome, Reason


def is_exact(one: FieldSeen | Known) -> bool:
    """A whole second may be the time of our own write's answer as well, which is not the event heard before."""
    return one.at is not None and one.at.microsecond != 0


def is_our_own_reopening(seen: FieldSeen, on: Side) -> bool:
    """We never ask a resolved incident to be acknowledged, so a reopening to that state by us crossed a resolve."""
    return on is Side.INCIDENT and seen.is_reopening and seen.by.is_us and seen.value == Status.ACKNOWLEDGED


def is_being_resolved_again(link: Link, seen: FieldSeen) -> bool:
    """Its hook came twice, and the time of the first is no longer known to the millisecond."""
    wish = link.wanted.get((Side.INCIDENT, Field.STATUS))
    is_asked = wish is not None and (wish.value, wish.base) == (Status.RESOLVED, seen.value)
    return is_asked and wish is not None and wish.by.is_us and not wish.is_amends


def reopened_by_us(link: Link, seen: FieldSeen, verb: Verb, known: Known | None) -> Decision:
    """Since an older one people may have brought it back to the same status. A later event says that they did; a record that
    is only younger may have changed in something else, and names who moved its status.
    """
    if known is None or seen.is_certain or order(seen.at, known.at) is not Order.OLDER:
        return _resolve_again(link, seen, verb)
    if is_exact(known):
        return quiet(link, verb, Outcome.SUPPRESSED, Reason.STALE)
    return Decision(link, verb, needs_look=True)


def _resolve_again(link: Link, seen: FieldSeen, verb: Verb) -> Decision:
    link = link.saw(Side.INCIDENT, Field.STATUS, seen.value, seen.at)
    drafts: list[Draft] = []
    for side in Side:
        if side is Side.CASE and link.is_case_over:
            link = link.no_longer_want(side, Field.STATUS)  # A look may have told of it before, as if by a person.
            continue
        base = link.value(side, Field.STATUS) or ""
        link = link.want(side, Field.STATUS, Wish(Status.RESOLVED, base, seen.by))
        drafts.append(Draft(side, ErrandKind.STATUS, Verb.RESOLVE, by=seen.by, occurred_at=seen.at))
    drafts.append(Draft(Side.INCIDENT, ErrandKind.NOTE, Verb.NOTE, wording.reopened_by_us(), by=seen.by))
    return Decision(link, verb, tuple(drafts), Outcome.FAILED, Reason.REOPENED_BY_US)


def is_our_own_undoing(link: Link, seen: FieldSeen, on: Side, verb: Verb) -> bool:
    """A write of ours that nobody wants any more landed late, on a case that people have moved further meanwhile."""
    is_ours = on is Side.CASE and verb in {Verb.REOPEN, Verb.UNACKNOWLEDGE} and seen.by.is_us
    return is_ours and (on, seen.field) not in link.wanted


def is_a_write_too_late(link: Link, seen: FieldSeen, on: Side) -> bool:
    """A write that was under way when the conflict arose has undone what a person chose."""
    conflict = link.conflicts.get(seen.field)
    is_ours = conflict is not None and conflict.met_on is on and seen.value in conflict.ours
    return is_ours and seen.by.is_us


def put_back(link: Link, seen: FieldSeen, on: Side, verb: Verb, chosen: str) -> Decision:
    link = link.saw(on, seen.field, seen.value, seen.at)
    link = link.want(on, seen.field, Wish(chosen, seen.value, seen.by, is_amends=True))
    change = verb_of(seen.field, None, chosen)
    draft = Draft(on, KIND_OF_WISH[seen.field], change, by=seen.by, occurred_at=seen.at)
    return Decision(link, verb, (draft,), Outcome.SUPPRESSED, Reason.OVERRULED)
