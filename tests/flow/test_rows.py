"""Nothing is skipped silently: what is not acted on has its row, and one applied change has exactly one."""

from __future__ import annotations

from syncd.core.changes import Field, Side, Status
from syncd.core.shard import shard_of
from syncd.flow import accept
from syncd.flow.accept import Taken
from syncd.store.arrivals import NewArrival
from tests.flow.far_side import body_of
from tests.flow.world import World


def test_events_of_an_incident_nobody_here_opened(linked: World) -> None:
    linked.incident.put("I-7")
    linked.act(Side.INCIDENT, "I-7", Field.STATUS, Status.RESOLVED)
    linked.drain()
    row = linked.last()
    assert (row["outcome"], row["reason"], row["incident_id"], row["link_id"]) == ("ignored", "unlinked", "I-7", None)
    assert linked.case.writes() == []


def test_a_type_we_do_not_act_on(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I-1", kind="incident.responder.added")
    linked.drain()
    row = linked.last()
    assert (row["outcome"], row["reason"], row["case_id"]) == ("ignored", "unknown_type", "C-1")


def test_a_ping(linked: World) -> None:
    linked.tell(Side.INCIDENT, "", kind="ping")
    linked.drain()
    assert linked.said() == [("event", "ignored", "ping")]


def test_a_hook_that_cannot_be_read_ends_with_a_row(linked: World) -> None:
    linked.hear(Side.INCIDENT, b"<xml/>", record="I-1")
    linked.drain()
    assert linked.said() == [("event", "failed", "unreadable")]
    assert linked.last()["detail"] == "The body is not JSON."
    linked.wait(3600)
    assert len(linked.said()) == 1


def test_older_news_is_stale(linked: World) -> None:
    old = linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", old)
    linked.drain()
    assert [(outcome, reason) for _, outcome, reason in linked.said()] == [
        ("applied", "changed"),
        ("suppressed", "stale"),
    ]
    assert linked.case.record("C-1").status == Status.RESOLVED


def test_a_hook_received_twice_is_one_arrival_and_a_row(linked: World) -> None:
    seen = linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    arrival = NewArrival("pagerduty", "EV-1", "event", "I-1", body_of("I-1", seen), linked.clock.now(), shard_of("I-1"))
    first, again = accept.store(linked.db, [Taken(arrival, Side.INCIDENT)] * 2)
    linked.drain()
    assert first is not None
    assert again is None
    assert linked.said() == [("event", "suppressed", "duplicate"), ("acknowledge", "applied", "changed")]


def test_one_applied_change_one_row(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.INCIDENT, "I-1", "two")
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert len(linked.said()) == len(linked.case.writes()) + len(linked.incident.writes()) == 5
    assert {outcome for _, outcome, _ in linked.said()} == {"applied"}


def test_a_row_tells_its_whole_story(linked: World) -> None:
    linked.clock.forward(60)
    received = linked.clock.now()
    seen = linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.clock.forward(2)
    linked.drain()
    row = linked.last()
    assert (row["direction"], row["change"], row["action"]) == ("inbound", "acknowledge", "status")
    assert (row["actor"], row["occurred_at"]) == ("Ana", seen.at)
    assert 2000 <= row["e2e_ms"] <= 2100
    assert row["started_at"] >= received
    assert (row["method"], row["url"], row["request_id"]) == (
        "SET_STATUS",
        "/case/C-1",
        f"e{row['errand_id']}.1.2",
    )
    assert row["request"]["before"][0]["method"] == "FETCH"
    assert row["arrival_id"] is not None
