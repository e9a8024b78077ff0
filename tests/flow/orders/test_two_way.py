"""An account that is synced one way: incidents are opened and updated, and change no case until it is switched on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.errors import Conflict, NotFound
from syncd.flow.orders import pausing, two_way
from syncd.store import connection_log, reconciles
from tests.flow.world import CASES, PAGERDUTY, World

BEN = Actor("Ben")
LATER = timedelta(seconds=11)


def switch(world: World, *, is_on: bool) -> bool:
    return two_way.switch(world.db, PAGERDUTY, is_on=is_on, by="Ana")


@pytest.fixture
def one_way(linked: World) -> World:
    assert switch(linked, is_on=False)
    return linked


def ignored(world: World) -> list[str]:
    return [change for change, outcome, reason in world.said() if (outcome, reason) == ("ignored", "sync_off")]


def catch_up(world: World) -> None:
    """The sweep decides what was left, and the look it asks for is made by hand."""
    world.wait(LATER)
    with world.db.read() as tx:
        asked = [one for one in reconciles.listing(tx) if one["why"] == two_way.WHY]
    assert [one["is_deep"] for one in asked] == [True]
    world.point_at(Side.INCIDENT, "I-1")
    world.drain()


def test_what_people_do_there_is_told_and_changes_no_case(one_way: World) -> None:
    one_way.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    one_way.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    one_way.comment(Side.INCIDENT, "I-1", "Looking", BEN)
    one_way.drain()
    assert ignored(one_way) == ["acknowledge", "priority", "comment"]
    assert one_way.case.calls == []
    assert one_way.link().link.value(Side.INCIDENT, Field.STATUS) == Status.ACKNOWLEDGED
    assert not one_way.link().link.wanted


def test_incidents_are_still_opened_and_updated(one_way: World) -> None:
    one_way.ask_for_incident("C-2")
    one_way.drain()
    assert one_way.link("C-2").link.incident_id == "I-2"
    one_way.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    one_way.comment(Side.CASE, "C-1", "Done")
    one_way.drain()
    assert one_way.incident.record("I-1").status == Status.RESOLVED
    assert ("comment", "applied", "noted") in one_way.said()


def test_the_case_wins_where_both_change_at_once(one_way: World) -> None:
    """Whatever the policy says for two ways: PagerDuty's wins by default."""
    one_way.act(Side.CASE, "C-1", Field.PRIORITY, "P4")
    one_way.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    one_way.drain()
    assert one_way.incident.record("I-1").priority == "MIDDLE"
    assert one_way.case.record("C-1").priority == "P4"


def test_what_a_write_meets_there_changes_no_case_either(one_way: World) -> None:
    """Its hook is lost, and the record is read before the comment of the case is written."""
    one_way.incident.set("I-1", Field.PRIORITY, "HIGH", BEN)
    one_way.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    one_way.drain()
    assert one_way.incident.record("I-1").status == Status.ACKNOWLEDGED
    assert ignored(one_way) == ["priority"]
    assert one_way.case.record("C-1").priority == "P3"


def test_both_sides_agree_once_it_is_switched_on(one_way: World) -> None:
    one_way.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    one_way.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    one_way.comment(Side.INCIDENT, "I-1", "Looking", BEN)
    one_way.drain()
    assert switch(one_way, is_on=True)
    catch_up(one_way)
    case = one_way.case.record("C-1")
    assert (case.status, case.priority) == (Status.ACKNOWLEDGED, "P1")
    assert one_way.case.texts("C-1") == ["Looking"]
    account = one_way.account(Side.INCIDENT)
    assert (account.one_way_since, account.two_way_since, account.two_way_decided) == (None, None, 0)


def test_a_case_that_was_resolved_meanwhile_is_not_taken_back(one_way: World) -> None:
    one_way.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    one_way.drain()
    one_way.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    one_way.drain()
    switch(one_way, is_on=True)
    catch_up(one_way)
    assert one_way.case.record("C-1").status == Status.RESOLVED
    assert one_way.incident.record("I-1").status == Status.RESOLVED


def test_what_happens_once_it_is_on_goes_over_at_once(one_way: World) -> None:
    switch(one_way, is_on=True)
    one_way.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    one_way.drain()
    assert one_way.case.record("C-1").status == Status.RESOLVED


def test_switched_off_again_before_it_had_caught_up_forgets_nothing(one_way: World) -> None:
    one_way.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    one_way.drain()
    switch(one_way, is_on=True)
    switch(one_way, is_on=False)
    one_way.wait(LATER)
    assert one_way.case.record("C-1").status == Status.OPEN
    switch(one_way, is_on=True)
    catch_up(one_way)
    assert one_way.case.record("C-1").status == Status.ACKNOWLEDGED


def _kept(world: World) -> None:
    """What Ben does while the link is paused."""
    pausing.pause(world.db, world.link().id, by="Ana", why="a move")
    world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    world.comment(Side.INCIDENT, "I-1", "Looking", BEN)
    world.drain()


def _resume(world: World) -> None:
    pausing.resume(world.db, world.link().id, by="Ana")
    world.drain()


def test_what_a_pause_kept_changes_no_case_once_it_is_off_and_is_brought_over_once_when_it_is_on(linked: World) -> None:
    _kept(linked)
    switch(linked, is_on=False)
    _resume(linked)
    assert linked.case.writes() == []
    assert sorted(ignored(linked)) == ["acknowledge", "comment", "priority"]
    assert not linked.link().link.wanted
    switch(linked, is_on=True)
    catch_up(linked)
    case = linked.case.record("C-1")
    assert (case.status, case.priority, linked.case.texts("C-1")) == (Status.ACKNOWLEDGED, "P1", ["Looking"])
    linked.forget()
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.case.writes() == linked.incident.writes() == []


def test_what_a_pause_kept_is_not_written_over_what_came_while_it_was_off(linked: World) -> None:
    """The link is resumed only when it is on again."""
    _kept(linked)
    switch(linked, is_on=False)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    switch(linked, is_on=True)
    linked.wait(LATER)
    _resume(linked)
    catch_up(linked)
    assert linked.case.record("C-1").status == Status.RESOLVED
    assert linked.incident.record("I-1").status == Status.RESOLVED


def test_what_goes_to_the_incident_goes_on(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana", why="a move")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    switch(linked, is_on=False)
    _resume(linked)
    assert linked.incident.record("I-1").status == Status.ACKNOWLEDGED


def test_who_switched_is_in_its_history(one_way: World) -> None:
    assert not switch(one_way, is_on=False)
    with one_way.db.read() as tx:
        (event,) = connection_log.listing(tx, PAGERDUTY)
    assert (event.kind, event.by, event.detail) == ("updated", "Ana", "Two-way sync was switched off.")


def test_only_an_account_that_keeps_incidents_has_the_switch(world: World) -> None:
    with pytest.raises(Conflict, match="keeps cases"):
        two_way.switch(world.db, CASES, is_on=False, by="Ana")
    with pytest.raises(NotFound, match="no integration called nobody"):
        two_way.switch(world.db, "nobody", is_on=False, by="Ana")
