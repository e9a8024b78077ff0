"""An alert goes to a service key without a case: written down first, sent once, and told like every other change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncd.core.alert import SOURCE
from syncd.core.changes import Side
from syncd.core.link import LinkState
from syncd.core.reasons import NO_ALERT
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.flow.orders import alerting
from syncd.flow.orders.alerting import Order, Ordered
from syncd.simulator import Fault
from syncd.store import links
from syncd.systems import events_api
from tests.flow.pager import PAGER, Pager, pager
from tests.flow.why.asking import ask
from tests.flow.world import CONNECTOR, LANDED, World

DISK = Order(PAGER, "trigger", "Ana", "Disk full", "critical", "disk-1", "db-1", "96 %", (("Board", "https://b.test"),))


@pytest.fixture
def scene(world: World) -> Iterator[Pager]:
    with pager(world) as made:
        yield made


def send(it: Pager, order: Order = DISK, key: str | None = None) -> Ordered:
    done = alerting.send(it.world.db, order, key)
    it.world.drain()
    return done


def act(it: Pager, action: str) -> None:
    send(it, Order(PAGER, action, "Ben", dedup_key="disk-1"))


def link(it: Pager) -> links.StoredLink:
    with it.world.db.read() as tx:
        found = links.find(tx, SOURCE, Side.CASE, f"{PAGER}/disk-1")
    assert found is not None
    return found


def test_an_alert_says_all_that_it_was_given(scene: Pager) -> None:
    assert send(scene).dedup_key == "disk-1"
    (event,) = [json.loads(one.body) for one in scene.sim.journal.requests]
    assert (scene.incident.title, scene.incident.severity, scene.incident.incident_key) == (
        "Disk full",
        "critical",
        "disk-1",
    )
    assert event["payload"]["source"] == "db-1"
    assert event["payload"]["custom_details"] == {"details": "96 %"}
    assert event["links"] == [{"href": "https://b.test", "text": "Board"}]
    assert scene.world.said() == [("open", "applied", "changed")]


def test_it_is_acknowledged_and_resolved_by_its_dedup_key(scene: Pager) -> None:
    send(scene)
    act(scene, "acknowledge")
    assert scene.incident.status == "acknowledged"
    act(scene, "resolve")
    assert scene.incident.status == "resolved"
    assert [one[1:] for one in scene.world.said()] == [("applied", "changed")] * 3
    assert link(scene).link.is_over


def test_what_is_asked_for_once_is_sent_once(scene: Pager) -> None:
    order = replace(DISK, dedup_key="")
    first, second = send(scene, order, "k-1"), send(scene, order, "k-1")
    assert (first.is_new, second.is_new, first.dedup_key) == (True, False, second.dedup_key)
    assert scene.events() == ["trigger"]
    with pytest.raises(Conflict, match="used for another alert"):
        send(scene, replace(order, summary="Disk empty"), "k-1")
    assert send(scene, order, "k-2").dedup_key != first.dedup_key
    assert len(scene.incidents) == 2


def test_nothing_is_lost_between_the_order_and_the_event(scene: Pager) -> None:
    """Never fired and forgotten: no answer, then trouble, and it goes out once there is none."""
    lay = scene.sim.faults.lay
    lay(Fault(path=events_api.PATH, cut=True, applied=True))
    lay(Fault(path=events_api.PATH, status=503))
    send(scene)
    assert link(scene).link.state is LinkState.OPENING
    for _ in range(3):
        scene.world.wait(LANDED)
    assert link(scene).link.state is LinkState.OPEN
    assert scene.incident.status == "triggered"


def test_triggered_again_while_open_it_tells_its_severity_and_no_more(scene: Pager) -> None:
    send(scene)
    act(scene, "acknowledge")
    send(scene, replace(DISK, severity="warning"))
    assert (scene.incident.severity, scene.incident.status) == ("warning", "acknowledged")
    sent = scene.events()
    send(scene, replace(DISK, severity="warning"))
    assert scene.events() == sent
    assert scene.world.said()[-1] == ("open", "suppressed", "unchanged")


def test_triggered_again_after_its_end_it_is_a_new_incident_with_todays_words(scene: Pager) -> None:
    send(scene)
    act(scene, "resolve")
    send(scene, replace(DISK, summary="Disk full again", severity="info"))
    first, second = scene.incidents
    assert (first.status, second.status) == ("resolved", "triggered")
    assert (second.title, second.severity, second.incident_key) == ("Disk full again", "info", "disk-1")
    act(scene, "resolve")
    assert second.status == "resolved"


def test_one_that_was_over_before_it_was_sent_can_be_triggered_again(scene: Pager) -> None:
    alerting.send(scene.world.db, DISK)
    alerting.send(scene.world.db, Order(PAGER, "resolve", "Ben", dedup_key="disk-1"))
    scene.world.drain()
    assert (scene.incidents, link(scene).link.state) == ([], LinkState.ENDED)
    send(scene)
    assert scene.incident.status == "triggered"


def test_a_resolve_of_an_alert_that_nobody_sent_is_a_row(scene: Pager) -> None:
    act(scene, "resolve")
    assert scene.world.said() == [("alert.resolve", "ignored", "unlinked")]
    assert scene.events() == []
    verdict = ask(scene.world, f"{PAGER}/disk-1").verdict
    assert verdict.sentence == scene.world.rows()[-1]["detail"] == NO_ALERT
    assert "syncd alerts send" in verdict.remedy
    assert "syncd why" not in verdict.remedy


def test_a_bidirectional_connector_takes_no_alerts(scene: Pager) -> None:
    with pytest.raises(Conflict, match=f"Connector {CONNECTOR} is Bi-directional and takes cases only"):
        send(scene, replace(DISK, connector=CONNECTOR))
    with pytest.raises(NotFound, match="no connector called nobody"):
        send(scene, replace(DISK, connector="nobody"))


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (replace(DISK, action="open"), "no action open"),
        (replace(DISK, severity="awful"), "no severity awful"),
        (replace(DISK, summary=" "), "needs a summary"),
        (replace(DISK, action="resolve", dedup_key=""), "its dedup key is needed"),
        (replace(DISK, dedup_key="x" * 191), "at most 190"),
        (replace(DISK, links=(("x", "javascript:1"),)), "begins with https"),
    ],
)
def test_an_order_that_is_unclear_is_refused(scene: Pager, order: Order, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        send(scene, order)
    assert scene.world.said() == []
