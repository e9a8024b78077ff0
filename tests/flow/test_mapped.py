"""What a connector makes of its last real events, as it would be carried now and by another map."""

from __future__ import annotations

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.policy import PriorityPair
from syncd.core.reasons import Reason
from syncd.errors import Conflict, NotFound
from syncd.flow import mapped as module
from syncd.flow.mapped import Mapped, mapped, pairs_of
from syncd.flow.orders.mapping import change, mark
from tests.flow.world import CONNECTOR, World

BEN = Actor("Ben")
OTHER = (PriorityPair("P1", "HIGH", "High"), PriorityPair("P5", "LOW"))


def _mapped(world: World, edited: tuple[PriorityPair, ...] | None = None) -> Mapped:
    return mapped(world.db, world.connections, CONNECTOR, edited)


def _shown(found: Mapped) -> list[tuple[str, str, str, str]]:
    return [
        (one.on, one.what, "; ".join(it.words for it in one.now), "; ".join(it.words for it in one.then))
        for one in found.events
    ]


@pytest.fixture
def busy(linked: World) -> World:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "ODD", BEN)
    linked.comment(Side.CASE, "C-1", "Look.")
    linked.drain()
    return linked


def test_real_events_as_they_would_be_carried_now_and_by_another_map(busy: World) -> None:
    found = _mapped(busy, OTHER)
    assert _shown(found) == [
        ("case", "a comment written", "a note: Ana (case): Look.", "a note: Ana (case): Look."),
        (
            "incident",
            "priority ODD",
            "The value has no counterpart on the other side.",
            "The value has no counterpart on the other side.",
        ),
        ("incident", "status acknowledged", "status: acknowledged", "status: acknowledged"),
        ("case", "priority P1", "priority: HIGH", "priority: High"),
        (
            "case",
            "a case with priority P3",
            "an incident with priority LOW",
            "an incident without a priority: P3 is not mapped",
        ),
    ]
    assert [one.is_changed for one in found.events] == [False, False, False, False, True]
    assert (found.unmapped, found.unheard) == (("P2", "P3", "P4"), ("ODD",))
    assert _mapped(busy).unmapped == ("P5",)


def test_trying_a_map_writes_nothing_and_asks_nobody(busy: World) -> None:
    busy.forget()
    before = busy.rows()
    _mapped(busy, OTHER)
    assert busy.rows() == before
    assert (busy.case.calls, busy.incident.calls) == ([], [])


def test_what_came_back_of_our_own_writes_is_no_event(busy: World) -> None:
    number = len(_mapped(busy).events)
    us = Actor("syncd", is_us=True)
    busy.tell(Side.CASE, "C-1", busy.case.set("C-1", Field.STATUS, Status.ACKNOWLEDGED, us))
    busy.drain()
    assert len(_mapped(busy).events) == number


def test_the_last_20_are_shown_however_much_came_back_of_our_own_writes_since(linked: World) -> None:
    for number in range(25):
        linked.comment(Side.CASE, "C-1", f"Look {number}.")
    us = Actor("syncd", is_us=True)
    for _ in range(510):  # More than are asked for at once.
        linked.tell(Side.INCIDENT, "I-1", linked.incident.set("I-1", Field.STATUS, Status.OPEN, us))
    linked.drain()
    assert [one.now[0].words for one in _mapped(linked).events] == [
        f"a note: Ana (case): Look {24 - back}." for back in range(20)
    ]


def test_only_the_last_ones_of_that_connector(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS", 2)
    assert [one.what for one in _mapped(busy).events] == ["a comment written", "priority ODD"]


def test_the_preview_of_an_event_is_what_then_becomes_of_it(busy: World) -> None:
    """The same event is told once more after the map was changed: what was foreseen is what is written."""
    (foreseen,) = _mapped(busy, OTHER).events[3].then
    assert change(busy.db, CONNECTOR, (PriorityPair("P1", "TOP", "Top"),), by="Ana")
    busy.act(Side.CASE, "C-1", Field.PRIORITY, "P2")
    busy.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    busy.drain()
    assert foreseen.value == "HIGH"
    assert busy.incident.record("I-1").priority == "TOP"
    assert _mapped(busy).events[0].now[0].value == "TOP"


def test_a_changed_map_has_a_row_with_who_and_old_rows_keep_what_they_said(busy: World) -> None:
    before = busy.rows()
    was = mark(pairs_of(_mapped(busy).connector))
    assert change(busy.db, CONNECTOR, OTHER, by="Eve", was=was)
    assert busy.rows()[:-1] == before
    row = busy.last()
    assert (row["change"], row["reason"], row["actor"]) == ("policy", Reason.CHOSEN, "Eve")
    assert row["detail"] == (
        "Eve changed the priorities of connector payments from P1=HIGH, P2=HIGH, P3=LOW, P4=MIDDLE to P1=High, P5=LOW."
    )
    assert not change(busy.db, CONNECTOR, OTHER, by="Eve"), "as it was"
    with pytest.raises(Conflict, match="Somebody has changed the priorities of payments meanwhile"):
        change(busy.db, CONNECTOR, (), by="Ana", was=was)
    assert pairs_of(_mapped(busy).connector) == OTHER


def test_a_connector_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound, match="There is no connector called checkout"):
        mapped(world.db, world.connections, "checkout")
    with pytest.raises(NotFound, match="There is no connector called checkout"):
        change(world.db, "checkout", (), by="Ana")
