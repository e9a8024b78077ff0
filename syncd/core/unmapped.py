"""A priority that had no counterpart when it was heard is known and was not carried over: the map of today decides it anew."""

from __future__ import annotations

from .again import again
from .changes import Actor, Field, Side, Verb
from .decide import is_agreed
from .decision import Decision
from .errand import Errand, ErrandKind
from .link import Link
from .policy import PriorityMap, Rules


def has_counterpart(link: Link, on: Side, rules: Rules) -> bool:
    """By today's map, and it may be brought across: nothing is on its way, and no person has to decide."""
    is_followed = (rules.is_two_way or on is Side.CASE) and not link.is_case_closed
    is_free = Field.PRIORITY not in link.conflicts and not any((side, Field.PRIORITY) in link.wanted for side in Side)
    value = link.value(on, Field.PRIORITY)
    is_mapped = bool(value) and rules.priorities.across(on, value or "") is not None
    return is_followed and is_free and is_mapped and not is_agreed(link, Field.PRIORITY, rules)


def decided_today(link: Link, on: Side, by: Actor, rules: Rules) -> Decision:
    """What this side says, brought across. In words it was said when it came, if it was to be."""
    errand = Errand("", link.id, on.other, ErrandKind.PRIORITY, Verb.PRIORITISE, 0)
    return again(link, errand, by, rules, is_told=True)


def differ(link: Link, priorities: PriorityMap) -> tuple[str, str] | None:
    """Case and incident, where both values are mapped, and not to each other. A closed case follows nothing any more."""
    case, incident = (link.value(side, Field.PRIORITY) for side in (Side.CASE, Side.INCIDENT))
    if link.is_case_closed or not case or not incident or priorities.means_the_same(case, incident):
        return None
    are_mapped = all(
        priorities.across(side, value) is not None for side, value in ((Side.CASE, case), (Side.INCIDENT, incident))
    )
    return (case, incident) if are_mapped else None
