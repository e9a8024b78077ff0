"""The box in the bar: whatever somebody has in hand at night leads to one sentence, who has to act, and one button."""

from __future__ import annotations

import re

import pytest

from syncd.console.pages.remedies import _BUTTONS
from syncd.core.changes import Side
from syncd.core.permissions import Role
from syncd.core.why.verdict import Act
from syncd.errors import Unauthorised
from syncd.flow.orders import pausing
from tests.console.access import add_account

from .operated import Operated

#: Only a command helps: parts are started, and connectors made, on the machine itself.
COMMANDS_ONLY = {Act.COLLECT, Act.START, Act.ADD_CONNECTOR}


def _linked(operated: Operated) -> int:
    operated.world.ask_for_incident()
    operated.world.drain()
    return operated.world.link().id


def test_every_page_has_the_box_and_nothing_asked_says_nothing(operated: Operated) -> None:
    assert 'action="/why"' in operated.see("/links")
    assert "Who has to act" not in operated.words("/why")


@pytest.mark.parametrize("ref", ["C-1", "I-1", "link:1", "1"])
def test_whatever_is_in_hand_leads_there(operated: Operated, ref: str) -> None:
    _linked(operated)
    words = operated.words(f"/why?ref={ref}")
    assert "C-1 ⇄ I-1" in words
    assert "What has happened so far" in words
    assert re.search(r"\d UTC \d\d:\d\d", words) is None, "each time stands there once"


def test_what_stops_it_is_one_sentence_with_who_has_to_act_and_a_button_that_helps(operated: Operated) -> None:
    number = _linked(operated)
    pausing.pause(operated.world.db, number, by="Eve", why="the desk is moved")
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    on = "/why?ref=C-1"
    words = operated.words(on)
    assert "the desk is moved" in words
    assert "Who has to act: you" in words
    operated.press(on, f"/links/{number}/resume")
    operated.world.drain()
    assert operated.world.incident.texts("I-1") == ["Ana (case): Rolling back."]


def test_a_refused_key_is_named_by_its_code_and_leads_to_its_account(operated: Operated) -> None:
    _linked(operated)
    for op in ("add_note", "check"):
        operated.world.incident.fail(op, Unauthorised("PagerDuty does not accept the key."), times=9)
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    page = operated.see("/why?ref=C-1").partition("<main")[2]
    assert 'href="/codes/PAG-100-B"' in page
    assert 'href="/integrations/pagerduty"' in page


def test_the_page_of_a_link_says_it_too(operated: Operated) -> None:
    number = _linked(operated)
    assert "in step, as far as is known" in operated.words(f"/links/{number}")
    pausing.pause(operated.world.db, number, by="Eve", why="the desk is moved")
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    assert "Who has to act: you" in operated.words(f"/links/{number}")


def test_what_is_not_known_is_said_to_be_unknown(operated: Operated) -> None:
    assert 'role="alert"' in operated.see("/why?ref=CS-404", 404)
    assert "<script>" not in operated.see("/why?ref=%3Cscript%3E", 404)


def test_a_viewer_is_told_and_cannot_press(operated: Operated) -> None:
    number = _linked(operated)
    pausing.pause(operated.world.db, number, by="Eve", why="the desk is moved")
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    operated.sign_in_as(Role.VIEWER)
    page = operated.see("/why?ref=C-1")
    assert "the desk is moved" in page
    assert f'action="/links/{number}/resume"' not in page


def test_everything_a_person_can_do_has_a_button_or_is_a_command() -> None:
    assert set(Act) == set(_BUTTONS) | COMMANDS_ONLY


def test_of_a_service_there_is_the_answer_and_no_history(operated: Operated) -> None:
    add_account(operated.world.db, "acme")
    words = operated.words("/why?ref=service:Payments")
    assert "so nothing is known of its services" in words
    assert "--evidence on" in words
    assert "gate 1: switched_on" in words
    assert "What has happened so far" not in words
