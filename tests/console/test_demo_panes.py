"""Are both sides in step? Told from what they say themselves, with the differences that are meant to be left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.console.demo.panes import CASE, INCIDENT, CasePane, IncidentPane, Line, Panes, case_pane, differences
from syncd.console.demo.watch import PATIENCE, Look, compare

STATUSES = {"open": "triggered", "acknowledged": "acknowledged", "resolved": "resolved"}


def a_case(status: str = "open", priority: str = "P2", note: str = "", *lines: Line, again: bool = False) -> CasePane:
    return CasePane("CS-1", "Checkout is slow", status, priority, note, "", lines, again)


def an_incident(status: str = "triggered", priority: str = "P2", *lines: Line) -> IncidentPane:
    return IncidentPane("Q1", 1, "Checkout is slow", status, priority, "", lines)


def said(text: str, *, ours: bool = False) -> Line:
    return Line("2026-11-21T12:00:00+00:00", "Ana Lima", text, ours)


@pytest.mark.parametrize("case", [*STATUSES, "closed"])
@pytest.mark.parametrize("incident", STATUSES.values())
def test_status_is_in_step_when_it_means_the_same_or_the_case_is_closed(case: str, incident: str) -> None:
    in_step = case == "closed" or STATUSES[case] == incident
    assert (not differences(Panes(a_case(case), an_incident(incident)))) is in_step


def test_a_reopened_case_does_not_want_its_incident_back() -> None:
    resolved = an_incident("resolved")
    assert not differences(Panes(a_case("open", again=True), resolved))
    assert not differences(Panes(a_case("acknowledged", again=True), resolved))
    assert differences(Panes(a_case("open", again=True), an_incident("acknowledged"))) == {"status": ""}


@pytest.mark.parametrize(("case", "incident", "in_step"), [("P1", "P1", True), ("P1", "P2", False), ("P1", "", True)])
def test_priority(case: str, incident: str, *, in_step: bool) -> None:
    found = differences(Panes(a_case(priority=case), an_incident(priority=incident)))
    assert found == ({} if in_step else {"priority": ""})


def test_a_text_of_a_person_must_stand_on_the_other_side_too() -> None:
    case, incident = a_case("open", "P2", "", said("Looking.")), an_incident("triggered", "P2", said("Paging Ben."))
    assert differences(Panes(case, incident)) == {"notes on the case": CASE, "notes on the incident": INCIDENT}
    case = replace(case, comments=(*case.comments, said("Paging Ben.", ours=True)))
    assert differences(Panes(case, incident)) == {"notes on the incident": INCIDENT}
    incident = replace(incident, notes=(*incident.notes, said("Ana Lima (case): Looking.", ours=True)))
    assert not differences(Panes(case, incident))


def test_the_same_words_twice_must_stand_twice() -> None:
    case = a_case("open", "P2", "", said("+1"), said("+1"))
    once = an_incident("triggered", "P2", said("Ana: +1", ours=True))
    assert differences(Panes(case, once)) == {"notes on the incident": INCIDENT}


def test_a_resolution_note_is_looked_for_in_its_field_and_among_the_notes() -> None:
    typed = an_incident("resolved", "P2", said("Resolution Note: Rolled back."))
    assert differences(Panes(a_case("resolved"), typed)) == {"notes on the case": CASE}
    assert not differences(Panes(a_case("resolved", "P2", "Rolled back."), typed))
    silent = an_incident("resolved")
    assert differences(Panes(a_case("resolved", "P2", "Rolled back."), silent)) == {"notes on the incident": INCIDENT}


def test_a_side_that_cannot_be_read_is_not_behind() -> None:
    assert not differences(Panes("no answer", an_incident()))
    assert not differences(Panes(a_case(), "no answer"))
    assert not differences(Panes(a_case(), None))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), False),
        ((("resolve", "page"), ("reopen", "page")), True),
        ((("resolve", "page"), ("reopen", "PagerDuty")), False),
        ((("reopen", "page"), ("resolve", "page")), False),
    ],
)
def test_who_reopened_it_is_read_from_the_timeline(kinds: tuple[tuple[str, str], ...], *, expected: bool) -> None:
    case = {
        "key": "CS-1",
        "title": "t",
        "status": "open",
        "priority": "P2",
        "resolution_note": "",
        "incident_url": "",
        "comments": [],
        "timeline": [{"kind": kind, "via": via} for kind, via in kinds],
    }
    assert case_pane(case).is_reopened is expected


def looked(*steps: tuple[float, Panes]) -> Look:
    look = None
    for now, panes in steps:
        look = compare(look, panes, now)
    assert look is not None
    return look


IN_STEP = Panes(a_case(), an_incident())
CASE_LEADS = Panes(a_case("acknowledged"), an_incident())
INCIDENT_LEADS = Panes(a_case(), an_incident("acknowledged"))


def test_nothing_is_said_before_the_other_side_had_its_time() -> None:
    look = looked((0.0, IN_STEP), (1.0, CASE_LEADS), (1.0 + PATIENCE - 0.1, CASE_LEADS))
    assert (look.sentence(), look.age()) == ("", "")


@pytest.mark.parametrize(("panes", "behind"), [(CASE_LEADS, "incident"), (INCIDENT_LEADS, "case")])
def test_the_side_that_did_not_move_is_the_one_behind(panes: Panes, behind: str) -> None:
    look = looked((0.0, IN_STEP), (1.0, panes), (5.0, panes))
    assert look.sentence() == f"The {behind} has not followed yet (status) — is the worker running?"
    assert look.age() == "4 s"


def test_a_difference_that_was_there_from_the_start_blames_nobody() -> None:
    look = looked((0.0, CASE_LEADS), (4.0, CASE_LEADS))
    assert look.sentence() == "The two sides differ in status — is the worker running?"


def test_it_is_forgotten_when_the_other_side_has_followed() -> None:
    followed = Panes(a_case("acknowledged"), an_incident("acknowledged"))
    look = looked((0.0, IN_STEP), (1.0, CASE_LEADS), (5.0, CASE_LEADS), (6.0, followed))
    assert look.sentence() == ""
    again = compare(look, Panes(a_case("acknowledged"), an_incident("resolved")), 7.0)
    assert again.lags[0].since == 7.0


def test_the_wait_goes_on_while_the_leading_side_moves_on() -> None:
    resolved = Panes(a_case("resolved"), an_incident())
    look = looked((0.0, IN_STEP), (1.0, CASE_LEADS), (3.0, resolved), (5.0, resolved))
    assert look.age() == "4 s"
