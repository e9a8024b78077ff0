"""The list of links, and the page of one: what they say of a running system, and what can be pressed."""

from __future__ import annotations

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.permissions import Role
from syncd.errors import Refused, Unauthorised, Unreachable
from syncd.flow.orders import choosing, pausing
from tests.flow.world import CONNECTOR

from .operated import Operated

ON_CALL = "Nobody is on call."


def _linked(operated: Operated, ref: str = "C-1") -> int:
    operated.world.ask_for_incident(ref)
    operated.world.drain()
    return operated.world.link(ref).id


def test_without_a_link_the_page_says_how_the_first_one_comes(operated: Operated) -> None:
    assert "A case that asks for an incident makes the first one." in operated.words("/links")


def test_each_link_is_told_by_what_keeps_most_from_it(operated: Operated) -> None:
    for ref in ("C-1", "C-2", "C-3"):
        _linked(operated, ref)
    operated.world.comment(Side.CASE, "C-2", "Still waits.")
    operated.world.plan()
    pausing.pause(operated.world.db, operated.world.link("C-3").id, by="Eve", why="a test")
    words = operated.words("/links")
    assert "C-1 open I-1 open in step" in words
    assert "C-2 open I-2 open 1 waiting" in words
    assert "C-3 open I-3 open paused" in words
    assert "open 3 waiting 1 held 0 paused 1 conflict 0 failed 0 ended 0" in words
    assert "C-1" not in operated.words("/links?show=waiting").partition("connector")[2]


def test_a_part_of_a_key_or_a_title_finds_a_link(operated: Operated) -> None:
    _linked(operated)
    for about in ("c-1", "I-1", "out is SL", "C-1"):
        assert "checkout is slow" in operated.words(f"/links?about={about}").lower()
    for about in ("%25", "_", "C-2"):
        assert "No link is like that" in operated.words(f"/links?about={about}")


def test_pages_follow_each_other_without_a_gap(operated: Operated) -> None:
    for number in range(51):
        operated.world.ask_for_incident(f"C-{number}")
    operated.world.drain()
    first = operated.see("/links")
    assert first.count('<td><a href="/links/') == 50
    assert "Newest" not in first
    second = operated.see("/links?show=open&about=&before=2")
    assert second.count('<td><a href="/links/') == 1
    assert "before=2" in first
    assert "Newest" in second


