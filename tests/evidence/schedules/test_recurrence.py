"""Recurrences against dateutil, which knows all of RFC 5545; and what is said of a rule that is not understood here."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.schedules.reading_rules import recurrence
from syncd.evidence.schedules.recurrence import Recurrence, occurrences

_ZONE = ZoneInfo("America/New_York")
_DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
_FIRST = datetime.fromisoformat("2026-01-05T09:00")  # a Monday


def _listed(values: st.SearchStrategy[str], name: str) -> st.SearchStrategy[str]:
    return st.one_of(
        st.just(""), st.lists(values, min_size=1, max_size=3).map(lambda some: f";{name}={','.join(some)}")
    )


_MONTH_DAYS = st.one_of(st.integers(1, 31), st.integers(-31, -1)).map(str)
_NTH = st.builds(lambda which, day: f"{which}{day}", st.sampled_from(["1", "2", "3", "+4", "5", "-1", "-2"]), _DAYS)
_INTERVAL = st.integers(1, 5).map(lambda some: f";INTERVAL={some}")
# Ordinals and days of the month at once, and hours of one day of the month, may meet never: dateutil then goes on to the year 9999.
_RULES = st.one_of(
    st.builds("FREQ=HOURLY{}{}".format, _INTERVAL, _listed(_DAYS, "BYDAY")),
    st.builds("FREQ=DAILY{}{}{}".format, _INTERVAL, _listed(_DAYS, "BYDAY"), _listed(_MONTH_DAYS, "BYMONTHDAY")),
    st.builds("FREQ=WEEKLY;WKST={}{}{}".format, _DAYS, _INTERVAL, _listed(_DAYS, "BYDAY")),
    st.builds("FREQ=MONTHLY{}{}".format, _INTERVAL, _listed(_NTH, "BYDAY")),
    st.builds("FREQ=MONTHLY{}{}{}".format, _INTERVAL, _listed(_DAYS, "BYDAY"), _listed(_MONTH_DAYS, "BYMONTHDAY")),
)
_ENDS = st.one_of(
    st.just(""),
    st.integers(1, 40).map(lambda some: f";COUNT={some}"),
    st.integers(0, 100).map(lambda days: f";UNTIL={_FIRST + timedelta(days=days):%Y%m%dT%H%M%S}"),
)
_TIMES = st.lists(st.integers(0, 60).map(lambda days: _FIRST + timedelta(days=days)), max_size=3)


@settings(max_examples=200)
@given(_RULES, _ENDS, st.integers(0, 40), _TIMES, _TIMES)
def test_a_rule_means_what_dateutil_says_it_means(
    rule: str, end: str, later: int, added: list[datetime], removed: list[datetime]
) -> None:
    first, before = _FIRST + timedelta(days=later), _FIRST + timedelta(days=150)
    lines = [f"RRULE:{rule}{end}"]
    judge = rruleset()
    judge.rrule(rrulestr(rule + end, dtstart=first))
    for name, times, tell in (("RDATE", added, judge.rdate), ("EXDATE", removed, judge.exdate)):
        lines += [f"{name}:{','.join(f'{one:%Y%m%dT%H%M%S}' for one in times)}"] if times else []
        for one in times:
            tell(one)
    found = occurrences(recurrence(At(lines, "recurrence"), _ZONE), first, before)
    assert list(found.starts) == [one for one in judge.between(_FIRST, before, inc=True) if one < before]


@pytest.mark.parametrize(
    ("end", "is_over"), [("", False), (";COUNT=3", True), (";COUNT=400", False), (";UNTIL=20260110", True)]
)
def test_it_is_told_whether_more_will_come(end: str, is_over: bool) -> None:
    found = occurrences(_read(f"RRULE:FREQ=DAILY{end}"), _FIRST, _FIRST + timedelta(days=30))
    assert found.are_over is is_over


def test_until_is_a_moment_and_its_own_day_still_counts() -> None:
    """14:00 UTC is nine o'clock in New York; the day of an UNTIL without a time is one of them to its end."""
    for until, times in (("20260107T140000Z", 3), ("20260107T135900Z", 2), ("20260107", 3), ("20260107T090000", 3)):
        found = occurrences(_read(f"RRULE:FREQ=DAILY;UNTIL={until}"), _FIRST, _FIRST + timedelta(days=30))
        assert len(found.starts) == times, until


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20260107T140000Z",
        "EXDATE;TZID=Europe/London:20260107T140000",
        "EXDATE;VALUE=DATE:20260107",
        "EXDATE:20260107T090000",
    ],
)
def test_an_exception_is_named_in_any_of_four_ways(line: str) -> None:
    found = occurrences(_read("RRULE:FREQ=DAILY", line), _FIRST, _FIRST + timedelta(days=4))
    assert [one.day for one in found.starts] == [5, 6, 8]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "has 0 RRULE"),
        (["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "has 2 RRULE"),
        (["RRULE:FREQ=YEARLY"], "recurs YEARLY"),
        (["RRULE:INTERVAL=2"], "recurs never"),
        (["RRULE:FREQ=DAILY;BYHOUR=8,16"], "'BYHOUR=8,16', which is not understood here"),
        (["RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"], "'BYSETPOS=1', which is not understood here"),
        (["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260101"], "both COUNT and UNTIL"),
        (["RRULE:FREQ=DAILY;INTERVAL=0"], "'0' where a whole number"),
        (["RRULE:FREQ=WEEKLY;BYDAY=1MO"], "the weekday '1MO'"),
        (["RRULE:FREQ=MONTHLY;BYDAY=1MO,TU"], "'1MO,TU', some of each month and some of each week"),
        (["RRULE:FREQ=WEEKLY;BYMONTHDAY=1"], "BYMONTHDAY in a rule that is WEEKLY"),
        (["RRULE:FREQ=DAILY;UNTIL=tomorrow"], "'TOMORROW' where a time"),
        (["RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"], "begins with 'EXRULE'"),
        (["RRULE:FREQ=DAILY", "EXDATE;TZID=Middle/Earth:20260107T140000"], "begins with 'EXDATE;TZID=Middle/Earth'"),
        (["RRULE:FREQ=DAILY", "RDATE;VALUE=DATE:20260107"], "nor an RDATE with a time of the day"),
        (["RRULE:FREQ=DAILY", "RDATE;VALUE=PERIOD:20260107T140000Z/PT1H"], "begins with 'RDATE;VALUE=PERIOD'"),
        (["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260230"], "'20260230' where a time"),
    ],
)
def test_a_part_that_is_not_understood_is_never_passed_over(lines: list[str], said: str) -> None:
    with pytest.raises(Wrong) as wrong:
        recurrence(At(lines, "recurrence"), _ZONE)
    assert said in str(wrong.value)


def _read(*lines: str) -> Recurrence:
    return recurrence(At(list(lines), "recurrence"), _ZONE)
