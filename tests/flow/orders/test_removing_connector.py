"""A connector is removed while work for it goes on: its live links hold it, or end with a row for each change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.link import LinkState
from syncd.core.routing import Rule
from syncd.errors import Conflict, NotFound
from syncd.flow.orders import removing_connector as order
from syncd.flow.orders.replaying import replay
from syncd.store import connection_log, connectors, integrations, links, routes
from tests.flow.world import CONNECTOR, PAGERDUTY, World

BEN = Actor("Ben")
WHY = f"Its connector {CONNECTOR} was removed by Ana."


def remove(world: World, *, ends_links: bool = True) -> str:
    return order.remove(world.db, CONNECTOR, by="Ana", ends_links=ends_links)


def there(world: World) -> list[str]:
    with world.db.read() as tx:
        return list(connectors.all_of(tx))


def test_a_live_link_keeps_its_connector_and_nothing_is_changed(linked: World) -> None:
    with pytest.raises(
        Conflict, match=r"^Connector payments is used by 1 live link \(C-1\); end them with it by --end-links"
    ):
        remove(linked, ends_links=False)
    assert there(linked) == [CONNECTOR]
    assert linked.link().link.state is LinkState.OPEN


def test_a_link_that_is_over_holds_nobody_up_unless_something_waits_for_it(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.comment(Side.CASE, "C-1", "Done")
    linked.plan()
    with pytest.raises(Conflict, match="1 live link"):
        remove(linked, ends_links=False)
    linked.drain()
    linked.forget()
    assert remove(linked, ends_links=False).startswith("payments was removed. 1 link ended.")
    assert linked.link().link.is_cut
    assert linked.said() == []


def test_what_waits_and_what_is_out_end_with_a_row_that_says_why(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    done = linked.attempt(job)
    assert "1 link ended, and 2 changes that waited with them." in remove(linked)
    assert {state for _, state in linked.states()} <= {"delivered", "withdrawn"}
    out, waiting = linked.rows()[-2:]
    assert [(one["outcome"], one["reason"]) for one in (out, waiting)] == [("ignored", "removed")] * 2
    assert out["detail"].endswith(f"{WHY} An attempt was under way, and may have landed.")
    assert waiting["detail"].endswith(WHY)
    linked.settle(done)
    linked.drain()
    linked.sweep()
    stored = linked.link()
    assert (stored.link.state, stored.reason) == (LinkState.ENDED, f"{WHY} Its incident was I-1.")


def test_hooks_of_either_side_and_replays_are_told_that_it_is_gone(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    remove(linked)
    number = linked.last()["id"]
    linked.forget()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    assert [(outcome, reason) for _, outcome, reason in linked.said()] == [
        ("ignored", "removed"),
        ("ignored", "unlinked"),
    ]
    assert linked.case.calls == linked.incident.calls == []
    (answer,), _ = replay(linked.db, linked.connections, [number], by="Ana")
    assert not answer.is_going
    assert "ended for good" in answer.says


def test_a_connector_of_the_same_name_takes_up_none_of_its_links(linked: World) -> None:
    with linked.db.read() as tx:
        was = connectors.all_of(tx)[CONNECTOR]
    remove(linked)
    with linked.db.write() as tx:
        connectors.add(tx, was, linked.clock.now())
    linked.forget()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert [(outcome, reason) for _, outcome, reason in linked.said()] == [("ignored", "removed")]


def test_a_case_that_asked_before_and_is_heard_afterwards_opens_nothing(world: World) -> None:
    world.ask_for_incident()
    remove(world)
    world.drain()
    assert world.said() == [("open", "ignored", "no_connector")]


def test_what_a_turn_asked_for_that_did_not_know_yet_is_withdrawn(world: World) -> None:
    """It wrote its link down after those there were had ended."""
    world.ask_for_incident()
    world.plan()
    with world.db.write() as tx:
        connectors.remove(tx, CONNECTOR)
    world.drain()
    assert world.said()[-1] == ("open", "ignored", "removed")
    assert world.incident.calls == []


def test_a_rule_that_names_it_is_removed_first(linked: World) -> None:
    with linked.db.write() as tx:
        routes.replace(tx, [Rule("p1", CONNECTOR)])
    with pytest.raises(Conflict, match="is named by rule p1; remove that first by `syncd routes remove p1`"):
        remove(linked)
    assert there(linked) == [CONNECTOR]


def test_of_two_who_remove_it_one_is_told_that_it_is_gone(linked: World) -> None:
    def ordered(_: int) -> str:
        try:
            return remove(linked)
        except NotFound as error:
            return str(error)

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(ordered, range(2)))
    assert answers[0].startswith("There is no connector called payments")
    assert answers[1].startswith("payments was removed. 1 link ended.")
    with linked.db.read() as tx:
        assert [(one.kind, one.by) for one in connection_log.listing(tx, PAGERDUTY)] == [("updated", "Ana")]
        assert integrations.get(tx, PAGERDUTY) is not None
        (row,) = links.listing(tx, case="C-1")
    assert row["connector"] == CONNECTOR
