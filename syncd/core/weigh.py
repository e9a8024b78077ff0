"""Two values for one field: which one stands? Asked twice, by `decide` of a hook and by `deliver` of what it read."""

from __future__ import annotations

from enum import Enum

from .changes import Field, Side, Status
from .link import Wish
from .policy import Rules

_RANK = {Status.OPEN: 0, Status.ACKNOWLEDGED: 1, Status.RESOLVED: 2, Status.CLOSED: 3}


class Verdict(Enum):
    WRITE = "write"
    ALREADY = "already"
    KEEP = "keep"  # what the record says stands, and is news for the other side
    WOULD_REOPEN = "would_reopen"


def prevails(field: Field, on: Side, news: str, wish: Wish, rules: Rules) -> bool:
    """Whether news of a side beats what we were about to write there. Their clocks are never compared."""
    match field:
        case Field.STATUS:
            return _RANK[Status(news)] > _RANK[Status(wish.value)]
        case Field.PRIORITY:
            return rules.policy.priority.side is on
        case Field.RESOLUTION_NOTE:
            return bool(news)  # What a person typed is not written over; ours is said beside it.
        case Field.MERGED_INTO:
            return True


def weigh(field: Field, on: Side, current: str, wish: Wish, rules: Rules) -> Verdict:
    """What to do with a wish, given what the record says at this moment."""
    if current == wish.value or _means_the_same(field, on, current, wish, rules):
        return Verdict.ALREADY
    if on is Side.INCIDENT and (current, wish.value) == (Status.RESOLVED, Status.ACKNOWLEDGED):
        return Verdict.WOULD_REOPEN if current == wish.base else Verdict.KEEP
    if on is Side.CASE and field is Field.STATUS and current == Status.CLOSED:
        return Verdict.KEEP
    if current == wish.base or current in wish.earlier:
        return Verdict.WRITE
    return Verdict.KEEP if prevails(field, on, current, wish, rules) else Verdict.WRITE


def _means_the_same(field: Field, on: Side, current: str, wish: Wish, rules: Rules) -> bool:
    """With a many-to-one map another value can be just as right, whichever value of the other side is asking."""
    if field is not Field.PRIORITY or not current:
        return False
    rows = {
        (pair.case, pair.incident) if on is Side.CASE else (pair.incident, pair.case) for pair in rules.priorities.pairs
    }
    asking = {other for _, other in rows if rules.priorities.across(on.other, other) == wish.value}
    return bool(asking) and all((current, other) in rows for other in asking)
