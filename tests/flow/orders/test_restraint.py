"""A paused account keeps everything, in its order, whatever else holds it as well and whichever lets go first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.core.lifecycle import IntegrationState
from syncd.errors import NotFound
from syncd.flow import accounts
from syncd.flow.catchup import reconcile
from syncd.flow.orders import pausing, restraint
from syncd.flow.status.condition import condition
from syncd.store import arrivals, holds, reconciles
from tests.flow.world import CASES, PAGERDUTY, World

SENTENCE = "Integration pagerduty is paused by Ana: a move"


def _pause(world: World, why: str = "a move") -> bool:
    return restraint.pause(world.db, PAGERDUTY, by="Ana", why=why)


def _resume(world: World) -> bool:
    return restraint.resume(world.db, PAGERDUTY, by="Ana")


def _refuse(world: World) -> None:
    """The key is refused from now on, until `_accept`."""
    for op in ("add_note", "fetch", "notes", "check"):
        for _ in range(20):
            world.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))


def _accept(world: World) -> None:
    world.incident.faults.clear()
    with world.db.write() as tx:
        accounts.let_go_on(tx, world.account(Side.INCIDENT), world.db.now(tx))


def test_what_comes_while_an_account_is_paused_goes_out_in_its_order_afterwards(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    linked.wait(3600)
    assert linked.incident.calls == []
    assert set(linked.said()) == {("comment", "held", "paused"), ("acknowledge", "held", "paused")}
    assert {row["detail"] for row in linked.rows() if row["reason"] == "paused"} == {SENTENCE}
    linked.forget()
    _resume(linked)
    linked.drain()
    assert linked.incident.writes() == ["add_note", "set_status", "add_note"]
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]
    assert {outcome for _, outcome, _ in linked.said()} == {"applied"}


def test_what_waits_already_is_held_with_a_row_that_says_who_and_why(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    _pause(linked)
    row = linked.last()
    assert (row["outcome"], row["reason"], row["detail"]) == ("held", "paused", SENTENCE)


def test_of_wishes_kept_only_the_last_goes_out(linked: World) -> None:
    restraint.pause(linked.db, CASES, by="Ana", why="a move")
    for value in ("HIGH", "MIDDLE", "HIGH", "MIDDLE"):
        linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, value)
    linked.drain()
    restraint.resume(linked.db, CASES, by="Ana")
    linked.drain()
    assert linked.case.writes() == ["set_priority"]
    assert linked.case.record("C-1").priority == "P4"


@pytest.mark.parametrize("slug", [PAGERDUTY, CASES])
def test_on_the_other_side_of_its_links_nothing_is_written_either(linked: World, slug: str) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.INCIDENT, "I-1", "zero")
    linked.plan()
    restraint.pause(linked.db, slug, by="Ana", why="a move")
    linked.comment(Side.INCIDENT, "I-1", "back")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.comment(Side.INCIDENT, "I-1", "and again")
    linked.drain()
    linked.wait(3600)
    assert linked.case.writes() == linked.incident.writes() == []
    held = [row for row in linked.rows() if row["reason"] == "paused"]
    assert {row["detail"] for row in held} == {f"Integration {slug} is paused by Ana: a move"}
    assert condition(linked.db).held.by_paused_account == {slug: 5}
    linked.forget()
    restraint.resume(linked.db, slug, by="Ana")
    linked.drain()
    assert linked.case.writes() == ["add_note", "add_note", "set_priority", "add_note"]
    assert linked.case.texts("C-1") == ["one", "zero", "back", "and again"]
    assert linked.case.record("C-1").priority == "P4"
    assert linked.incident.texts("I-1")[-1:] == ["Ana (case): one"]


@pytest.mark.parametrize(("first", "second"), [(PAGERDUTY, CASES), (CASES, PAGERDUTY)])
def test_what_two_paused_accounts_hold_goes_out_when_both_go_on(linked: World, first: str, second: str) -> None:
    _pause(linked)
    restraint.pause(linked.db, CASES, by="Ben", why="an upgrade")
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.INCIDENT, "I-1", "back")
    linked.drain()
    assert condition(linked.db).held.by_paused_account == {PAGERDUTY: 2, CASES: 2}
    linked.forget()
    restraint.resume(linked.db, first, by="Ben")
    linked.sweep()
    linked.drain()
    assert linked.said() == [], "what stays held is not held anew"
    assert linked.case.writes() == linked.incident.writes() == []
    restraint.resume(linked.db, second, by="Ben")
    linked.drain()
    assert linked.case.texts("C-1") == ["one", "back"]
    assert linked.incident.texts("I-1") == ["back", "Ana (case): one"]


@pytest.mark.parametrize("slug", [PAGERDUTY, CASES])
def test_a_link_that_is_resumed_waits_for_either_of_its_accounts(linked: World, slug: str) -> None:
    _pause_link(linked)
    restraint.pause(linked.db, slug, by="Ana", why="a move")
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.INCIDENT, "I-1", "back")
    linked.drain()
    linked.forget()
    _resume_link(linked)
    with linked.db.read() as tx:
        assert holds.by_link(tx, "paused") == {linked.link().id: 2}
    linked.drain()
    assert linked.said() == [], "what stays held is not held anew"
    assert linked.case.writes() == linked.incident.writes() == []


def test_links_of_no_paused_account_go_on(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    with linked.db.write() as tx:
        assert holds.hold_links_of(tx, "elsewhere", "paused") == []
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_case_that_asks_for_an_incident_gets_it_after_the_pause(world: World) -> None:
    _pause(world)
    world.ask_for_incident()
    world.drain()
    assert world.incident.kept == {}
    _resume(world)
    world.drain()
    assert world.link().link.incident_id == "I-1"


def test_a_hook_that_needs_a_look_is_held_and_looked_at_afterwards(linked: World) -> None:
    _pause(linked)
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    linked.sweep()
    linked.drain()
    assert linked.incident.calls == []
    assert linked.said() == [("event", "held", "paused")]
    assert linked.last()["detail"] == SENTENCE
    _resume(linked)
    linked.drain()
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_a_look_that_was_refused_while_its_account_was_paused_is_made_soon_after_the_resume(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.meanwhile["fetch"] = lambda: _pause(linked)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.said() == [("event", "held", "disconnected")]
    _resume(linked)
    linked.wait(1)
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_a_look_that_found_the_key_refused_is_made_after_a_pause_in_which_the_key_was_renewed(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.account(Side.INCIDENT).state is IntegrationState.DISCONNECTED
    _pause(linked)
    with linked.db.write() as tx:
        accounts.let_go_on(tx, linked.account(Side.INCIDENT), linked.db.now(tx))
    _resume(linked)
    linked.wait(1)
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_a_look_that_was_put_off_is_made_after_a_pause_in_which_its_account_answered_again(linked: World) -> None:
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    hook = linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    _pause(linked)
    with linked.db.write() as tx:
        arrivals.put_off(tx, hook, linked.db.now(tx) + timedelta(hours=1))  # As after its seventh try.
        accounts.let_go_on(tx, linked.account(Side.INCIDENT), linked.db.now(tx))
    _resume(linked)
    linked.wait(1)
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_a_hook_held_by_a_pause_is_looked_at_after_it_though_the_sender_is_refused(linked: World) -> None:
    for op in ("add_note", "check_sender"):
        linked.incident.fail(op, errors.UnknownSender("Nobody.", status=400), times=20)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert linked.account(Side.INCIDENT).code == accounts.SENDER_REFUSED
    _pause(linked)
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    _resume(linked)
    linked.wait(1)
    assert linked.account(Side.INCIDENT).code == accounts.SENDER_REFUSED
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


def test_a_paused_account_is_neither_probed_nor_disconnected(linked: World) -> None:
    _refuse(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    (job,) = linked.claim()
    done = linked.attempt(job)
    _pause(linked)
    linked.settle(done)
    assert linked.account(Side.INCIDENT).state is IntegrationState.CONNECTED
    linked.forget()
    linked.wait(3600)
    assert linked.incident.calls == []
    linked.incident.faults.clear()
    _resume(linked)
    linked.wait(10)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_an_account_that_was_disconnected_before_is_not_probed_until_it_goes_on(linked: World) -> None:
    _refuse(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert linked.account(Side.INCIDENT).state is IntegrationState.DISCONNECTED
    _pause(linked)
    linked.incident.faults.clear()
    linked.forget()
    linked.wait(3600)
    assert linked.incident.calls == []
    _resume(linked)
    linked.wait(61)
    assert linked.account(Side.INCIDENT).state is IntegrationState.CONNECTED
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def _pause_link(world: World) -> None:
    pausing.pause(world.db, world.link().id, by="Ana")


def _resume_link(world: World) -> None:
    pausing.resume(world.db, world.link().id, by="Ana")


LETTING_GO: dict[str, Callable[[World], object]] = {"account": _resume, "link": _resume_link, "key": _accept}


@pytest.mark.parametrize("order", list(permutations(LETTING_GO)), ids="-".join)
def test_three_that_hold_let_go_in_any_order_and_all_goes_out_once_and_in_order(
    linked: World, order: tuple[str, ...]
) -> None:
    _refuse(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _pause_link(linked)
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "three")
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    for name in order:
        assert linked.incident.texts("I-1") == []
        LETTING_GO[name](linked)
        linked.sweep()
        linked.drain()
    linked.wait(61)
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two", "Ana (case): three"]
    with linked.db.read() as tx:
        assert not [one for one in ("paused", "disconnected") if holds.by_link(tx, one)]


def test_a_paused_link_keeps_what_is_its_own_when_its_account_goes_on(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    linked.forget()
    _pause_link(linked)
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "mine")
    linked.comment(Side.CASE, "C-2", "yours")
    linked.drain()
    linked.forget()
    _resume(linked)
    linked.drain()
    assert linked.incident.texts("I-2") == ["Ana (case): yours"]
    assert linked.incident.texts("I-1") == []
    assert linked.said() == [("comment", "applied", "noted")], "what stays held is not held anew"


def test_what_a_turn_that_still_believed_in_the_pause_has_held_is_let_go_by_the_sweep(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    with linked.db.write() as tx:
        holds.hold_account(tx, PAGERDUTY, Side.INCIDENT, "paused")
    linked.drain()
    assert linked.incident.texts("I-1") == []
    linked.sweep()
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_whoever_paused_it_first_stands(linked: World) -> None:
    assert _resume(linked) is False
    assert _pause(linked) is True
    since = linked.account(Side.INCIDENT).paused_at
    linked.clock.forward(60)
    assert restraint.pause(linked.db, PAGERDUTY, by="Ben", why="a longer move") is False
    paused = linked.account(Side.INCIDENT)
    assert (paused.paused_at, paused.paused_by, paused.pause_reason) == (since, "Ana", "a move")
    assert _resume(linked) is True
    assert not linked.account(Side.INCIDENT).is_paused


def test_status_tells_of_a_pause_with_how_much_it_holds(linked: World) -> None:
    _pause(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    seen = condition(linked.db)
    assert [one.slug for one in seen.restrained] == [PAGERDUTY]
    assert seen.held.by_paused_account == {PAGERDUTY: 2}
    found = [one.what for one in seen.findings if "held" in one.what]
    assert found == ["2 changes are held because pagerduty is paused."]


def test_a_name_that_is_none_is_refused_with_where_to_look(world: World) -> None:
    for act in (restraint.resume, restraint.observe, restraint.write_again):
        with pytest.raises(NotFound, match="no integration called nobody; `syncd integrations list`"):
            act(world.db, "nobody", by="Ana")


def test_a_repair_waits_until_its_account_goes_on(linked: World) -> None:
    worker = reconcile.Worker(linked.db, linked.connections, linked.clock, linked.crew.wake, lambda _: False)
    with linked.db.write() as tx:
        now = linked.db.now(tx)
        reconciles.ask(tx, PAGERDUTY, now, why="asked", by="Ben", now=now)
    _pause(linked)
    assert reconcile.work(worker)
    assert linked.incident.calls == []
    with linked.db.read() as tx:
        (waiting,) = reconciles.listing(tx, limit=5)
    assert (waiting["state"], waiting["detail"]) == ("waiting", SENTENCE)
    assert not reconcile.work(worker), "it is put off"
    _resume(linked)
    assert reconcile.work(worker)
    assert "standing" in [call.op for call in linked.incident.calls]
