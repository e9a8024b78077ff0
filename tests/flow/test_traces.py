"""A change keeps the trace context it came with: on its rows, on what it asks the far side, and on whatever is made of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from syncd.core.changes import Field, Side, Status
from syncd.core.query.reading import read
from syncd.errors import Unreachable
from syncd.flow.orders import pausing
from syncd.store import deliveries
from syncd.store.audit.pages import page
from syncd.store.tables import arrivals, errands
from syncd.tracing import context
from tests.flow.simulated import Simulated, connected
from tests.flow.world import World

ID = "0af7651916cd43dd8448eb211c80319c"
GOOD = context.written(ID, "b7ad6b7169203331")
OTHER = context.written("1" * 32, "2" * 16)
AWAY = Unreachable("It cannot be reached.")


def traces_of_rows(world: World, **wanted: object) -> Collection[str]:
    with world.db.read() as tx:
        return {row["trace"] for row in deliveries.find(tx, wanted)}


def newest(world: World, table: str) -> str:
    rows = {"arrivals": arrivals, "errands": errands}[table]
    with world.db.read() as tx:
        return str(tx.scalars(select(rows.c.trace).order_by(rows.c.id.desc()).limit(1)).one())


def test_all_that_is_asked_of_pagerduty_for_a_change_carries_its_trace(world: World) -> None:
    with connected(world) as sim:
        there = Simulated(world, sim)
        there.open_case()
        before = len(sim.journal.requests)
        with context.under(GOOD):
            world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
        world.drain()
        asked = [one.trace or "" for one in sim.journal.requests[before:]]
    assert len(asked) > 1, "it is read before it is written"
    assert {context.id_of(one) for one in asked} == {ID}
    assert len({*asked, GOOD}) == len(asked) + 1, "each request is a step of its own"
    assert traces_of_rows(world, change="acknowledge") == {ID}


def test_a_change_is_found_by_its_trace_all_along_its_way(linked: World) -> None:
    linked.incident.fail("add_note", AWAY)
    with context.under(GOOD):
        linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.comment(Side.CASE, "C-1", "Another.")
    linked.drain()
    linked.wait(60)
    with linked.db.read() as tx:
        found = page(tx, read(f"trace:{ID}"), linked.db.now(tx), limit=50).rows
    assert [(row["change"], row["outcome"]) for row in found] == [("comment", "applied"), ("comment", "retrying")]


def test_a_wish_that_is_aimed_anew_goes_on_under_the_later_one(linked: World) -> None:
    link = linked.link().id
    pausing.pause(linked.db, link, by="Ana", why="a trial")
    for trace, status in ((GOOD, Status.ACKNOWLEDGED), (OTHER, Status.RESOLVED)):
        with context.under(trace):
            linked.act(Side.CASE, "C-1", Field.STATUS, status)
        linked.drain()
    assert newest(linked, "errands") == OTHER


def test_what_is_looked_for_because_of_a_change_is_of_its_trace(linked: World) -> None:
    with context.under(GOOD):
        linked.point_at(Side.INCIDENT, "I-1")
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert traces_of_rows(linked, change="acknowledge") == {ID}
    assert newest(linked, "errands") == GOOD


def test_nothing_of_one_change_is_left_for_the_next(linked: World) -> None:
    with context.under(GOOD):
        linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.clock.forward(timedelta(minutes=1).total_seconds())
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    assert context.current() == ""
    assert ID not in newest(linked, "errands")
    assert len(traces_of_rows(linked, change="comment")) == 2


def test_what_an_answer_leads_to_is_of_the_same_trace(world: World) -> None:
    """The address that is shown on the case once its incident is open."""
    with context.under(GOOD):
        world.ask_for_incident()
    world.drain()
    kinds = {one["kind"]: context.id_of(one["trace"]) for one in world.errands()}
    assert kinds == {"open": ID, "link": ID}


def test_what_is_said_instead_of_a_write_is_of_the_same_trace(linked: World) -> None:
    """The case is closed before the write's turn comes, and a comment says what it would have been."""
    pausing.pause(linked.db, linked.link().id, by="Ana", why="a trial")
    with context.under(GOOD):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.drain()
    said = [context.id_of(one["trace"]) for one in linked.errands() if one["kind"] == "note" and one["side"] == "case"]
    assert said == [ID]
