"""A link without an address of its incident says why: each way there is to have none, as it comes about."""

from __future__ import annotations

from syncd import errors
from syncd.core.changes import Side
from syncd.flow.address import Addresses
from syncd.flow.orders import restraint
from syncd.store import links
from tests.flow.pager import pager
from tests.flow.world import PAGERDUTY, World


def why(world: World, ref: str = "C-1") -> str:
    with world.db.read() as tx:
        (row,) = links.listing(tx, case=ref)
        return Addresses.read(tx, [row]).why_none(row)


def test_a_link_with_an_address_has_nothing_to_say(world: World) -> None:
    world.ask_for_incident()
    world.drain()
    assert world.link().link.incident_url
    assert why(world) == ""


def test_nothing_comes_back_by_a_service_key(world: World) -> None:
    with pager(world) as it:
        it.open()
        assert len(it.incidents) == 1
        assert why(world) == "It was sent by a service key, and nothing comes back by one: PagerDuty tells no address."


def test_an_opening_says_how_far_it_is(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    assert why(world).startswith("Its incident is not opened yet; its turn comes")
    world.claim()
    assert why(world) == "Its incident is being opened right now."


def test_an_opening_that_is_tried_again_says_when(world: World) -> None:
    world.incident.fail("open", errors.Unreachable("PagerDuty cannot be reached."))
    world.ask_for_incident()
    world.drain()
    assert why(world).startswith(
        "Its incident could not be opened yet: it was tried once, and is again from 2026-11-21 12:00:"
    )
    world.wait(10)
    assert why(world) == ""


def test_a_held_opening_says_what_holds_it(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="")
    world.ask_for_incident()
    world.drain()
    assert why(world) == "Its incident is not opened yet. Sync is paused; everything is kept until it is resumed."


def test_an_opening_that_failed_says_why(world: World) -> None:
    world.incident.fail("open", errors.Refused("Nobody is on call.", reason="nobody_on_call"))
    world.ask_for_incident()
    world.drain()
    assert why(world).startswith("Its incident could not be opened. ")
    assert "on call" in why(world)
    assert world.link().link.ref(Side.INCIDENT) == ""
