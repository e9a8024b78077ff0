"""The mappings: what each connector makes of what happens, tried on real events, and changed by whoever may."""

from __future__ import annotations

import re

import pytest

from syncd.core.changes import Actor, Field, Side
from syncd.core.permissions import Role

from .operated import Operated

ON, EDIT = "/mappings/payments", "/mappings/payments?edit=true"


@pytest.fixture
def busy(operated: Operated) -> Operated:
    operated.world.ask_for_incident()
    operated.world.drain()
    operated.world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    operated.world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "ODD", Actor("Ben"))
    operated.world.drain()
    return operated


def _was(operated: Operated) -> str:
    found = re.search(r'name="was" value="([0-9a-f]+)"', operated.see(EDIT))
    assert found is not None
    return found[1]


def test_the_tables_and_the_last_events_are_shown(busy: Operated) -> None:
    assert "payments" in busy.words("/mappings")
    words = busy.words(ON)
    assert "These of PagerDuty mean nothing on a case: ODD" in words
    assert "these priorities of cases have no counterpart: P5" in words
    assert "in PagerDuty acknowledge status: acknowledged" in words
    assert "C-1 priority P1 Ana" in words
    assert "priority: HIGH" in words


def test_an_edited_map_is_tried_before_it_is_saved(busy: Operated) -> None:
    tried = busy.press(EDIT, f"{ON}/try", priorities="P1=LOW\r\nP3=LOW\r\n", was=_was(busy))
    assert tried.status_code == 200
    assert "By this map these priorities of cases have no counterpart: <strong>P2, P4, P5</strong>" in tried.text
    assert '<tr class="wait">' in tried.text
    assert ">P1=LOW\r\nP3=LOW" in tried.text or ">P1=LOW\nP3=LOW" in tried.text, "what was typed stands there still"
    assert "priority: HIGH" in busy.words(ON), "nothing is stored"


def test_it_is_saved_with_who_and_never_over_somebody_elses(busy: Operated) -> None:
    was = _was(busy)
    assert busy.press(EDIT, f"{ON}/save", priorities="P1=LOW", was=was).status_code == 303
    assert busy.world.last()["detail"].startswith("Ops changed the priorities of connector payments from P1=HIGH")
    late = busy.press(EDIT, f"{ON}/save", priorities="P2=LOW", was=was)
    assert late.status_code == 409
    assert "Somebody has changed the priorities of payments meanwhile" in late.text
    wrong = busy.press(EDIT, f"{ON}/save", priorities="P1", was=_was(busy))
    assert (wrong.status_code, "is no pair of priorities" in wrong.text) == (409, True)
    assert busy.press(EDIT, f"{ON}/explode", priorities="").status_code == 404


def test_a_viewer_looks_and_changes_nothing(busy: Operated) -> None:
    busy.sign_in_as(Role.VIEWER)
    assert "Change them" not in busy.words(ON)
    assert busy.press("/links", f"{ON}/save", priorities="P1=LOW").status_code == 403
    busy.see("/mappings/till", 404)
