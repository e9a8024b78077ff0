"""Response times against two sheets that were worked by hand, in minutes: one line an incident, one line a group of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.facts.incidents import Actor, Entry, Incident, LogEntry, in_order
from syncd.evidence.rules.values import Clock, Rules
from syncd.evidence.times import STATED, By, Measured, Spread, Times, groups, percentile, spread, stated, times

HERE = Path(__file__).parent
BEGAN = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(days=10)
Line = dict[str, str]


def _sheet(name: str) -> list[Line]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _after(minutes: str) -> timedelta | None:
    return timedelta(minutes=float(minutes)) if minutes else None


def _log(told: str) -> tuple[LogEntry, ...] | None:
    entries = [one.split() for one in told.split(";") if one.strip()]
    found = [
        LogEntry(f"R{number}", BEGAN + timedelta(minutes=float(at)), Entry(what), Actor(who), "PUSER")
        for number, (at, what, who) in enumerate(entries)
    ]
    return tuple(found) if found else None


def _incident(line: Line) -> Incident:
    return Incident(
        id=line["id"],
        number=int(line["id"][1:]),
        created_at=BEGAN,
        status=line["status"],
        service=line["service"],
        priority=line["priority"],
        teams=tuple(line["teams"].split()),
        is_merged=line["merged"] == "yes",
        log=_log(line["log"]),
    )


SHEET = _sheet("incidents.csv")


def _times(rules: Rules) -> list[Times]:
    return [times(_incident(line), rules, NOW) for line in SHEET]


@pytest.mark.parametrize("line", SHEET, ids=[line["id"] for line in SHEET])
def test_an_incident_took_as_long_as_the_sheet_says(line: Line) -> None:
    found = times(_incident(line), Rules(), NOW)
    assert found.measured == line["measured"]
    assert found.acknowledged == _after(line["acknowledged"])
    assert found.waited == _after(line["waited"])
    assert found.resolved == _after(line["elapsed"])
    assert (found.acknowledged_by or "") == line["acknowledged_by"]
    assert (found.resolved_by or "") == line["resolved_by"]
    assert found.reopened == int(line["reopened"] or 0)
    by_open = times(_incident(line), Rules(clock=Clock.OPEN), NOW)
    assert by_open.resolved == _after(line["open"])


@pytest.mark.parametrize("by", list(By), ids=str)
def test_groups_are_those_of_the_sheet(by: By) -> None:
    found = groups(_times(Rules()), by, Rules())
    wanted = [line for line in _sheet("groups.csv") if line["by"] == by]
    assert [one.key for one in found] == [line["key"] for line in wanted]
    for one, line in zip(found, wanted, strict=True):
        numbers = (
            one.incidents,
            one.known,
            one.merged,
            one.never_acknowledged,
            one.late_acknowledged,
            one.late_resolved,
        )
        assert numbers == tuple(
            int(line[key]) for key in ("incidents", "known", "merged", "never", "late_ack", "late_res")
        )
        assert one.acknowledged == _spread(line, "ack")
        assert one.resolved == _spread(line, "res")


def _spread(line: Line, kind: str) -> Spread:
    p50, p90, most = (_after(line[f"{kind}_{which}"]) for which in ("p50", "p90", "max"))
    return Spread(int(line[f"{kind}_n"]), p50, p90, most)


def test_an_acknowledgement_by_the_api_may_count_as_the_persons_whose_name_it_bears() -> None:
    line = next(one for one in SHEET if one["id"] == "I3")
    assert times(_incident(line), Rules(api_is_person=True), NOW).acknowledged == timedelta(minutes=1)
    # A user that is a program is no person by whatever way it comes.
    assert times(_incident(line), Rules(programs=("PUSER",)), NOW).acknowledged is None


def test_whoever_reopens_an_incident_by_acknowledging_it_has_let_nobody_wait() -> None:
    told = "0 trigger api; 10 resolve api; 50 acknowledge person"
    still = times(replace(_incident(SHEET[0]), status="acknowledged", log=_log(told)), Rules(), NOW)
    assert (still.measured, still.reopened, still.acknowledged) == (Measured.YES, 1, timedelta())
    done = times(replace(_incident(SHEET[0]), log=_log(f"{told}; 60 resolve person")), Rules(), NOW)
    assert (done.acknowledged, done.waited) == (timedelta(), timedelta(minutes=10))
    assert (done.reopened, done.resolved) == (1, timedelta(minutes=60))


def test_a_log_that_lacks_its_beginning_tells_no_times() -> None:
    cut = replace(_incident(SHEET[0]), log=_log("3 acknowledge person; 63 resolve person"))
    assert times(cut, Rules(), NOW).measured is Measured.INCOMPLETE


def test_a_clock_that_is_ahead_of_ours_makes_no_time_negative() -> None:
    line = next(one for one in SHEET if one["id"] == "I9")
    found = times(_incident(line), Rules(), BEGAN - timedelta(seconds=3))
    assert (found.waited, found.lasted) == (timedelta(), timedelta())
    done = next(one for one in SHEET if one["id"] == "I1")
    assert times(_incident(done), Rules(), BEGAN) == times(_incident(done), Rules(), NOW)


def test_the_clock_that_is_used_is_stated() -> None:
    for clock in Clock:
        assert STATED[clock] in stated(Rules(clock=clock))
    assert "program in a person's name" in stated(Rules(api_is_person=True))


@given(st.permutations(range(6)))
def test_the_order_in_which_pages_bring_a_log_does_not_matter(order: list[int]) -> None:
    line = next(one for one in SHEET if one["id"] == "I4")
    whole = _incident(line)
    assert whole.log is not None
    mixed = replace(whole, log=in_order([*(whole.log[at] for at in order), whole.log[order[0]]]))
    assert times(mixed, Rules(), NOW) == times(whole, Rules(), NOW)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_a_time_that_was_and_enough_are_within_it(minutes: list[int], percent: int) -> None:
    ordered = sorted(timedelta(minutes=one) for one in minutes)
    found = percentile(ordered, percent)
    assert found in ordered
    assert sum(one <= found for one in ordered) * 100 >= percent * len(ordered)
    assert sum(one < found for one in ordered) * 100 < percent * len(ordered)


def test_of_nothing_there_is_no_percentile() -> None:
    assert spread([]) == Spread(0)


@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 200))
def test_time_between_a_resolve_and_a_reopening_is_left_out_by_one_clock_only(
    first: int, between: int, then: int
) -> None:
    told = (
        f"0 trigger api; {first} resolve person; {first + between} trigger api; {first + between + then} resolve person"
    )
    one = replace(_incident(SHEET[0]), log=in_order(_log(told) or ()))
    elapsed, was_open = (times(one, Rules(clock=clock), NOW) for clock in (Clock.ELAPSED, Clock.OPEN))
    assert (elapsed.measured, elapsed.reopened) == (Measured.YES, 1)
    assert elapsed.resolved == timedelta(minutes=first + between + then)
    assert was_open.resolved == timedelta(minutes=first + then)


def test_what_cannot_be_ordered_is_not_measured() -> None:
    """Resolved and reopened in the same second: whether it is open is not told by its log."""
    one = replace(
        _incident(SHEET[0]),
        status="triggered",
        log=in_order(_log("0 trigger api; 5 resolve person; 5 trigger api") or ()),
    )
    assert times(one, Rules(), NOW).measured is Measured.INCOMPLETE
