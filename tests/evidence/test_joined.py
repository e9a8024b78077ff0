"""Each grave incident has its case beside it, with the times of both; what was not read is not told as "no case"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.incidents import Actor, CaseOf, Entry, Incident
from syncd.evidence.findings.judging import Result
from syncd.evidence.joined import Joined, Standing, counted, joined
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from tests.evidence.account import NOW, dataset, entry, facts, found, incident, minutes

CASES = {"closed": True, "open": False}


def beside(*rows: Incident, cases: tuple[CaseOf, ...] = (), is_whole: bool = True) -> dict[str, Joined]:
    missing = () if is_whole else (Missing(Lack.FAILED),)
    of = facts(
        dataset(Name.INCIDENTS, *rows),
        dataset(Name.OPEN_INCIDENTS, *(one for one in rows if not one.is_resolved)),
        dataset(Name.CASES, *cases, missing=missing),
    )
    return {one.incident.id: one for one in joined(of, Rules(), Span(NOW - Rules().window, NOW))}


def case(number: int, *, is_closed: bool) -> CaseOf:
    return CaseOf(f"I{number}", f"CS-{number}", is_closed)


def test_every_pair_of_ends_has_its_word() -> None:
    rows = [incident(1), incident(2), incident(3, resolved=None), incident(4, resolved=None), incident(5)]
    told = beside(*rows, cases=tuple(case(at, is_closed=at in {1, 3}) for at in range(1, 5)))
    assert {one.id: told[one.id].standing for one in rows} == {
        "I1": Standing.CLOSED,
        "I2": Standing.OPEN,
        "I3": Standing.AHEAD,
        "I4": Standing.UNDER_WAY,
        "I5": Standing.NO_CASE,
    }
    assert counted(told.values()) == {one: int(one is not Standing.UNKNOWN) for one in Standing}


def test_links_that_were_not_read_are_no_reason_to_miss_a_case() -> None:
    assert beside(incident(1), is_whole=False)["I1"].standing is Standing.UNKNOWN


def test_the_times_of_both_stand_beside_each_other() -> None:
    began = NOW - timedelta(days=2)
    opened, closed = began + minutes(1), began + minutes(90)
    kept = replace(case(1, is_closed=True), opened_at=opened, closed_at=closed)
    told = beside(incident(1, acknowledged=4, resolved=60), cases=(kept,))["I1"]
    assert (told.triggered_at, told.acknowledged_at, told.resolved_at) == (
        began,
        began + minutes(4),
        began + minutes(60),
    )
    assert told.case is not None
    assert (told.case.opened_at, told.case.closed_at, told.has_note) == (opened, closed, True)


def test_a_program_acknowledges_for_nobody_and_an_open_incident_has_no_end() -> None:
    began = NOW - timedelta(days=1)
    log = (
        entry(began, Entry.TRIGGER),
        entry(began + minutes(1), Entry.ACKNOWLEDGE, Actor.API),
        entry(began + minutes(9), Entry.RESOLVE),
        entry(began + minutes(20), Entry.TRIGGER),
    )
    told = beside(incident(1, status="triggered", age=timedelta(days=1), log=log))["I1"]
    assert (told.acknowledged_at, told.resolved_at, told.has_note) == (None, None, False)
    unread = beside(incident(1, log=None))["I1"]
    assert (unread.acknowledged_at, unread.has_note, unread.triggered_at) == (None, None, NOW - timedelta(days=2))


def test_only_grave_ones_of_the_window_that_stand_for_themselves() -> None:
    rows = (
        incident(1, priority="P3"),
        incident(2, is_merged=True),
        incident(3, age=timedelta(days=31)),
        incident(4, priority="P2"),
        incident(5, age=timedelta(days=3)),
    )
    assert list(beside(*rows)) == ["I5", "I4"], "the oldest first"


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=8))
def test_the_check_names_exactly_those_whose_case_is_not_in_order(given_rows: list[tuple[bool, bool, bool]]) -> None:
    rows, cases = [], []
    for number, (is_resolved, has_case, is_closed) in enumerate(given_rows, 1):
        rows.append(incident(number, resolved=60 if is_resolved else None))
        cases += [case(number, is_closed=is_closed)] if has_case else []
    told = beside(*rows, cases=tuple(cases))
    of = facts(dataset(Name.INCIDENTS, *rows), dataset(Name.CASES, *cases))
    finding = found("INC-04", of)
    wrong = {one for one, row in told.items() if row.standing in {Standing.OPEN, Standing.NO_CASE} and row.resolved_at}
    assert {one.subject for one in finding.wrong} == wrong
    assert (finding.result is Result.FAIL) is bool(wrong)
