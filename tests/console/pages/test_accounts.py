"""The accounts, the page of one, the connectors, and the page of a delivery."""

from __future__ import annotations

import pytest

from syncd.core.changes import Side
from syncd.core.permissions import Role
from syncd.errors import Unauthorised
from tests.flow.world import World

from .operated import Operated

REFUSED = Unauthorised("PagerDuty does not accept the key.")


def _disconnected(world: World) -> None:
    world.ask_for_incident()
    world.drain()
    for op in ("add_note", "check"):
        world.incident.fail(op, REFUSED, times=9)
    world.comment(Side.CASE, "C-1", "Rolling back.")
    world.drain()


def test_each_account_is_told_with_its_state_and_what_is_held_for_it(operated: Operated) -> None:
    assert "pagerduty make-believe connected both ways 0" in operated.words("/integrations")
    _disconnected(operated.world)
    assert "pagerduty make-believe disconnected PAG-100-B both ways 1" in operated.words("/integrations")


def test_the_page_of_an_account_tells_what_happened_to_its_connection(operated: Operated) -> None:
    _disconnected(operated.world)
    words = operated.words("/integrations/pagerduty")
    assert "disconnected PAG-100-B" in words
    assert "PagerDuty does not accept the key" in words
    assert "connectors payments" in words


def test_an_account_is_paused_with_a_reason_and_goes_on(operated: Operated) -> None:
    on = "/integrations/pagerduty"
    assert operated.press(on, f"{on}/pause", why="maintenance").status_code == 303
    words = operated.words(on)
    assert "Paused since 2026-11-21 12:00 UTC by Ops: maintenance" in words
    operated.press(on, f"{on}/resume")
    assert "Paused since" not in operated.words(on)


def test_an_account_is_only_observed_and_written_again(operated: Operated) -> None:
    on = "/integrations/pagerduty"
    operated.press(on, f"{on}/observe")
    assert "Only observed since 2026-11-21 12:00 UTC, by Ops" in operated.words(on)
    operated.press(on, f"{on}/write-again")
    assert "Only observed since" not in operated.words(on)


def test_what_is_not_there_is_said_to_be_none(operated: Operated) -> None:
    assert "There is no account called nobody" in operated.see("/integrations/nobody", 404)
    assert operated.press("/integrations/pagerduty", "/integrations/nobody/pause", why="x").status_code == 404
    assert operated.press("/integrations/pagerduty", "/integrations/pagerduty/explode").status_code == 404
    assert "There is no delivery 77" in operated.see("/deliveries/77", 404)


def test_a_viewer_presses_nothing(operated: Operated) -> None:
    operated.sign_in_as(Role.VIEWER)
    on = "/integrations/pagerduty"
    assert "<button>Pause" not in operated.see(on)
    assert operated.press(on, f"{on}/pause", why="no").status_code == 403


def test_a_connector_has_its_badge_and_the_banner_of_its_account(operated: Operated) -> None:
    assert "payments Bi-directional" in operated.words("/connectors")
    _disconnected(operated.world)
    found = operated.words("/connectors").partition("payments Bi-directional")[2]
    assert "pagerduty is disconnected PAG-100-B since 2026-11-21 12:00 UTC. 1 change is held, none lost." in found


def test_a_delivery_shows_its_sentence_its_record_and_what_was_sent(operated: Operated) -> None:
    operated.world.ask_for_incident()
    operated.world.drain()
    number = operated.world.rows()[0]["id"]
    words = operated.words(f"/deliveries/{number}")
    assert f"Delivery {number} applied" in words
    assert "open, from the case to PagerDuty" in words
    assert "C-1 ⇄ I-1" in words


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202egnp.exe", "a" * 20_000, "`", "{{ 7*7 }}"])
def test_what_people_wrote_is_shown_on_every_page_and_never_obeyed(operated: Operated, text: str) -> None:
    operated.world.ask_for_incident()
    operated.world.drain()
    operated.world.comment(Side.INCIDENT, "I-1", text)
    operated.world.drain()
    number = operated.world.rows()[-1]["id"]
    for address in (f"/deliveries/{number}", "/links/1?all=true", "/links", "/overview"):
        assert "<script>alert(1)" not in operated.see(address)
