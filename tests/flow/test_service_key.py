"""The one-way path: a case's whole life as events to one service, told twice without harm, and nothing read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from syncd import errors
from syncd.budget.fallback import budget
from syncd.connections.tolls import Tolls
from syncd.core.changes import CaseOpened, Field, Side, Status
from syncd.core.lifecycle import IntegrationState
from syncd.core.link import LinkState
from syncd.core.shard import SHARDS
from syncd.flow import accounts
from syncd.flow.catchup import restoring, unheard
from syncd.flow.catchup.compare import compare
from syncd.flow.claim import claim
from syncd.flow.mapped import mapped
from syncd.flow.room import Room
from syncd.flow.status import condition
from syncd.simulator import KEYS
from syncd.store import connectors, integrations, reconciles
from syncd.store.integrations import EVENTS
from syncd.systems import events_api
from syncd.systems.events_api import ServiceEvents
from tests.flow.far_side import ANA
from tests.flow.pager import PAGER, Pager, pager
from tests.flow.world import CASES, LANDED, World, work

SEVERITIES = [{"case": case, "incident": severity} for case, severity in (("P1", "critical"), ("P3", "warning"))]


@pytest.fixture
def scene(world: World) -> Iterator[Pager]:
    with pager(world, SEVERITIES, {"case_reopened": "reopen"}) as made:
        yield made


def test_a_case_opens_an_incident_of_its_service_that_says_where_the_case_is(scene: Pager) -> None:
    scene.open(priority="P1")
    it, link = scene.incident, scene.world.link()
    assert scene.sim.account.services[it.service_id].name == "Payments"
    assert (it.title, it.status, it.severity, it.incident_key) == (
        "Checkout is slow",
        "triggered",
        "critical",
        link.key,
    )
    (sent,) = [json.loads(one.body) for one in scene.sim.journal.requests]
    assert sent["links"] == [{"href": "https://case.test/C-1", "text": "View the case"}]
    assert sent["client_url"] == "https://case.test/C-1"
    assert sent["payload"]["custom_details"]["case"] == "C-1"
    assert "Since noon." in sent["payload"]["custom_details"]["details"]
    assert (link.link.state, link.link.incident_id, link.link.incident_url) == (LinkState.OPEN, link.key, "")


def test_the_case_is_told_that_there_is_no_address_and_nothing_comes_back(scene: Pager) -> None:
    scene.open()
    (told,) = scene.world.case.texts("C-1")
    assert "no address" in told
    assert scene.world.said() == [("open", "applied", "changed"), ("link", "applied", "noted")]
    assert "does not say" in scene.world.rows()[0]["detail"]


def test_the_whole_life_of_a_case_goes_out_and_nothing_is_ever_read(scene: Pager) -> None:
    scene.open()
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert scene.incident.status == "acknowledged"
    scene.set(Field.PRIORITY, "P1")
    assert (scene.incident.severity, scene.incident.status) == ("critical", "acknowledged")
    scene.set(Field.STATUS, Status.RESOLVED)
    assert scene.incident.status == "resolved"
    assert scene.events() == ["trigger", "acknowledge", "trigger", "resolve"]
    assert {one.method for one in scene.sim.journal.requests} == {"POST"}
    assert {one for one in scene.world.states() if one[1] != "delivered"} == set()
    assert KEYS.payments not in str(scene.world.rows())


def test_a_reopened_case_triggers_a_new_incident_under_the_same_key_and_says_so(scene: Pager) -> None:
    scene.open()
    scene.set(Field.STATUS, Status.RESOLVED)
    scene.set(Field.STATUS, Status.OPEN)
    first, second = scene.incidents
    assert (first.status, second.status) == ("resolved", "triggered")
    assert first.incident_key == second.incident_key
    assert "new incident under the same key" in scene.world.last()["detail"]
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert second.status == "acknowledged"


def test_a_priority_changed_after_the_end_pages_nobody_and_the_next_trigger_says_it(scene: Pager) -> None:
    scene.open()
    scene.set(Field.STATUS, Status.RESOLVED)
    scene.set(Field.PRIORITY, "P1")
    assert scene.world.said()[-1] == ("priority", "ignored", "one_way")
    assert len(scene.incidents) == 1
    scene.set(Field.STATUS, Status.OPEN)
    assert scene.incidents[1].severity == "critical"
    scene.set(Field.PRIORITY, "P3")
    assert scene.incidents[1].severity == "warning"


def test_a_priority_without_a_severity_is_recorded_and_not_sent(scene: Pager) -> None:
    scene.open(priority="P4")
    assert scene.incident.severity == events_api.USUAL_SEVERITY
    scene.set(Field.PRIORITY, "P5")
    assert scene.world.said()[-1] == ("priority", "ignored", "not_mapped")


@pytest.mark.parametrize("what", ["comment", "resolution_note", "close", "unacknowledge"])
def test_what_no_event_says_stays_on_the_case_with_one_row(scene: Pager, what: str) -> None:
    scene.open()
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.forget()
    sent = scene.events()
    match what:
        case "comment":
            scene.world.comment(Side.CASE, "C-1", "We look into it.")
            scene.world.drain()
        case "resolution_note":
            scene.set(Field.RESOLUTION_NOTE, "It was the cache.")
        case "close":
            scene.set(Field.STATUS, Status.CLOSED)
        case _:
            scene.set(Field.STATUS, Status.OPEN)
    assert scene.world.said() == [(what, "ignored", "one_way")]
    assert scene.events() == sent


@pytest.mark.parametrize("lands", [pytest.param(True, id="it-landed"), pytest.param(False, id="it-did-not")])
def test_an_opening_without_an_answer_is_told_again_and_never_makes_two_incidents(scene: Pager, lands: bool) -> None:
    scene.lay(cut=True, applied=lands)
    scene.open()
    assert scene.world.link().link.state is LinkState.OPENING
    scene.world.wait(LANDED)
    assert scene.world.link().link.state is LinkState.OPEN
    assert scene.incident.status == "triggered"
    assert scene.events() == ["trigger", "trigger"]


def test_an_opening_whose_worker_died_is_told_again_and_never_makes_two_incidents(scene: Pager) -> None:
    record = scene.world.case.put("C-1", priority="P3", title="Slow")
    opened = CaseOpened(record.title, "", "P3", PAGER, record.url, ANA, record.at)
    scene.world.tell(Side.CASE, "C-1", opened, kind="opened")
    scene.world.plan()
    with scene.world.turn() as turn:
        (job,), _ = claim(turn, range(SHARDS), Room({CASES: 32, PAGER: 32}))
    scene.world.attempt(job)
    scene.world.wait(LANDED)
    assert scene.incident.status == "triggered"
    assert scene.world.link().link.state is LinkState.OPEN


@pytest.mark.parametrize("lands", [pytest.param(True, id="it-landed"), pytest.param(False, id="it-did-not")])
def test_a_case_resolved_while_its_opening_is_in_doubt_leaves_nobody_paged(scene: Pager, lands: bool) -> None:
    scene.lay(cut=True, applied=lands)
    scene.open()
    scene.set(Field.STATUS, Status.RESOLVED)
    scene.world.wait(LANDED)
    assert [one.status for one in scene.incidents] == (["resolved"] if lands else [])
    assert scene.world.link().link.state is LinkState.ENDED
    assert "told to resolve it" in next(row["detail"] for row in scene.world.rows() if row["reason"] == "case_over")


def test_an_event_that_is_done_late_keeps_its_order(scene: Pager) -> None:
    scene.sim.switches.events_delay_s = 5.0
    scene.open()
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert scene.incidents == []
    scene.world.clock.forward(6)
    scene.sim.door.catch_up()
    assert scene.incident.status == "acknowledged"


def test_a_key_that_no_service_has_disconnects_with_a_code_of_its_own_and_keeps_everything(scene: Pager) -> None:
    scene.open()
    service = scene.sim.account.integration_keys.pop(KEYS.payments)
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert (scene.account().state, scene.account().code) == (
        IntegrationState.DISCONNECTED,
        accounts.SERVICE_KEY_REFUSED,
    )
    assert "Invalid routing key" in scene.account().reason
    assert scene.world.said()[-1] == ("acknowledge", "held", "disconnected")
    assert f"syncd integrations rotate {PAGER}" in accounts.cure(scene.account())
    scene.sim.account.integration_keys[KEYS.payments] = service
    scene.world.wait(timedelta(minutes=2))
    assert scene.account().state is IntegrationState.CONNECTED
    assert scene.incident.status == "acknowledged"


def test_an_event_that_is_refused_is_dead_with_pagerdutys_own_words(scene: Pager) -> None:
    scene.open()
    said = {"status": "invalid event", "message": "Event object is invalid", "errors": ["'dedup_key' is odd"]}
    scene.lay(status=400, body=said)
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert scene.world.said()[-1] == ("acknowledge", "failed", "refused")
    assert "'dedup_key' is odd" in scene.world.last()["detail"]
    assert scene.account().state is IntegrationState.CONNECTED


def test_too_many_events_wait_and_go_out_later(scene: Pager) -> None:
    scene.sim.switches.events_per_minute = 1
    scene.open()
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert scene.world.said()[-1] == ("acknowledge", "retrying", "rate_limited")
    scene.world.wait(timedelta(seconds=90))
    assert scene.incident.status == "acknowledged"


def test_trouble_over_there_is_tried_again(scene: Pager) -> None:
    scene.open()
    scene.lay(status=503)
    scene.set(Field.STATUS, Status.RESOLVED)
    assert scene.world.said()[-1] == ("resolve", "retrying", "ambiguous")
    scene.world.wait(LANDED)
    assert scene.incident.status == "resolved"


def test_a_bidirectional_connector_beside_it_goes_on_unchanged(scene: Pager) -> None:
    scene.open("C-1")
    scene.open("C-2", connector="payments")
    assert scene.world.link("C-2").link.integration == "pagerduty"
    scene.world.act(Side.CASE, "C-2", Field.STATUS, Status.ACKNOWLEDGED)
    scene.set(Field.STATUS, Status.RESOLVED)
    assert scene.world.incident.record("I-1").status == Status.ACKNOWLEDGED
    assert scene.incident.status == "resolved"
    scene.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    scene.world.drain()
    assert scene.world.case.record("C-2").status == Status.RESOLVED


def test_nobody_looks_it_over_polls_it_or_waits_for_its_hooks(scene: Pager) -> None:
    scene.open()
    with scene.world.db.write() as tx:
        integrations.reseal(tx, PAGER, b"sealed", {})
    unheard.ask_where_due(scene.world.db)
    unheard.ask(scene.world.db, "", scene.world.clock.now() - timedelta(hours=1), by="Ana")
    with scene.world.db.read() as tx:
        assert [one for one in reconciles.listing(tx) if one["integration"] == PAGER] == []
    with pytest.raises(errors.Conflict, match="only sends"):
        unheard.ask(scene.world.db, PAGER, scene.world.clock.now(), by="Ana")
    assert [one.slug for one in condition.condition(scene.world.db).incoming.deaf] == []


def test_a_restored_backup_waits_for_no_reading_of_it(scene: Pager) -> None:
    scene.open()
    with scene.world.db.write() as tx:
        integrations.reseal(tx, PAGER, b"sealed", {})
    made = restoring.restored(scene.world.db, by="Ana", since=scene.world.clock.now() - timedelta(hours=1))
    assert PAGER not in made.accounts
    assert not scene.account().is_unread


def test_a_comparison_says_that_one_side_cannot_be_read(scene: Pager) -> None:
    scene.open()
    number = scene.world.link().id
    with pytest.raises(errors.Conflict, match=rf"Link {number} cannot be compared, since {PAGER} only takes"):
        compare(scene.world.db, scene.world.connections, scene.world.clock, number)


def test_what_is_only_observed_is_a_row_and_no_event(scene: Pager) -> None:
    scene.open()
    with scene.world.db.write() as tx:
        integrations.observe(tx, PAGER, by="Ana", at=scene.world.db.now(tx))
    scene.world.clock.forward(1)
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    assert scene.world.said()[-1] == ("acknowledge", "ignored", "observing")
    assert scene.incident.status == "triggered"


def test_a_link_of_another_service_key_is_another_matter(scene: Pager) -> None:
    """Several services are several connectors; the opening request chooses."""
    other = events_api.http(KEYS.checkout, "us", transport=scene.sim.transport())
    with scene.world.db.write() as tx:
        now = scene.world.db.now(tx)
        integrations.add(
            tx, slug="second", system=EVENTS, side=Side.INCIDENT, base_url="", settings={}, sealed=None, now=now
        )
        of_pager = connectors.all_of(tx)[PAGER]
        connectors.add(tx, replace(of_pager, name="second", integration="second"), now)
    scene.world.connections._systems["second"] = ((None, "", {}, False), ServiceEvents(other, KEYS.checkout))
    scene.open("C-1")
    scene.open("C-2", connector="second")
    assert [scene.sim.account.services[one.service_id].name for one in scene.incidents] == ["Payments", "Checkout"]


def test_a_burst_of_cases_meets_no_429_of_the_events_api(scene: Pager) -> None:
    world, most = scene.world, 30
    scene.sim.switches.events_per_minute = most
    world.connections.tolls = Tolls(budget("", "", 1, world.clock), events_limit=most)
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET system = 'events' WHERE slug = 'pager'"))
    for number in range(most * 2):
        scene.ask(f"C-{number}")
    for _ in range(600):
        work(world.crew, range(SHARDS))
        if len(scene.incidents) == most * 2:
            break
        world.clock.forward(0.5)
    assert len(scene.incidents) == most * 2
    assert [one.at for one in scene.sim.journal.requests if one.status == 429] == []
    assert {one["outcome"] for one in world.rows() if one["change"] == "open"} == {"applied"}, (
        "no row for waiting its turn"
    )


def test_what_its_events_became_is_shown_with_what_it_takes(scene: Pager) -> None:
    scene.open(priority="P2")
    scene.world.comment(Side.CASE, "C-1", "Rolling back.")
    scene.world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    scene.world.drain()
    found = mapped(scene.world.db, scene.world.connections, PAGER)
    assert [(one.what, [it.kind for it in one.now]) for one in found.events] == [
        ("status resolved", ["status"]),
        ("a comment written", ["one_way"]),
        ("a case with priority P2", ["not_mapped"]),
    ]
    assert found.events[2].now[0].words == "an incident with the usual severity: P2 is not mapped"
    assert {one.on for one in found.samples} == {Side.CASE}
    assert found.is_one_way
