"""The last thirty days of a check: the worst of each day, and nothing where nobody judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.findings.judging import Result
from syncd.evidence.report.strips import DAYS, Told, begin, strips

END = datetime(2026, 11, 17, 12, tzinfo=UTC)


def test_a_day_is_as_bad_as_its_worst_moment_and_a_day_without_a_judging_is_none() -> None:
    day = END - timedelta(days=3)
    history = [
        Told("SVC-01", day, Result.PASS),
        Told("SVC-01", day + timedelta(hours=1), Result.FAIL),
        Told("SVC-01", day + timedelta(hours=2), Result.PASS),
        Told("SVC-01", END, Result.PASS),
        Told("SVC-02", END, Result.UNKNOWN),
    ]
    found = strips(history, ["SVC-01", "SVC-02", "SVC-03"], END)
    told = {one.date.isoformat(): one.result for one in found["SVC-01"] if one.result}
    assert told == {"2026-11-14": Result.FAIL, "2026-11-17": Result.PASS}
    assert [one.result for one in found["SVC-02"]][-2:] == [None, Result.UNKNOWN]
    assert {one.result for one in found["SVC-03"]} == {None}


@given(st.lists(st.tuples(st.integers(-60 * 24, 0), st.sampled_from(Result)), max_size=30))
def test_there_are_thirty_days_up_to_the_last_and_a_fail_is_never_hidden(judgings: list[tuple[int, Result]]) -> None:
    history = [Told("EP-01", END + timedelta(hours=hours), result) for hours, result in judgings]
    (days,) = strips(history, ["EP-01"], END).values()
    assert len(days) == DAYS
    assert (days[0].date, days[-1].date) == (begin(END).date(), END.date())
    failed = {one.at.date() for one in history if one.result is Result.FAIL and one.at >= begin(END)}
    assert {one.date for one in days if one.result is Result.FAIL} == failed
    judged = {one.at.date() for one in history if one.at >= begin(END)}
    assert {one.date for one in days if one.result is not None} == judged
