"""What was asked for before an account was only observed is never dropped: it goes out, in its order, once that is over."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.link import LinkState
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import Conflict
from syncd.flow import accounts
from syncd.flow.orders import parking, pausing, replaying, restraint
from syncd.flow.status.condition import condition
from syncd.store import holds
from tests.flow.world import LANDED, PAGERDUTY, World

BEN = Actor("Ben")
KEPT = "1 change is held because pagerduty is only observed, and was not yet when they were asked for."
UNOPENED = "1 open case has no incident, since the account was only observed when that was to be opened."


def _pause(world: World) -> None:
    assert restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")


def _resume(world: World) -> None:
    assert restraint.resume(world.db, PAGERDUTY, by="Ana")
    world.drain()


def _observe(world: World) -> None:
    """A moment after all that came before."""
    world.clock.forward(1)
    assert restraint.observe(world.db, PAGERDUTY, by="Ana")
    world.clock.forward(1)


def _write_again(world: World) -> None:
    assert restraint.write_again(world.db, PAGERDUTY, by="Ana")
    world.sweep()
    world.drain()


def _findings(world: World) -> list[str]:
    return [one.what for one in condition(world.db).findings]


def test_what_a_pause_kept_goes_out_in_its_order_when_observing_ends(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    _observe(linked)
    _resume(linked)
    for _ in range(3):
        linked.wait(3600)
    assert linked.incident.writes() == []
    assert [one for one in linked.states() if one[1] != "delivered"] == [
        ("note", "held"),
        ("status", "held"),
        ("note", "held"),
    ]
    _write_again(linked)
    assert linked.incident.writes() == ["add_note", "set_status", "add_note"]
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]
    assert linked.in_step().status is Status.ACKNOWLEDGED


def test_an_opening_that_a_pause_kept_is_made_when_observing_ends_with_all_that_followed_it(world: World) -> None:
    _pause(world)
    world.ask_for_incident()
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    _observe(world)
    _resume(world)
    world.comment(Side.CASE, "C-1", "two")
    world.drain()
    assert (world.incident.kept, world.link().link.state) == ({}, LinkState.OPENING)
    _write_again(world)
    assert world.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]


def test_each_that_is_kept_has_a_row_and_the_first_says_what_would_be_written(linked: World) -> None:
    _pause(linked)
    for text in ("one", "two"):
        linked.comment(Side.CASE, "C-1", text)
    linked.drain()
    _observe(linked)
    linked.forget()
    _resume(linked)
    linked.comment(Side.CASE, "C-1", "three")
    linked.drain()
    linked.wait(3600)
    assert linked.said() == [("comment", "held", "asked_before")] * 3
    first, second, third = (row["detail"] for row in linked.rows()[-3:])
    assert first == f"{SENTENCES[Reason.ASKED_BEFORE]} Only observed. It would add this: Ana (case): one"
    assert second == third == SENTENCES[Reason.ASKED_BEFORE]


def test_in_another_lane_what_comes_meanwhile_is_only_told(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    _resume(linked)
    linked.forget()
    linked.comment(Side.CASE, "C-2", "two")
    linked.drain()
    assert linked.said() == [("comment", "ignored", "observing")]
    _write_again(linked)
    assert (linked.incident.texts("I-1"), linked.incident.texts("I-2")) == (["Ana (case): one"], [])


@pytest.mark.parametrize("let_go", ["link", "key"])
def test_what_something_else_kept_is_kept_as_well(linked: World, let_go: str) -> None:
    if let_go == "link":
        pausing.pause(linked.db, linked.link().id, by="Ana")
    for op in ("add_note", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.incident.faults.clear()
    _observe(linked)
    if let_go == "link":
        pausing.resume(linked.db, linked.link().id, by="Ana")
    else:
        with linked.db.write() as tx:
            accounts.let_go_on(tx, linked.account(Side.INCIDENT), linked.db.now(tx))
    linked.drain()
    assert linked.incident.texts("I-1") == []
    _write_again(linked)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_hook_that_a_pause_kept_is_looked_at_and_what_it_brings_for_the_account_is_kept(linked: World) -> None:
    """What waits to be planned is asked for already."""
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    _observe(linked)
    _resume(linked)
    linked.drain()
    _write_again(linked)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_what_is_kept_is_decided_anew_when_its_turn_comes(linked: World) -> None:
    _pause(linked)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    _observe(linked)
    _resume(linked)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P4")
    linked.drain()
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    _write_again(linked)
    assert linked.incident.record("I-1").priority == "MIDDLE"
    assert linked.incident.writes() == ["set_priority"]


def test_a_note_that_may_have_landed_is_looked_for_at_once_and_kept_if_it_has_not(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    linked.wait(LANDED)
    assert linked.said()[-1] == ("comment", "held", "asked_before")
    _write_again(linked)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_observing_that_begins_again_before_it_was_written_keeps_it_still(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    _resume(linked)
    assert restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    _observe(linked)
    linked.wait(3600)
    assert linked.incident.writes() == []
    _write_again(linked)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_pause_over_what_is_kept_changes_nothing(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    _resume(linked)
    _pause(linked)
    _write_again(linked)
    assert linked.incident.writes() == []
    _resume(linked)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_what_a_turn_that_still_believed_in_observing_has_kept_is_let_go_by_the_sweep(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    with linked.db.write() as tx:
        holds.hold_lane(tx, linked.link().id, Side.INCIDENT, Reason.ASKED_BEFORE)
    linked.drain()
    assert linked.incident.texts("I-1") == []
    linked.sweep()
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_status_tells_what_is_kept_with_the_command_that_lets_it_go(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    _resume(linked)
    assert KEPT in _findings(linked)
    (remedy,) = [one.remedy for one in condition(linked.db).findings if one.what == KEPT]
    assert remedy.endswith("`syncd integrations observe pagerduty --off`.")
    _write_again(linked)
    assert KEPT not in _findings(linked)


def _told_only(world: World) -> int:
    """A case whose opening came up while the account was observed, which it is no more; the row of that."""
    _observe(world)
    world.ask_for_incident()
    world.drain()
    row = world.last()
    _write_again(world)
    return int(row["id"])


def test_status_tells_of_an_open_case_whose_incident_was_only_told(world: World) -> None:
    _observe(world)
    world.ask_for_incident()
    world.drain()
    assert UNOPENED not in _findings(world), "while it is observed that is what observing is"
    _write_again(world)
    assert UNOPENED in _findings(world)
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    assert UNOPENED not in _findings(world)


def test_a_replay_opens_it_and_the_finding_is_over(world: World) -> None:
    number = _told_only(world)
    replaying.replay(world.db, world.connections, [number], by="Ana")
    world.drain()
    assert world.link().link.state is LinkState.OPEN
    assert UNOPENED not in _findings(world)


def test_a_person_who_wants_none_parks_it_and_may_think_better_of_it(world: World) -> None:
    number = _told_only(world)
    assert parking.park(world.db, [number], by="Ana", why="a drill") == 1
    assert parking.park(world.db, [number], by="Ben", why="me too") == 0
    assert UNOPENED not in _findings(world)
    assert world.last()["detail"] == "Parked by Ana: a drill"
    replaying.replay(world.db, world.connections, [number], by="Ana")
    world.drain()
    assert world.link().link.state is LinkState.OPEN


def test_what_came_to_nothing_by_itself_is_still_not_parked(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    number = next(row["id"] for row in linked.rows() if row["change"] == "acknowledge")
    with pytest.raises(Conflict, match="came to nothing by itself"):
        parking.park(linked.db, [number], by="Ana", why="a drill")