def test_a_link_shows_both_records_and_which_way_each_change_went(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    page = operated.see(f"/links/{number}")
    words = operated.words(f"/links/{number}")
    assert "status acknowledged 12:00:00 nothing waits acknowledged 12:00:00" in words
    assert '<li class="ok inbound">' in page
    assert '<li class="ok outbound">' in page
    assert "acknowledge Ana in PagerDuty" in words
    assert "comment Ana on the case" in words
    assert "The text was added on the other side. Ana (case): Rolling back." in words


def test_what_came_to_nothing_as_it_should_is_counted_and_shown_when_asked(operated: Operated) -> None:
    number = _linked(operated)
    seen = operated.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    operated.world.drain()
    operated.world.tell(Side.INCIDENT, "I-1", seen)
    operated.world.drain()
    assert "show 1 that came to nothing" in operated.words(f"/links/{number}")
    assert "suppressed" not in operated.words(f"/links/{number}")
    assert "suppressed" in operated.words(f"/links/{number}?all=true")


def test_several_attempts_are_one_line(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.incident.fail("add_note", Unreachable("No answer."), times=2)
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    assert "next 12:00:0" in operated.words(f"/links/{number}")
    for _ in range(3):
        operated.world.wait(60)
    words = operated.words(f"/links/{number}")
    assert words.count("comment Ana on the case") == 1
    assert "try 3" in words


def test_a_change_on_its_way_is_told_with_its_field(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    operated.world.plan()
    words = operated.words(f"/links/{number}")
    assert "on its way to PagerDuty" in words
    assert "1 waiting" in words


def test_a_link_is_paused_and_goes_on(operated: Operated) -> None:
    number = _linked(operated)
    pressed = operated.press(f"/links/{number}", f"/links/{number}/pause", why="the desk is moved")
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"/links/{number}")
    words = operated.words(f"/links/{number}")
    assert "paused" in words
    assert "the desk is moved" in words
    operated.press(f"/links/{number}", f"/links/{number}/resume")
    assert "the desk is moved" not in operated.words(f"/links/{number}")


def test_what_cannot_be_done_to_a_link_is_said(operated: Operated) -> None:
    number = _linked(operated)
    assert operated.press(f"/links/{number}", f"/links/{number}/explode").status_code == 404
    assert operated.press(f"/links/{number}", "/links/77/pause").status_code == 404
    assert operated.client.post(f"/links/{number}/pause", data={"why": "no token"}).status_code == 403


@pytest.mark.parametrize("number", ["77", "9" * 18])
def test_a_link_that_is_not_there_is_said_to_be_none(operated: Operated, number: str) -> None:
    assert "There is no link" in operated.see(f"/links/{number}", 404)


def test_both_sides_are_read_when_somebody_compares(operated: Operated) -> None:
    number = _linked(operated)
    assert "Compared now" not in operated.words(f"/links/{number}")
    assert "Compared now, by reading both sides in step" in operated.words(f"/links/{number}?compare=true")
    operated.world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)  # And no hook came.
    words = operated.words(f"/links/{number}?compare=true")
    assert "status (case: open; incident: acknowledged)" in words


def test_a_side_that_cannot_be_read_is_told_in_its_sentence(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.incident.fail("fetch", Unreachable("PagerDuty does not answer."), times=9)
    assert "The incident I-1 cannot be read now (PagerDuty does not answer)" in operated.words(
        f"/links/{number}?compare=true"
    )


def test_a_case_without_an_incident_says_why(operated: Operated) -> None:
    operated.world.incident.fail("open", Refused(ON_CALL))
    number = _linked(operated)
    words = operated.words(f"/links/{number}")
    assert ON_CALL in words
    assert "C-1 ⇄ no incident" in words


def test_a_conflict_is_decided_on_its_page(operated: Operated) -> None:
    number = _linked(operated)
    choosing.choose(operated.world.db, CONNECTOR, {"priority": "manual"}, by="Eve")
    operated.world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    operated.world.plan()
    operated.world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    operated.world.drain()
    assert "a person decides" in operated.words(f"/links/{number}")
    assert "Conflicts 1" in operated.words("/links")
    words = operated.words("/conflicts")
    assert "C-1 ⇄ I-1 priority P1 Ana" in words
    decided = operated.press("/conflicts", "/conflicts", link=str(number), field="priority", to="case")
    assert decided.headers["location"] == "/conflicts"
    operated.world.drain()
    assert operated.world.incident.record("I-1").priority == "HIGH"
    assert "Nothing waits for a person." in operated.words("/conflicts")
    again = operated.client.post("/conflicts", data={"form_token": "0"})
    assert again.status_code == 403


def test_a_form_that_names_no_conflict_is_not_understood(operated: Operated) -> None:
    number = _linked(operated)
    assert operated.press(f"/links/{number}", "/conflicts", link="x", field="priority", to="case").status_code == 422
    refused = operated.press(f"/links/{number}", "/conflicts", link=str(number), field="priority", to="case")
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text


def test_a_viewer_sees_and_presses_nothing(operated: Operated) -> None:
    number = _linked(operated)
    operated.sign_in_as(Role.VIEWER)
    page = operated.see(f"/links/{number}")
    assert "Pause" not in page
    assert operated.press(f"/links/{number}", f"/links/{number}/pause", why="no").status_code == 403


def test_a_disconnected_account_stands_above_every_page(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.incident.fail("add_note", Unauthorised("PagerDuty does not accept the key."), times=9)
    operated.world.incident.fail("check", Unauthorised("PagerDuty does not accept the key."), times=9)
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    for address in ("/overview", "/links", f"/links/{number}", "/conflicts", "/codes"):
        words = operated.words(address)
        assert "pagerduty is disconnected PAG-100-B since 2026-11-21 12:00 UTC. 1 change is held, none lost." in words
        assert "syncd integrations rotate pagerduty" in words
        assert "Integrations 1" in words


def test_what_people_wrote_is_shown_and_never_obeyed(operated: Operated) -> None:
    operated.world.ask_for_incident("C-1", title="<script>alert(1)</script>`x` {{ 7*7 }} \u202egnp.exe")
    operated.world.drain()
    page = operated.see(f"/links/{operated.world.link().id}")
    assert "<script>alert(1)" not in page
    assert "{{ 7*7 }}" in page


def test_what_was_noted_is_shown_shortened_and_never_obeyed(operated: Operated) -> None:
    number = _linked(operated)
    operated.world.comment(Side.CASE, "C-1", "<img src=x onerror=alert(1)>\u202egnp" + "a" * 20_000)
    operated.world.drain()
    page = operated.see(f"/links/{number}")
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    assert len(page) < 40_000
