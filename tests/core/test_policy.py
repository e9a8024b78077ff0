"""What a team may choose, and the priority map."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.policy import CaseReopened, Policy, PriorityMap, PriorityPair, Unacknowledged, Winner

from .links import CASE, INCIDENT

PAIRS = st.builds(
    PriorityMap,
    st.lists(st.builds(PriorityPair, st.sampled_from("12345"), st.sampled_from("ABCDE")), max_size=8).map(tuple),
)


def test_what_a_team_gets_that_chooses_nothing() -> None:
    assert Policy() == Policy(Unacknowledged.FOLLOW, CaseReopened.NOTE, Winner.PAGERDUTY)


def test_the_winner_is_a_side() -> None:
    assert (Winner.PAGERDUTY.side, Winner.CASE.side) == (INCIDENT, CASE)


def test_the_first_row_of_a_value_is_the_one_that_is_written() -> None:
    rows = PriorityMap((PriorityPair("P1", "A"), PriorityPair("P1", "B"), PriorityPair("P2", "B")))
    assert rows.across(CASE, "P1") == "A"
    assert rows.across(INCIDENT, "B") == "P1"
    assert rows.means_the_same("P2", "B")
    assert not rows.means_the_same("P2", "A")


@given(PAIRS, st.sampled_from("12345"))
def test_what_is_written_for_a_value_means_that_value(rows: PriorityMap, value: str) -> None:
    there = rows.across(CASE, value)
    assert (there is None) == all(pair.case != value for pair in rows.pairs)
    assert there is None or rows.means_the_same(value, there)
