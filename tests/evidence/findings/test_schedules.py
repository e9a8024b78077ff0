"""SCH-01 to SCH-05, from what coverage was computed to be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.judging import Result
from syncd.evidence.rules.values import Rules
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from tests.evidence.account import AHEAD, NOW, covered, dataset, facts, found, not_read, policy, schedule, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWO = dataset(Name.SCHEDULES, schedule(), schedule("SC2", name="Data weekend"))


def test_sch_01_a_gap_is_told_to_the_minute() -> None:
    night = Span(NOW + DAY, NOW + DAY + 8 * HOUR)
    short = Span(NOW + 3 * DAY, NOW + 3 * DAY + timedelta(minutes=61))
    coverage = dataset(Name.COVERAGE, covered(), covered("SC2", night, short))
    assert told(found("SCH-01", facts(TWO, coverage))) == {
        "SC2": "nobody is on call from 2026-11-18 12:00 to 2026-11-18 20:00 UTC (8 h), and 1 more time"
    }
    only_short = facts(TWO, dataset(Name.COVERAGE, covered(), covered("SC2", short)))
    assert told(found("SCH-01", only_short))["SC2"].endswith("(1 h 1 min)")


def test_sch_01_what_touches_is_one_gap_and_what_is_later_is_none() -> None:
    first, then = Span(NOW, NOW + HOUR), Span(NOW + HOUR, NOW + 2 * HOUR)
    one = facts(dataset(Name.COVERAGE, covered("SC1", first, then)))
    assert told(found("SCH-01", one))["SC1"].endswith("(2 h)")
    beyond = Span(AHEAD.start, AHEAD.end + DAY)
    late = facts(dataset(Name.COVERAGE, covered("SC1", Span(AHEAD.end, beyond.end), window=beyond)))
    assert found("SCH-01", late).result is Result.PASS
    assert found("SCH-01", late, Rules(gap_days=31)).result is Result.FAIL


@pytest.mark.parametrize("window", [Span(NOW, AHEAD.end - HOUR), Span(NOW + HOUR, AHEAD.end)], ids=["short", "late"])
def test_sch_01_is_unknown_where_coverage_does_not_reach(window: Span) -> None:
    some = facts(dataset(Name.COVERAGE, covered(window=window)))
    finding = found("SCH-01", some)
    assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"SC1"})
    # A gap in what is known is one all the same.
    holed = facts(dataset(Name.COVERAGE, covered("SC1", Span(NOW + DAY, NOW + DAY + HOUR), window=window)))
    assert found("SCH-01", holed).result is Result.FAIL


def test_sch_01_is_unknown_of_a_schedule_that_could_not_be_computed() -> None:
    finding = found("SCH-01", facts(TWO))
    assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"SC2"})


def test_sch_02_one_person_alone() -> None:
    people = {"SC1": frozenset({"U1", "U2"}), "SC2": frozenset({"U1"}), "SC3": frozenset(), "SC4": None}
    some = dataset(Name.SCHEDULES, *(schedule(one, users=users) for one, users in people.items()))
    finding = found("SCH-02", facts(some))
    assert told(finding) == {
        "SC2": "1 person takes turns in it where there should be 2",
        "SC3": "0 people take turns in it where there should be 2",
    }
    assert not_read(finding) == {"SC4"}


def test_sch_03_nothing_in_it() -> None:
    some = dataset(
        Name.SCHEDULES, schedule(turns=0), schedule("SC2", turns=0, is_shift_based=True), schedule("SC3", turns=None)
    )
    finding = found("SCH-03", facts(some))
    assert told(finding) == {
        "SC1": "it has no layer, so that it never puts anybody on call",
        "SC2": "it has no rotation, so that it never puts anybody on call",
    }
    assert not_read(finding) == {"SC3"}


def test_sch_04_unused_or_of_no_team() -> None:
    nobody: frozenset[str] = frozenset()
    some = dataset(
        Name.SCHEDULES,
        schedule(policies=None),  # a policy tells that it is its target
        schedule("SC2", policies=nobody),
        schedule("SC3", teams=nobody),
        schedule("SC4", policies=nobody, teams=nobody),
        schedule("SC5", teams=None),
    )
    finding = found("SCH-04", facts(some))
    assert told(finding) == {
        "SC2": "no escalation policy uses it",
        "SC3": "it belongs to no team",
        "SC4": "no escalation policy uses it and it belongs to no team",
    }
    assert not_read(finding) == {"SC5"}
    unread = facts(some, dataset(Name.POLICIES, policy(), missing=(Missing(Lack.THROTTLED, "EP2"),)))
    assert set(told(found("SCH-04", unread))) == {"SC3", "SC4"}
    assert not_read(found("SCH-04", unread)) == {"SC2", "SC5"}


def test_sch_04_asks_for_no_team_where_the_plan_has_none() -> None:
    no_teams = dataset(Name.TEAMS, collected_at=None, missing=(Missing(Lack.PLAN),))
    some = dataset(
        Name.SCHEDULES, schedule(teams=frozenset()), schedule("SC2", policies=frozenset(), teams=frozenset())
    )
    finding = found("SCH-04", facts(some, no_teams))
    assert (told(finding), finding.missing) == ({"SC2": "no escalation policy uses it"}, ())


def test_sch_05_somebody_on_call_twice_at_once() -> None:
    turn = Span(NOW + DAY, NOW + 2 * DAY)
    cut = Span(NOW + DAY + 20 * HOUR, NOW + 3 * DAY)
    after = Span(turn.end, turn.end + DAY)
    first = covered("SC1", shifts=(Shift(turn, "U1"), Shift(turn, "U2"), Shift(turn, None)))
    second = covered("SC2", shifts=(Shift(cut, "U1"), Shift(after, "U2"), Shift(turn, None)))
    finding = found("SCH-05", facts(TWO, dataset(Name.COVERAGE, first, second)))
    assert told(finding) == {
        "U1": "is on call in Checkout L1 and Data weekend at once from 2026-11-19 08:00 to 2026-11-19 12:00 UTC (4 h)"
    }
    assert (finding.wrong[0].name, finding.judged) == ("Name of U1", 2)
    # Twice in one schedule is one turn.
    twice = covered("SC1", shifts=(Shift(turn, "U1"), Shift(cut, "U1")))
    assert found("SCH-05", facts(dataset(Name.COVERAGE, twice))).result is Result.PASS


def test_sch_05_is_unknown_while_a_schedule_is() -> None:
    finding = found("SCH-05", facts(TWO))
    assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"U1", "U2"})
