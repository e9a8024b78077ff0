"""A case asks for an incident: once, whoever dies over it, and whatever overtakes it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd import errors
from syncd.core.changes import CaseOpened, Field, Side, Status
from syncd.core.link import LinkState
from syncd.core.shard import shard_of
from syncd.flow.look import RECONCILE
from syncd.flow.orders import parking, restraint
from syncd.store import arrivals
from syncd.store.arrivals import NewArrival
from tests.flow.catcher import Catcher
from tests.flow.far_side import ANA, body_of
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

NOBODY_ON_CALL = errors.Refused("Nobody is on call for this service.", reason="nobody_on_call", status=400, code=1015)


def test_a_case_gets_its_incident_and_shows_it(world: World) -> None:
    world.ask_for_incident(priority="P1")
    world.drain()
    link = world.link().link
    assert (link.state, link.incident_id) == (LinkState.OPEN, "I-1")
    assert world.incident.record("I-1").title == "Checkout is slow"
    assert world.incident.record("I-1").priority == "HIGH"
    assert world.case.kept["C-1"].shown == world.incident.record("I-1").url
    assert world.said() == [("open", "applied", "changed"), ("link", "applied", "changed")]


def test_an_incident_opened_by_a_worker_that_died_is_found_by_its_key(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    world.attempt(job)
    world.wait(LANDED)
    assert world.incident.writes() == ["open"]
    assert world.link().link.incident_id == "I-1"
    assert world.said()[:2] == [("open", "retrying", "worker_lost"), ("open", "applied", "changed")]


def test_an_incident_opened_without_an_answer_is_found_by_its_key(world: World) -> None:
    world.incident.fail("open", errors.Ambiguous("No answer."), lands=True)
    world.ask_for_incident()
    world.drain()
    world.wait(LANDED)
    assert world.incident.writes() == ["open"]
    assert world.link().link.incident_id == "I-1"


def test_what_people_did_on_an_adopted_incident_meanwhile_is_carried_over(world: World) -> None:
    world.incident.fail("open", errors.Ambiguous("No answer."), lands=True)
    world.ask_for_incident()
    world.drain()
    world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.wait(LANDED)
    assert world.case.record("C-1").status == Status.ACKNOWLEDGED


@pytest.mark.parametrize("finds_it", [pytest.param("settle", id="settle"), pytest.param("sweep", id="sweep")])
def test_a_hook_that_overtook_our_own_opening_is_planned_again(world: World, finds_it: str) -> None:
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    opened = world.attempt(job)
    if finds_it == "sweep":
        world.settle(opened)
        world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
        with world.turn() as turn:
            arrivals.unlinked(turn.tx, [_newest(world)])  # As a worker left it that did not see the link yet.
        world.drain()
        assert world.case.record("C-1").status == Status.OPEN
        world.sweep()
    else:
        world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
        world.drain()
        assert world.said() == [("event", "held", "opening")]
        world.settle(opened)
    world.drain()
    assert world.case.record("C-1").status == Status.ACKNOWLEDGED


def _newest(world: World) -> int:
    with world.db.read() as tx:
        return max(one.id for one in arrivals.due(tx, range(16), world.clock.now(), 100))


def test_an_unlinked_hook_older_than_ten_minutes_stays_as_it_is(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    opened = world.attempt(job)
    seen = world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.hear(Side.INCIDENT, body_of("I-1", seen), record="I-1")  # It names no key, so that it might be of anybody.
    world.drain()
    assert world.said() == [("event", "ignored", "unlinked")]
    world.clock.forward(timedelta(minutes=11))
    world.settle(opened)
    world.sweep()
    world.drain()
    assert world.case.record("C-1").status == Status.OPEN


def test_a_comment_that_overtook_the_hook_that_opens_its_case_is_not_lost(world: World) -> None:
    world.case.put("C-1", priority="P3")
    world.comment(Side.CASE, "C-1", "We look into it.")
    world.drain()
    world.ask_for_incident()
    world.drain()
    assert world.incident.texts("I-1") == ["Ana (case): We look into it."]


def test_refused_for_good_fails_the_link_tells_the_case_and_holds_the_rest(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.comment(Side.CASE, "C-1", "Anybody there?")
    world.drain()
    assert world.link().link.state is LinkState.FAILED
    assert world.link().reason == "Nobody is on call for this service."
    assert world.case.texts("C-1")[1:] == [
        "PagerDuty did not open an incident for this case: Nobody is on call for this service."
    ]
    assert world.said() == [
        ("open", "failed", "nobody_on_call"),
        ("comment", "held", "link_failed"),
        ("open", "applied", "noted"),
    ]
    world.forget()
    world.comment(Side.CASE, "C-1", "Later on.")
    world.drain()
    assert world.said() == [("comment", "held", "link_failed")]
    assert world.incident.calls == []


def test_a_case_resolved_before_its_incident_opened_gets_none(world: World) -> None:
    world.ask_for_incident()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    assert world.incident.calls == []
    assert world.link().link.state is LinkState.ENDED
    assert ("open", "ignored", "case_over") in world.said()


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKNOWLEDGED])
def test_a_case_that_comes_back_opens_its_incident_after_all(world: World, status: Status) -> None:
    world.ask_for_incident()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    world.forget()
    world.clock.forward(60)
    world.act(Side.CASE, "C-1", Field.STATUS, status)
    world.comment(Side.CASE, "C-1", "It is back.")
    world.drain()
    assert world.in_step().status == status
    assert world.incident.texts("I-1") == ["Ana (case): It is back."]
    assert world.incident.writes().count("open") == 1
    assert ("open", "applied", "changed") in world.said()


def test_a_case_that_comes_back_opens_nothing_that_a_person_has_put_aside(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="Not now.")
    world.ask_for_incident()
    world.drain()
    parking.park(world.db, [int(row["id"]) for row in world.rows()], by="Ana", why="A drill.")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.OPEN)
    world.drain()
    assert world.link().link.state is LinkState.ENDED
    assert world.incident.kept == {}


@pytest.mark.parametrize("lands", [pytest.param(True, id="it-was-opened"), pytest.param(False, id="it-was-not")])
def test_a_case_resolved_while_nobody_knows_whether_its_incident_opened(world: World, lands: bool) -> None:
    world.incident.fail("open", errors.Ambiguous("No answer."), lands=lands)
    world.ask_for_incident()
    world.drain()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    world.wait(LANDED)
    assert world.incident.writes().count("open") == 1
    if lands:
        assert world.in_step().status == Status.RESOLVED
    else:
        assert world.link().link.state is LinkState.ENDED
        assert world.incident.kept == {}


def test_a_second_hook_for_the_same_case_opens_nothing(world: World) -> None:
    world.ask_for_incident()
    world.drain()
    world.forget()
    world.tell(Side.CASE, "C-1", CaseOpened("again", at=world.clock.now(), by=ANA), kind="opened")
    world.drain()
    assert world.said() == [("open", "suppressed", "duplicate")]
    assert list(world.incident.kept) == ["I-1"]


@pytest.mark.parametrize(("ref", "differences"), [("C-1", 0), ("C-2", 1)])
def test_a_case_that_a_look_over_its_account_lists_is_a_difference_unless_its_own_hook_came_first(
    linked: World, ref: str, differences: int
) -> None:
    catcher = Catcher(linked)
    number = catcher.ask(linked.clock.now() - timedelta(minutes=5), CASES)
    record = linked.case.put(ref, priority="P3", title="Checkout is slow")
    opened = CaseOpened(record.title, "", "P3", "", record.url, ANA, record.at)
    body = body_of(ref, opened, kind="opened")
    row = NewArrival(CASES, None, RECONCILE, ref, body, linked.clock.now(), shard_of(ref), reconcile_id=number)
    with linked.db.write() as tx:
        arrivals.add_many(tx, [row])
    linked.drain()
    assert catcher.last(CASES)["differences"] == differences


def test_a_case_sent_to_a_connector_that_is_not_there_is_left_alone_with_a_row(world: World) -> None:
    world.case.put("C-1")
    world.tell(Side.CASE, "C-1", CaseOpened("Slow", connector="nowhere", at=world.clock.now()), kind="opened")
    world.drain()
    assert world.said() == [("open", "ignored", "no_connector")]


def test_rows_name_both_records_and_both_systems(world: World) -> None:
    world.ask_for_incident()
    world.drain()
    opened, linked = world.rows()
    for row in (opened, linked):
        assert (row["case_id"], row["incident_id"], row["integration"]) == ("C-1", "I-1", PAGERDUTY)
    assert (opened["direction"], opened["source_system"], opened["destination_system"]) == (
        "outbound",
        CASES,
        PAGERDUTY,
    )
    assert (linked["direction"], linked["source_system"], linked["destination_system"]) == ("inbound", PAGERDUTY, CASES)
    assert (opened["method"], opened["http_status"], opened["attempt"]) == ("OPEN", 200, 1)
