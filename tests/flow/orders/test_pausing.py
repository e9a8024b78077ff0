"""A paused link keeps everything, in its order, and nobody else notices."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.core.shard import SHARDS
from syncd.errors import NotFound
from syncd.flow.orders import pausing
from syncd.store import links
from tests.flow.far_side import US
from tests.flow.world import LANDED, WITHIN, World, work


def _pause(world: World) -> None:
    pausing.pause(world.db, world.link().id, by="Ana", why="maintenance")


def _resume(world: World) -> None:
    pausing.resume(world.db, world.link().id, by="Ana")


def _why(world: World) -> str:
    return str(_row(world)["pause_reason"])


def _row(world: World) -> dict[str, Any]:
    with world.db.read() as tx:
        (row,) = links.about(tx, str(world.link().id))
    return row


def _pause_and_resume(world: World) -> None:
    _pause(world)
    _resume(world)


def test_what_comes_while_it_is_paused_goes_out_in_its_order_afterwards(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.comment(Side.CASE, "C-1", "two")
    linked.comment(Side.INCIDENT, "I-1", "back")
    linked.drain()
    assert linked.incident.writes() == linked.case.writes() == []
    assert set(linked.said()) == {("comment", "held", "paused"), ("acknowledge", "held", "paused")}
    linked.forget()
    _resume(linked)
    linked.drain()
    assert linked.incident.writes() == ["add_note", "set_status", "add_note"]
    assert linked.incident.texts("I-1") == ["back", "Ana (case): one", "Ana (case): two"]
    assert {outcome for _, outcome, _ in linked.said()} == {"applied"}


def test_what_waits_already_is_held_with_a_row_that_says_who_and_why(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    _pause(linked)
    linked.drain()
    row = linked.last()
    assert (row["outcome"], row["reason"], row["detail"]) == ("held", "paused", "Paused by Ana: maintenance")
    assert _why(linked) == "Paused by Ana: maintenance"
    assert linked.incident.texts("I-1") == []


def test_what_is_out_when_it_is_paused_is_not_tried_again_until_it_goes_on(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("The connection was refused."))
    linked.incident.stuck = threading.Event()
    linked.comment(Side.CASE, "C-1", "one")
    linked.crew.wake(range(SHARDS))
    linked.crew.turn()
    _pause(linked)
    linked.incident.stuck.set()
    assert linked.crew.wait(WITHIN)
    linked.drain()
    linked.wait(3600)
    assert linked.incident.texts("I-1") == []
    assert linked.said()[-1] == ("comment", "held", "paused")
    _resume(linked)
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_of_two_wishes_kept_only_the_last_goes_out(linked: World) -> None:
    _pause(linked)
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.drain()
    _resume(linked)
    linked.drain()
    assert linked.case.record("C-1").priority == "P4"
    assert linked.case.writes() == ["set_priority"]


def test_what_another_reason_holds_as_well_stays_held_for_that_one(linked: World) -> None:
    for op in ("add_note", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    _resume(linked)
    linked.drain()
    assert linked.incident.texts("I-1") == []
    linked.wait(61)
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]


def test_another_link_goes_on(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    _pause(linked)
    linked.comment(Side.CASE, "C-2", "not mine")
    linked.drain()
    assert linked.incident.texts(linked.link("C-2").link.incident_id) == ["Ana (case): not mine"]


def test_twice_and_never_are_no_harm(linked: World) -> None:
    _resume(linked)
    _pause(linked)
    _pause(linked)
    _resume(linked)
    _resume(linked)
    assert not linked.link().link.is_paused
    assert _why(linked) == ""


def test_a_link_that_does_not_exist(linked: World) -> None:
    with pytest.raises(NotFound, match="There is no link 77"):
        pausing.pause(linked.db, 77, by="Ana")


def test_whoever_paused_it_first_stands(linked: World) -> None:
    _pause(linked)
    since = _row(linked)["paused_at"]
    linked.clock.forward(60)
    assert pausing.pause(linked.db, linked.link().id, by="Ben", why="no idea") is False
    assert (_why(linked), _row(linked)["paused_at"]) == ("Paused by Ana: maintenance", since)
    _resume(linked)
    assert (_why(linked), _row(linked)["paused_at"]) == ("", None)


def test_a_pause_takes_any_words(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana", why="main\x00tenance")
    assert _why(linked) == "Paused by Ana: main\ufffdtenance"


def test_a_resumed_note_is_not_looked_for_before_it_can_have_landed(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _pause_and_resume(linked)
    linked.drain()
    linked.wait(20)
    linked.incident.note("I-1", "Ana (case): one", US)  # Only now the first write lands.
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_resumed_opening_is_not_made_again_before_it_can_have_landed(world: World) -> None:
    world.incident.fail("open", errors.Ambiguous("No answer."))
    world.ask_for_incident()
    world.drain()
    _pause_and_resume(world)
    world.drain()
    assert [call.op for call in world.incident.calls] == ["open"]


def test_a_resume_honours_the_pause_that_the_far_side_asked_for(linked: World) -> None:
    linked.incident.fail("add_note", errors.RateLimited("Slow down.", retry_after=100))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _pause_and_resume(linked)
    linked.drain()
    assert len(linked.incident.calls) == 1


def test_a_pause_does_not_take_away_why_a_link_failed(world: World) -> None:
    world.incident.fail("open", errors.Refused("Nobody is on call.", reason="nobody_on_call"))
    world.ask_for_incident()
    world.drain()
    _pause_and_resume(world)
    assert world.link().reason == "Nobody is on call."


def test_a_link_that_fails_while_it_is_paused_says_why_afterwards(world: World) -> None:
    world.incident.stuck = threading.Event()
    world.incident.fail("open", errors.Refused("Nobody is on call.", reason="nobody_on_call"))
    world.ask_for_incident()
    world.crew.wake(range(SHARDS))
    world.crew.turn()
    _pause(world)
    world.incident.stuck.set()
    work(world.crew, ())
    world.drain()
    _resume(world)
    assert world.link().reason == "Nobody is on call."
