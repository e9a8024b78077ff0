"""INC-01 to INC-04."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.incidents import Actor, CaseOf, Entry, Incident
from syncd.evidence.findings.judging import Result
from syncd.evidence.rules.values import Clock, Rules, Target
from tests.evidence.account import COLLECTED, NOW, dataset, entry, facts, found, incident, minutes, not_read, told

DAY = timedelta(days=1)


def _of(incidents: Sequence[Incident]) -> Facts:
    return facts(dataset(Name.INCIDENTS, *incidents))


def test_inc_01_holds_where_nine_in_ten_were_in_time() -> None:
    in_time = [incident(at, acknowledged=5) for at in range(9)]
    late = [incident(at, acknowledged=5.5) for at in (20, 21)]
    assert found("INC-01", _of([*in_time, late[0]])).result is Result.PASS
    finding = found("INC-01", _of([*in_time, *late]))
    assert (finding.result, finding.judged, set(told(finding))) == (Result.FAIL, 11, {"I20", "I21"})
    assert told(finding)["I20"] == (
        "waited 5 min 30 s for somebody to acknowledge it, and the target is 5 min (2 of 11 P1 incidents were late, p90 is 5 min 30 s)"
    )
    assert found("INC-01", _of([*in_time, *late]), Rules(acknowledge_percent=81)).result is Result.PASS


def test_inc_01_judges_each_priority_by_its_own_target() -> None:
    some = _of(
        [
            incident(1, acknowledged=14),
            incident(2, acknowledged=14, priority="P2"),
            incident(3, acknowledged=16, priority=""),
        ]
    )
    assert set(told(found("INC-01", some))) == {"I1", "I3"}
    stricter = Rules(targets={"P2": Target(10, 60), "*": Target(20, 60)})
    assert set(told(found("INC-01", some, stricter))) == {"I2"}


def test_inc_01_many_of_one_priority_do_not_hide_a_late_one_of_another() -> None:
    many = [incident(at, acknowledged=1, priority="P4") for at in range(50)]
    some = _of([*many, incident(60, acknowledged=16, priority="P2"), incident(61, acknowledged=16, priority="")])
    late = told(found("INC-01", some))
    assert set(late) == {"I60", "I61"}
    assert "(1 of 1 P2 incidents were late" in late["I60"]
    assert "(1 of 1 incidents without a priority were late" in late["I61"]


def test_inc_01_a_program_is_no_person() -> None:
    began = NOW - DAY
    by_api = incident(
        1,
        log=(
            entry(began, Entry.TRIGGER, Actor.API),
            entry(began + minutes(1), Entry.ACKNOWLEDGE, Actor.API),
            entry(began + minutes(6), Entry.RESOLVE),
        ),
        created_at=began,
    )
    finding = found("INC-01", _of([by_api]))
    assert told(finding)["I1"].startswith("waited 6 min, and no person acknowledged it")
    assert found("INC-01", _of([by_api]), Rules(api_is_person=True)).result is Result.PASS


def test_inc_01_what_was_over_before_somebody_had_to_come_counts_for_nothing() -> None:
    assert found("INC-01", _of([incident(1, acknowledged=None, resolved=5), incident(2)])).judged == 1
    assert set(told(found("INC-01", _of([incident(1, acknowledged=None, resolved=6)])))) == {"I1"}


@pytest.mark.parametrize("check", ["INC-01", "INC-02"])
def test_one_that_is_young_may_still_be_in_time_and_nobody_is_late_by_what_was_not_read(check: str) -> None:
    began = COLLECTED - minutes(4)
    young = incident(9, acknowledged=None, resolved=None, age=NOW - began)
    assert found(check, _of([incident(1), young])).judged == 1
    # Collected after 4 min, judged after 24.
    older = incident(9, acknowledged=None, resolved=None, age=NOW - COLLECTED + minutes(6))
    assert set(told(found("INC-01", _of([older])))) == {"I9"}


@pytest.mark.parametrize("check", ["INC-01", "INC-02"])
def test_merged_ones_and_those_before_the_window_are_left_out(check: str) -> None:
    merged = incident(1, acknowledged=900, resolved=90_000, age=70 * DAY, is_merged=True, created_at=NOW - DAY)
    before = incident(2, acknowledged=900, resolved=2000, age=31 * DAY)
    finding = found(check, _of([merged, before, incident(3)]))
    assert (finding.result, finding.judged) == (Result.PASS, 1)


def test_the_window_begins_with_its_first_moment() -> None:
    on_the_edge, before = incident(1, age=30 * DAY), incident(2, age=30 * DAY + timedelta(seconds=1))
    assert found("INC-01", _of([on_the_edge, before])).judged == 1


@pytest.mark.parametrize("check", ["INC-01", "INC-02", "INC-04"])
def test_an_incident_without_its_log_is_not_known(check: str) -> None:
    finding = found(check, _of([incident(1), incident(2, log=None)]))
    assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"I2"})


def test_inc_01_is_unknown_where_it_is_not_told_who_it_was() -> None:
    began = NOW - DAY
    log = (
        entry(began, Entry.TRIGGER, Actor.API),
        entry(began + minutes(2), Entry.ACKNOWLEDGE, Actor.UNKNOWN),
        entry(began + minutes(60), Entry.RESOLVE),
    )
    some = _of([incident(1, log=log, created_at=began)])
    assert found("INC-01", some).unread[0].sentence == "its log does not tell who acknowledged it"
    assert found("INC-02", some).result is Result.PASS


def test_inc_02_every_incident_is_resolved_in_time() -> None:
    some = _of([incident(at, resolved=240) for at in range(20)] + [incident(30, resolved=241)])
    assert told(found("INC-02", some)) == {
        "I30": "was resolved after 4 h 1 min, and the target is 4 h (1 of 21 P1 incidents were late, p100 is 4 h 1 min)"
    }
    assert found("INC-02", some, Rules(resolve_percent=95)).result is Result.PASS
    still = _of([incident(1, resolved=None, age=timedelta(hours=5))])
    assert told(found("INC-02", still))["I1"].startswith("is still not resolved after 4 h 40 min")


def test_inc_02_by_either_clock() -> None:
    began = NOW - DAY
    log = [
        entry(began + minutes(at), what)
        for at, what in [(0, Entry.TRIGGER), (2, Entry.ACKNOWLEDGE), (60, Entry.RESOLVE)]
    ]
    log += [entry(began + minutes(at), what) for at, what in [(300, Entry.TRIGGER), (310, Entry.RESOLVE)]]
    some = _of([incident(1, log=tuple(log), created_at=began)])
    assert found("INC-02", some).result is Result.FAIL
    by_open = found("INC-02", some, Rules(clock=Clock.OPEN))
    assert by_open.result is Result.PASS
    assert "without the time between a resolve and a reopening" in by_open.stated


def _open(*incidents: Incident, **changes: object) -> Facts:
    return facts(dataset(Name.OPEN_INCIDENTS, *incidents, **changes))


def test_inc_03_left_open_or_unacknowledged() -> None:
    late = NOW - COLLECTED
    some = _open(
        incident(1, resolved=None, age=late + 7 * DAY),
        incident(2, resolved=None, age=late + 7 * DAY + minutes(1)),
        incident(3, acknowledged=None, resolved=None, age=late + DAY),
        incident(4, acknowledged=None, resolved=None, age=late + DAY + minutes(1)),
        incident(5, acknowledged=None, resolved=None, age=late + 2 * DAY, log=None),
        incident(6, acknowledged=None, resolved=None, age=late + 8 * DAY, log=None),
        incident(7, age=late + 9 * DAY),  # resolved while pages were turned
    )
    finding = found("INC-03", some)
    assert told(finding) == {
        "I2": "it has been open for 7 d 1 min",
        "I4": "nobody has acknowledged it for 1 d 1 min",
        "I6": "it has been open for 8 d",
    }
    assert (not_read(finding), finding.judged) == ({"I5"}, 5)


@pytest.mark.parametrize(
    ("log", "hours"),
    [
        ([(0, Entry.TRIGGER), (1, Entry.ACKNOWLEDGE), (10, Entry.UNACKNOWLEDGE)], 38),
        ([(0, Entry.TRIGGER), (1, Entry.ACKNOWLEDGE), (24, Entry.UNACKNOWLEDGE)], 0),
        ([(0, Entry.TRIGGER), (1, Entry.ACKNOWLEDGE), (5, Entry.TRIGGER), (30, Entry.UNACKNOWLEDGE)], 0),
        ([(0, Entry.TRIGGER), (1, Entry.RESOLVE), (2, Entry.TRIGGER), (3, Entry.TRIGGER)], 46),
        ([(0, Entry.TRIGGER), (1, Entry.ACKNOWLEDGE), (2, Entry.RESOLVE), (40, Entry.TRIGGER)], 0),
    ],
    ids=["timeout", "on time", "again", "reopened", "lately"],
)
def test_inc_03_waits_since_it_last_became_triggered(log: list[tuple[int, Entry]], hours: int) -> None:
    began = COLLECTED - timedelta(hours=48)
    entries = tuple(entry(began + timedelta(hours=at), what) for at, what in log)
    finding = found("INC-03", _open(incident(1, status="triggered", created_at=began, log=entries)))
    wrong = f"nobody has acknowledged it for {hours // 24} d {hours % 24} h"
    assert told(finding) == ({"I1": wrong} if hours else {})


def test_inc_03_is_unknown_where_the_log_does_not_tell_since_when() -> None:
    began = COLLECTED - 2 * DAY
    log = (entry(began, Entry.TRIGGER), entry(began + minutes(1), Entry.ACKNOWLEDGE))
    assert found("INC-03", _open(incident(1, status="triggered", created_at=began, log=log))).result is Result.UNKNOWN


def test_inc_04_a_note_and_a_closed_case() -> None:
    def silent(number: int, **changes: object) -> Incident:
        whole = incident(number)
        return replace(whole, log=tuple(replace(one, has_note=False) for one in whole.log or ()), **changes)  # type: ignore[arg-type]

    cases = dataset(
        Name.CASES,
        CaseOf("I1", "CASE-1", is_closed=True),
        CaseOf("I2", "CASE-2", is_closed=False),
        CaseOf("I4", "CASE-4", is_closed=True),
    )
    some = [
        incident(1),
        incident(2),
        incident(3, priority="P2"),
        silent(4),
        silent(5),
        silent(6, priority="P3"),
        silent(7, is_merged=True),
        silent(8, status="acknowledged"),
    ]
    finding = found("INC-04", facts(cases, of=_of(some)))
    assert told(finding) == {
        "I2": "P1: has a case that is still open (CASE-2)",
        "I3": "P2: has no case",
        "I4": "P1: has no resolution note",
        "I5": "P1: has no resolution note and has no case",
    }
    assert finding.judged == 5
    by_note = found("INC-04", facts(cases, of=_of(some)), Rules(with_case=False))
    assert set(told(by_note)) == {"I4", "I5"}


def test_inc_04_an_incident_may_have_a_case_that_was_not_read() -> None:
    limited = dataset(Name.CASES, CaseOf("I1", "CASE-1", is_closed=True), missing=(Missing(Lack.THROTTLED),))
    finding = found("INC-04", facts(limited, of=_of([incident(1), incident(2)])))
    assert (finding.wrong, not_read(finding), finding.judged) == ((), {"I2"}, 1)


def test_inc_04_without_cases_a_note_is_not_enough_unless_that_is_the_rule() -> None:
    unread = facts(dataset(Name.CASES, collected_at=None, missing=(Missing(Lack.NOT_GIVEN),)))
    finding = found("INC-04", unread)
    assert (finding.result, finding.wrong) == (Result.UNKNOWN, ())
    assert found("INC-04", unread, Rules(with_case=False)).result is Result.PASS
