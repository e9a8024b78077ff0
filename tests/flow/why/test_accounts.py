"""Gates 2 to 4 of a system that runs and is broken: no incident, sync switched off, an account that is away or held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.orders import pausing, removing, restraint, two_way
from syncd.simulator import BOT_EMAIL, KEYS
from tests.flow.pager import Pager, pager
from tests.flow.simulated import Simulated
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")


def comment(world: World, words: str = "Looking") -> None:
    world.comment(Side.CASE, "C-1", words)
    world.drain()


def test_a_key_that_was_revoked(scene: Simulated) -> None:
    scene.sim.people.revoke(scene.sim.keys.full)
    comment(scene.world)
    said = stopped(scene.world, at=Gate.CONNECTED, code="PAG-100-B")
    assert said.sentence.startswith("pagerduty is disconnected since 2026-11-21 12:00 UTC (PAG-100-B): ")
    assert said.sentence.endswith("; 1 change is held, and not lost.")
    assert (said.who, said.act, said.target) == (Who.YOU, Act.RECONNECT, PAGERDUTY)
    assert said.command == "syncd integrations rotate pagerduty"
    scene.sim.people.restore(scene.sim.keys.full)
    scene.world.wait(timedelta(seconds=61))
    assert not ask(scene.world).verdict.stops


def test_an_owner_who_was_deactivated(scene: Simulated) -> None:
    scene.sim.people.deactivate(BOT_EMAIL)
    comment(scene.world)
    said = stopped(scene.world, at=Gate.CONNECTED, code="SYN-PAG-SENDER")
    assert said.command == "syncd integrations set pagerduty --email ADDRESS"


def test_a_key_that_may_only_read_any_more(scene: Simulated) -> None:
    keys, full = scene.sim.account.keys, scene.sim.keys.full
    keys[full] = replace(keys[full], kind="read_only")
    comment(scene.world)
    said = stopped(scene.world, at=Gate.CONNECTED, code="SYN-PAG-READONLY")
    assert said.command == "syncd integrations rotate pagerduty"


def test_what_the_incident_tells_still_comes_while_only_writing_is_refused(scene: Simulated) -> None:
    """The first stop is that of the way that is stopped, and a change the other way has none."""
    scene.sim.people.set_role(BOT_EMAIL, "observer")
    comment(scene.world)
    incident = scene.incident.id
    scene.world.tell(Side.CASE, "C-1")
    assert stopped(scene.world, incident, at=Gate.CONNECTED, code="SYN-PAG-SENDER").who is Who.YOU


@pytest.fixture
def paged(world: World) -> Iterator[Pager]:
    with pager(world) as made:
        yield made


def test_a_connector_with_a_service_key_lets_nothing_come_back(paged: Pager) -> None:
    paged.open()
    said = stopped(paged.world, at=Gate.SWITCHED_ON)
    assert said.sentence == (
        "Connector pager sends by a service key, and by one nothing comes back: what people do in PagerDuty does not reach C-1."
    )
    assert (said.who, said.act, said.command) == (Who.YOU, Act.ADD_CONNECTOR, "syncd connectors add")


def test_a_comment_to_a_service_key_says_so_by_its_delivery(paged: Pager) -> None:
    paged.open()
    comment(paged.world)
    assert "there is none for this" in stopped(paged.world, last(paged.world, "one_way"), at=Gate.SWITCHED_ON).sentence


def test_an_integration_key_that_no_service_has(paged: Pager) -> None:
    paged.open()
    del paged.sim.account.integration_keys[KEYS.payments]
    paged.set(Field.STATUS, Status.ACKNOWLEDGED)
    said = stopped(paged.world, at=Gate.CONNECTED, code="SYN-PAG-SERVICE-KEY")
    assert said.target == "pager"


def test_two_way_sync_that_is_off(linked: World) -> None:
    assert two_way.switch(linked.db, PAGERDUTY, is_on=False, by="Ana")
    said = stopped(linked, at=Gate.SWITCHED_ON)
    assert said.command == "syncd integrations two-way pagerduty on"
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    assert stopped(linked, last(linked, "sync_off"), at=Gate.SWITCHED_ON).command == said.command


def test_an_account_that_is_paused(linked: World) -> None:
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    comment(linked)
    said = stopped(linked, at=Gate.CONNECTED)
    assert said.sentence == "Integration pagerduty is paused by Ana: a move; 1 change is held, and not lost."
    assert (said.command, said.act) == ("syncd integrations resume pagerduty", Act.RESUME_ACCOUNT)


def test_a_link_that_is_paused(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana", why="maintenance")
    comment(linked)
    said = stopped(linked, at=Gate.CONNECTED)
    assert said.sentence == "The link of C-1 is paused by Ana: maintenance; 1 of its changes is kept."
    assert (said.command, said.target) == ("syncd links resume 1", "1")


def test_an_account_that_is_only_observed(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    comment(linked)
    said = stopped(linked, at=Gate.CONNECTED)
    assert said.command == "syncd integrations observe pagerduty --off"
    told = stopped(linked, last(linked, "observing"), at=Gate.CONNECTED)
    assert "It would add this" in told.sentence


def test_what_was_asked_for_before_observing_is_kept(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "before")
    linked.clock.forward(1)
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.drain()
    assert "was asked for before that and is kept" in stopped(linked, at=Gate.CONNECTED).sentence


def test_with_two_causes_the_first_gate_is_named(scene: Simulated) -> None:
    """Disconnected, and closed besides; paused, and disconnected besides."""
    scene.sim.people.revoke(scene.sim.keys.full)
    scene.world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    scene.world.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    scene.world.drain()
    assert stopped(scene.world, at=Gate.CONNECTED, code="PAG-100-B").act is Act.RECONNECT


def test_a_case_whose_account_was_removed(linked: World) -> None:
    removing.remove(Setup(linked.db, Vault(generate_key()), linked.clock), PAGERDUTY, by="Ana")
    assert "ended for good" in stopped(linked, at=Gate.LINKED).sentence


def test_an_incident_that_no_case_opened(linked: World) -> None:
    linked.incident.put("I-9", title="Another")
    linked.act(Side.INCIDENT, "I-9", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    said = stopped(linked, "I-9", at=Gate.LINKED)
    assert (said.sentence, said.who) == ("No case here opened this incident.", Who.NOBODY)


def test_a_case_that_goes_to_no_connector(world: World) -> None:
    world.ask_for_incident("C-7", connector="nowhere")
    world.drain()
    assert stopped(world, "C-7", at=Gate.LINKED).who is Who.YOU
