"""The gauges say what is so, by breaking it: what waits, who is disconnected, and what may still be sent."""

from __future__ import annotations

from typing import Any

from syncd.core.changes import Side
from syncd.errors import Unauthorised
from syncd.flow import accounts
from syncd.flow.metrics import catalogue
from syncd.flow.metrics.catalogue import Series
from syncd.flow.metrics.gathering import Gathering
from syncd.flow.metrics.truth import truth
from syncd.flow.status.parts import PARTS
from tests.flow.status.told import AWAY, beat
from tests.flow.world import PAGERDUTY, World


def told(world: World, series: Series) -> dict[Any, float]:
    (family,) = [one for one in truth(world.db, world.connections) if one.series is series]
    return {tuple(one.labels.values()) if one.labels else (): one.value for one in family.samples}


def test_what_waits_and_for_how_long(linked: World) -> None:
    linked.incident.fail("add_note", AWAY, times=1_000)
    linked.incident.fail("check", AWAY, times=1_000)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.clock.forward(90)
    assert told(linked, catalogue.PENDING)["outbound", "waiting"] == 1
    assert 90 <= told(linked, catalogue.OLDEST)[()] < 95
    linked.incident.faults.clear()
    linked.wait(3_600)
    assert told(linked, catalogue.PENDING)["outbound", "waiting"] == 0
    assert told(linked, catalogue.OLDEST)[()] == 0


def test_hooks_that_nobody_has_planned(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    assert told(linked, catalogue.PENDING_HOOKS)[()] == 1


def test_an_account_that_is_disconnected_is_down_and_what_is_for_it_is_held(linked: World) -> None:
    assert told(linked, catalogue.INTEGRATION_UP)[(PAGERDUTY,)] == 1
    refused = Unauthorised("The key is not valid.", status=401)
    linked.incident.fail("check", refused, times=1_000)
    accounts.refused(linked.db, linked.connections, PAGERDUTY, refused)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert told(linked, catalogue.INTEGRATION_UP)[(PAGERDUTY,)] == 0
    assert told(linked, catalogue.PENDING)["outbound", "held"] == 1
    assert told(linked, catalogue.OLDEST)[()] == 0, "what is held is not late"
    assert told(linked, catalogue.FINDINGS)[()] >= 1


def test_which_parts_are_there_and_when_the_beat_was_heard(linked: World) -> None:
    assert told(linked, catalogue.TICK)[()] == 0
    beat(linked, *PARTS)
    assert told(linked, catalogue.TICK)[()] == linked.clock.now().timestamp()
    assert told(linked, catalogue.PARTS) == {(part,): 1 for part in PARTS}


def test_links_of_every_state_are_told_also_where_there_is_none(linked: World) -> None:
    assert told(linked, catalogue.LINKS) == {("opening",): 0, ("open",): 1, ("failed",): 0, ("ended",): 0}


def test_hooks_are_told_of_from_nought_on_since_what_begins_with_one_has_no_increase(linked: World) -> None:
    told_of = Gathering(linked.db, linked.connections, linked.clock).families()
    (hooks,) = [one for one in told_of if one.series is catalogue.WEBHOOKS]
    numbers = {(one.labels["source"], one.labels["result"]): one.value for one in hooks.samples}
    assert numbers[PAGERDUTY, "rejected"] == 0
    assert numbers[PAGERDUTY, "repeated"] == 0
    assert {source for source, _ in numbers} >= {PAGERDUTY, "cases"}
