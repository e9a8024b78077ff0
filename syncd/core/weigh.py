"""Two values for one field: which one stands? Asked twice, by `decide` of a hook and by `deliver` of what it read."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from .changes import Field, FieldSeen, Record, Side, Status
from .link import Link, Wish
from .policy import Rules, Winner

_RANK = {Status.OPEN: 0, Status.ACKNOWLEDGED: 1, Status.RESOLVED: 2, Status.CLOSED: 3}


class Verdict(Enum):
    WRITE = "write"
    ALREADY = "already"
    KEEP = "keep"  # what the record says stands, and is news for the other side
    HEAR = "hear"  # what the record says has to be heard before anything is written over it
    WOULD_REOPEN = "would_reopen"


def prevails(field: Field, on: Side, news: str, wish: Wish, rules: Rules, heard_at: datetime | None = None) -> bool:
    """Whether news of a side beats what we were about to write there. Their clocks are never compared, only ours."""
    match field:
        case Field.STATUS:
            return _RANK[Status(news)] > _RANK[Status(wish.value)]
        case Field.PRIORITY:
            return _wins(rules.policy.priority, on, wish, heard_at)
        case Field.RESOLUTION_NOTE:
            return bool(news) and _wins(rules.policy.resolution_note, on, wish, heard_at)
        case Field.MERGED_INTO:
            return True


def without_what_is_left(link: Link, seen: FieldSeen, on: Side, wish: Wish) -> Link:
    """The other side is on its way to a status that this one has left, and that what overrules the leaving does not bring back."""
    other = link.wanted.get((on.other, Field.STATUS))
    if seen.field is not Field.STATUS or other is None or other.is_amends:
        return link
    comes = max(_RANK[Status(seen.value)], _RANK[Status(wish.value)])
    return link.no_longer_want(on.other, Field.STATUS) if _RANK[Status(other.value)] > comes else link


def _wins(winner: Winner, on: Side, wish: Wish, heard_at: datetime | None) -> bool:
    """News are mostly the newest; a hook that had to wait for a look may have come in before the other one."""
    is_older = heard_at is not None and wish.heard_at is not None and heard_at < wish.heard_at
    return winner.side is on or (winner.side is None and not (winner is Winner.NEWEST and is_older))


def is_for_a_person(field: Field, news: str, wish: Wish, rules: Rules) -> bool:
    """Whether neither of the two may be written. What only puts a person's value back is no second opinion."""
    is_said = bool(news) or field is Field.PRIORITY  # A text that was taken away is none to choose.
    return rules.policy.winner(field) is Winner.MANUAL and is_said and not wish.is_amends


def weigh_record(field: Field, on: Side, record: Record, wish: Wish, rules: Rules) -> Verdict:
    """As `weigh`, of what was read a moment ago. One that was merged only looks resolved, and is left as it is."""
    current = record.value(field)
    verdict = weigh(field, on, current if current is not None else wish.base, wish, rules)
    is_merged = field is Field.STATUS and bool(record.merged_into)
    return Verdict.KEEP if is_merged and verdict is Verdict.WRITE else verdict


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
    if is_for_a_person(field, current, wish, rules) or _is_a_text_to_save(field, current, wish, rules):
        return Verdict.HEAR
    return Verdict.KEEP if prevails(field, on, current, wish, rules) else Verdict.WRITE


def _is_a_text_to_save(field: Field, current: str, wish: Wish, rules: Rules) -> bool:
    """What a person typed is said on the other side before it is written over."""
    is_text = field is Field.RESOLUTION_NOTE and bool(current) and not wish.is_amends
    return is_text and rules.policy.resolution_note is Winner.PAGERDUTY


def _means_the_same(field: Field, on: Side, current: str, wish: Wish, rules: Rules) -> bool:
    """With a many-to-one map another value can be just as right, whichever value of the other side is asking."""
    if field is not Field.PRIORITY or not current:
        return False
    rows = {
        (pair.case, pair.incident) if on is Side.CASE else (pair.incident, pair.case) for pair in rules.priorities.pairs
    }
    asking = {other for _, other in rows if rules.priorities.across(on.other, other) == wish.value}
    return bool(asking) and all((current, other) in rows for other in asking)
