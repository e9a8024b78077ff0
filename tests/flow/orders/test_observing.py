"""An account that is only observed is read and planned for, told what would be written, and written to by nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.link import LinkState
from syncd.core.policy import Winner
from syncd.core.prepare import WAS_OBSERVED
from syncd.flow.orders import replaying, restraint
from syncd.store import links
from syncd.store.tables_of_accounts import connectors
from tests.flow.far_side import US
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

BEN = Actor("Ben")


def _observe(world: World, slug: str = PAGERDUTY) -> None:
    assert restraint.observe(world.db, slug, by="Ana")


def _write_again(world: World, slug: str = PAGERDUTY) -> None:
    """And the sweep comes round."""
    assert restraint.write_again(world.db, slug, by="Ana")
    world.forget()
    world.sweep()
    world.drain()


def _told(world: World) -> list[str]:
    return [row["detail"] for row in world.rows() if row["reason"] == "observing"]


def test_each_change_that_would_be_sent_is_one_row_that_shows_it(linked: World) -> None:
    _observe(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    linked.wait(3600)
    assert linked.incident.writes() == []
    assert linked.said() == [
        ("comment", "ignored", "observing"),
        ("priority", "ignored", "observing"),
        ("acknowledge", "ignored", "observing"),
        ("comment", "ignored", "observing"),
    ]
    assert _told(linked) == [
        "Only observed. It would add this: Ana (case): one",
        "Only observed. It would set the priority to HIGH.",
        "Only observed. It would set the status to acknowledged.",
        "Only observed. It would add this: Ana (case): two",
    ]


def test_the_record_is_read_before_a_status_so_that_the_row_is_true(linked: World) -> None:
    _observe(linked)
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert [call.op for call in linked.incident.calls] == ["fetch"]
    assert linked.said()[0] == ("acknowledge", "suppressed", "overruled")
    assert linked.case.record("C-1").status is Status.RESOLVED, "what was read besides is news as always"


def test_the_other_side_is_written_to_as_ever(linked: World) -> None:
    _observe(linked)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_no_kind_of_write_gets_through(world: World) -> None:
    _observe(world, CASES)
    world.ask_for_incident()
    world.drain()
    world.comment(Side.INCIDENT, "I-1", "back")
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    assert world.case.writes() == []
    assert [detail.split(" It would ")[1].split(" ")[0] for detail in _told(world)] == ["show", "add", "set", "set"]


def test_an_opening_is_told_and_so_is_all_that_would_follow_it(world: World) -> None:
    _observe(world)
    world.ask_for_incident()
    world.drain()
    world.comment(Side.CASE, "C-1", "one")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    assert world.incident.kept == {}
    assert world.said() == [
        ("open", "ignored", "observing"),
        ("comment", "ignored", "observing"),
        ("acknowledge", "ignored", "observing"),
    ]
    assert _told(world)[0] == "Only observed. It would open an incident: Checkout is slow"
    assert world.link().reason == _told(world)[0]


def test_no_old_opening_pages_anybody_and_a_person_can_replay_it(world: World) -> None:
    _observe(world)
    world.ask_for_incident()
    world.drain()
    (row,) = world.rows()
    _write_again(world)
    assert (world.incident.kept, world.link().link.state) == ({}, LinkState.ENDED)
    (answer,), _ = replaying.replay(world.db, world.connections, [row["id"]], by="Ana")
    assert answer.is_going
    world.drain()
    assert world.link().link.incident_id == "I-1"


def test_afterwards_no_link_says_that_it_is_only_observed(world: World) -> None:
    _observe(world)
    world.ask_for_incident("C-1")
    world.ask_for_incident("C-2")
    world.drain()
    first, _ = world.rows()
    assert restraint.write_again(world.db, PAGERDUTY, by="Ana")
    assert [world.link(ref).reason for ref in ("C-1", "C-2")] == [WAS_OBSERVED] * 2, (
        "why it is ended is still to be said"
    )
    replaying.replay(world.db, world.connections, [first["id"]], by="Ana")
    world.drain()
    assert [(world.link(ref).link.state, world.link(ref).reason) for ref in ("C-1", "C-2")] == [
        (LinkState.OPEN, ""),
        (LinkState.ENDED, WAS_OBSERVED),
    ]


def test_a_link_that_was_opened_meanwhile_is_not_called_observed_afterwards(linked: World) -> None:
    """As the release before has left it."""
    _observe(linked)
    with linked.db.write() as tx:
        links.explain(tx, linked.link().id, "Only observed. It would open an incident: Checkout is slow")
    _write_again(linked)
    assert linked.link().reason == ""


def test_a_priority_that_would_be_set_is_called_as_pagerduty_calls_it(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(priorities=[{"case": "P1", "incident": "HIGH", "name": "Sev 1"}]))
    _observe(linked)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    assert _told(linked) == ["Only observed. It would set the priority to Sev 1."]
    (row,) = [row for row in linked.rows() if row["reason"] == "observing"]
    assert restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    (answer,) = replaying.foresee(linked.db, linked.connections, [row["id"]], by="Ana")
    assert answer.says == "Priority Sev 1 goes to incident I-1."


def test_an_opening_replayed_while_its_acknowledgement_still_lies_there_brings_it_along(world: World) -> None:
    """The wish went with the opening that was only observed, and its errand was held by a pause."""
    _observe(world)
    world.ask_for_incident()
    world.plan()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.plan()
    (job,) = world.claim()
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")
    world.settle(world.attempt(job))
    (row,) = [one for one in world.rows() if one["change"] == "open"]
    restraint.write_again(world.db, PAGERDUTY, by="Ana")
    replaying.replay(world.db, world.connections, [row["id"]], by="Ana")
    restraint.resume(world.db, PAGERDUTY, by="Ana")
    world.drain()
    assert world.in_step().status is Status.ACKNOWLEDGED


def test_afterwards_what_differs_today_is_sent_once_and_no_note_of_then(linked: World) -> None:
    _observe(linked)
    linked.comment(Side.CASE, "C-1", "one")
    for priority in ("P1", "P4", "P1"):
        linked.act(Side.CASE, "C-1", Field.PRIORITY, priority)
        linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert linked.incident.writes() == []
    _write_again(linked)
    assert sorted(linked.incident.writes()) == ["set_priority", "set_status"]
    record = linked.incident.record("I-1")
    assert (record.priority, record.status) == ("HIGH", Status.ACKNOWLEDGED)
    linked.forget()
    linked.wait(3600)
    assert (linked.incident.calls, linked.said()) == ([], [])


def test_afterwards_what_was_decided_anew_is_not_replayed_besides(linked: World) -> None:
    """The case was closed meanwhile, so that it is said in words; a replay would say it once more."""
    _observe(linked, CASES)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    (told,) = [row["id"] for row in linked.rows() if row["reason"] == "observing"]
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    _write_again(linked, CASES)
    said = linked.case.texts("C-1")
    (answer,), _ = replaying.replay(linked.db, linked.connections, [told], by="Ana")
    linked.drain()
    says = "It was decided anew when its account was written to again, or was replayed before."
    assert (answer.is_going, answer.says) == (False, says)
    assert (len(said), linked.case.texts("C-1")) == (1, said)


def test_afterwards_what_agrees_by_now_is_left_alone(linked: World) -> None:
    _observe(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    _write_again(linked)
    assert linked.incident.writes() == []


def _choose(world: World, winner: Winner) -> None:
    with world.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": winner}))


def _values(world: World, name: Field) -> tuple[str | None, str | None]:
    return world.case.record("C-1").value(name), world.incident.record("I-1").value(name)


def _write_both_again(world: World) -> None:
    restraint.write_again(world.db, CASES, by="Ana")
    _write_again(world)
    world.wait(60)
    world.wait(60)


@pytest.mark.parametrize(
    ("winner", "values"),
    [
        (Winner.CASE, ("P1", "HIGH")),
        (Winner.PAGERDUTY, ("P4", "MIDDLE")),
        (Winner.NEWEST, ("P4", "MIDDLE")),
        (Winner.MANUAL, ("P1", "MIDDLE")),
    ],
)
def test_afterwards_of_two_changes_that_were_observed_the_policy_lets_one_stand(
    linked: World, winner: Winner, values: tuple[str, str]
) -> None:
    _choose(linked, winner)
    _observe(linked, CASES)
    _observe(linked)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.drain()
    _write_both_again(linked)
    assert _values(linked, Field.PRIORITY) == values
    assert set(linked.link().link.conflicts) == ({Field.PRIORITY} if winner is Winner.MANUAL else set())
    reasons = {Winner.CASE: "overruled", Winner.MANUAL: "conflict"}
    assert reasons.get(winner, "not_needed") in [row["reason"] for row in linked.rows()], "the loser has a row"


@pytest.mark.parametrize("first", list(Side))
def test_afterwards_of_two_statuses_that_were_observed_the_one_that_is_further_stands(
    linked: World, first: Side
) -> None:
    _observe(linked, CASES)
    _observe(linked)
    for side in (first, first.other):
        if side is Side.CASE:
            linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
        else:
            linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
        linked.drain()
    _write_both_again(linked)
    assert _values(linked, Field.STATUS) == (Status.RESOLVED, Status.RESOLVED)


def test_afterwards_what_waits_for_the_other_account_and_what_was_observed_are_not_both_written(linked: World) -> None:
    _observe(linked)
    restraint.pause(linked.db, CASES, by="Ana", why="a move")
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.drain()
    _write_again(linked)
    restraint.resume(linked.db, CASES, by="Ana")
    linked.wait(60)
    linked.wait(60)
    assert _values(linked, Field.PRIORITY) == ("P4", "MIDDLE"), "as PagerDuty wins"


def test_a_note_of_then_can_be_replayed_once(linked: World) -> None:
    _observe(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    row = linked.last()
    _write_again(linked)
    for _ in range(2):
        replaying.replay(linked.db, linked.connections, [row["id"]], by="Ana")
        linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_write_that_may_have_landed_before_is_still_looked_for(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _observe(linked)
    linked.incident.note("I-1", "Ana (case): one", US)
    linked.wait(LANDED)
    assert linked.said()[-1] == ("comment", "applied", "adopted")
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_what_was_read_while_observing_ended_is_tried_again_and_written(linked: World) -> None:
    _observe(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    (job,) = linked.claim()
    done = linked.attempt(job)
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.settle(done)
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_paused_account_that_is_observed_keeps_first_and_tells_then(linked: World) -> None:
    _observe(linked)
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    restraint.resume(linked.db, PAGERDUTY, by="Ana")
    linked.drain()
    assert linked.said() == [("comment", "held", "paused"), ("comment", "ignored", "observing")]


@pytest.mark.parametrize("act", [restraint.observe, restraint.write_again])
def test_twice_is_so_already(linked: World, act: object) -> None:
    _observe(linked)
    if act is restraint.write_again:
        assert restraint.write_again(linked.db, PAGERDUTY, by="Ben")
        assert not restraint.write_again(linked.db, PAGERDUTY, by="Ben")
    else:
        assert not restraint.observe(linked.db, PAGERDUTY, by="Ben")
    assert linked.account(Side.INCIDENT).observed_by == ("Ana" if act is restraint.observe else "")


def test_a_resolve_takes_its_resolution_note_along_if_that_still_stands(linked: World) -> None:
    _observe(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.RESOLUTION_NOTE, "first guess")
    linked.drain()
    linked.clock.forward(5)
    linked.act(Side.CASE, "C-1", Field.RESOLUTION_NOTE, "fixed it")
    linked.comment(Side.CASE, "C-1", "words of then")
    linked.drain()
    _write_again(linked)
    assert linked.incident.record("I-1").status is Status.RESOLVED
    assert linked.incident.texts("I-1") == ["Resolution Note: fixed it"]
    linked.wait(60)
    assert len(linked.incident.texts("I-1")) == 1
