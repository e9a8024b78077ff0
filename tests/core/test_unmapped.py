"""Whatever the map becomes, a priority that was left is brought across exactly where it has a counterpart that is not there yet."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from syncd.core.changes import Field, Side
from syncd.core.policy import PriorityMap, PriorityPair
from syncd.core.unmapped import decided_today, differ, has_counterpart

from .links import ANN, CLOSED, RULES, link, wants

CASES, INCIDENTS = ("P1", "P2", "P9"), ("A", "B", "X")
MAPS = some.lists(some.builds(PriorityPair, some.sampled_from(CASES), some.sampled_from(INCIDENTS)), max_size=4).map(
    lambda pairs: PriorityMap(tuple(pairs))
)


@given(MAPS, some.sampled_from(CASES), some.sampled_from(INCIDENTS), some.sampled_from(list(Side)))
def test_the_map_of_today_decides(priorities: PriorityMap, case: str, incident: str, on: Side) -> None:
    rules = replace(RULES, priorities=priorities)
    known = link(priority=case, there=incident)
    value = case if on is Side.CASE else incident
    across = priorities.across(on, value)
    is_due = across is not None and not priorities.means_the_same(case, incident)
    assert has_counterpart(known, on, rules) is is_due
    decision = decided_today(known, on, ANN, rules)
    assert bool(decision.drafts) is is_due
    if is_due:
        assert wants(decision, on.other, Field.PRIORITY) == across
        assert not any(has_counterpart(decision.link, side, rules) for side in Side), "it is on its way"
        return
    assert decision.link.wanted == {}


@given(MAPS, some.sampled_from(CASES), some.sampled_from(INCIDENTS))
def test_two_values_differ_only_where_both_are_mapped(priorities: PriorityMap, case: str, incident: str) -> None:
    are_mapped = all(
        priorities.across(side, value) is not None for side, value in ((Side.CASE, case), (Side.INCIDENT, incident))
    )
    is_told = are_mapped and not priorities.means_the_same(case, incident)
    assert differ(link(priority=case, there=incident), priorities) == ((case, incident) if is_told else None)
    assert differ(link(case=CLOSED, priority=case, there=incident), priorities) is None


def test_a_closed_case_follows_nothing_any_more() -> None:
    assert not has_counterpart(link(case=CLOSED, there="B"), Side.INCIDENT, RULES)


def test_an_account_that_is_synced_one_way_changes_no_case() -> None:
    one_way = replace(RULES, is_two_way=False)
    assert not has_counterpart(link(there="B"), Side.INCIDENT, one_way)
    assert has_counterpart(link(priority="P2"), Side.CASE, one_way)
