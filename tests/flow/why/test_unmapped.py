"""A priority without a counterpart: told with its names, carried over once it is mapped, and over once both sides agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.changes import Actor, Field, Side
from syncd.core.policy import PriorityPair
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.catchup import reconcile
from syncd.flow.catchup.compare import compare
from syncd.flow.orders import mapping, replaying
from syncd.store import connectors, reconciles
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import CASES, CONNECTOR, PAGERDUTY, PRIORITIES, World

BEN = Actor("Ben")
NOW_MAPPED = [*(PriorityPair(**one) for one in PRIORITIES), PriorityPair("P5", "BOARD"), PriorityPair("P6", "LATER")]
SAYS = {Side.INCIDENT: "BOARD", Side.CASE: "P5"}
TOLD = {
    Side.INCIDENT: "Priority BOARD of pagerduty has no counterpart in cases (connector payments).",
    Side.CASE: "Priority P5 of cases has no counterpart in pagerduty (connector payments).",
}
MISSING = {Side.INCIDENT: "PRIORITY=BOARD", Side.CASE: "P5=NAME"}
REFS = {Side.CASE: "C-1", Side.INCIDENT: "I-1"}
both_sides = pytest.mark.parametrize("side", list(Side))


def _unmapped(world: World, side: Side, by: Actor = BEN) -> int:
    world.act(side, REFS[side], Field.PRIORITY, SAYS[side], by)
    world.drain()
    return int(last(world, "not_mapped"))


def _map(world: World) -> None:
    """As it is stored, without the look that a changed map asks for."""
    with world.db.write() as tx:
        connector = connectors.lock(tx, CONNECTOR)
        assert connector is not None
        pairs = [{"case": one.case, "incident": one.incident, "name": ""} for one in NOW_MAPPED]
        connectors.aim(tx, _with(connector, pairs))


def _with(connector: connectors.Connector, pairs: list[dict[str, str]]) -> connectors.Connector:
    return replace(connector, priorities=pairs)


def _priorities(world: World) -> tuple[str, str]:
    return world.case.record("C-1").priority, world.incident.record("I-1").priority


def _look(world: World) -> None:
    worker = reconcile.Worker(world.db, world.connections, world.clock, lambda _: None, lambda _: False)
    reconcile.work_off(worker)
    world.drain()


@both_sides
def test_which_value_of_which_account_has_no_counterpart_is_told_with_what_gives_it_one(
    linked: World, side: Side
) -> None:
    number = _unmapped(linked, side)
    assert linked.last()["detail"] == TOLD[side]
    for reference in ("C-1", str(number)):
        said = stopped(linked, reference, at=Gate.MAPPED)
        assert (said.sentence, said.who) == (TOLD[side], Who.YOU)
        assert (said.act, said.target) == (Act.MAP_PRIORITIES, CONNECTOR)
        assert said.command == f"syncd mappings set payments P1=HIGH P2=HIGH P3=LOW P4=MIDDLE {MISSING[side]}", (
            "none is left out"
        )
        assert f"`syncd deliveries replay {number} --yes`" in said.remedy


@both_sides
@pytest.mark.parametrize("by", [BEN, Actor("syncd", is_us=True)])
def test_a_replay_carries_it_over_once_it_is_mapped(linked: World, side: Side, by: Actor) -> None:
    number = _unmapped(linked, side, by)
    (answer,), _ = replaying.replay(linked.db, linked.connections, [number], by="Ana")
    assert (answer.is_going, answer.says) == (False, TOLD[side]), "as long as it is not"
    _map(linked)
    said = stopped(linked, at=Gate.MAPPED)
    assert (said.command, said.act) == (f"syncd deliveries replay {number} --yes", Act.REPLAY)
    (foreseen,) = replaying.foresee(linked.db, linked.connections, [number], by="Ana")
    assert foreseen.is_going
    replaying.replay(linked.db, linked.connections, [number], by="Ana")
    (second,), _ = replaying.replay(linked.db, linked.connections, [number], by="Ana")
    assert (second.is_going, "on its way" in second.says) == (False, True)
    linked.drain()
    assert _priorities(linked) == ("P5", "BOARD")
    assert linked.last()["replay_of"] == number
    assert not ask(linked).verdict.stops


@both_sides
def test_a_deep_look_carries_it_over_and_does_so_once(linked: World, side: Side) -> None:
    _unmapped(linked, side)
    _map(linked)
    differs = compare(linked.db, linked.connections, linked.clock, 1)
    assert [one.why for one in differs.differences] == ["It had no counterpart when it was set, and has one now."]
    assert differs.remedy == "`syncd links repair --since 1d --deep` brings them in step."
    for slug in (CASES, PAGERDUTY):
        with linked.db.write() as tx:
            now = linked.db.now(tx)
            reconciles.ask(tx, slug, now - timedelta(days=1), why="asked", by="Ana", now=now, is_deep=True)
    _look(linked)
    assert _priorities(linked) == ("P5", "BOARD"), "and neither side is put back"
    assert not ask(linked, compare=True).verdict.stops
    rows = len(linked.rows())
    for of in Side:
        linked.point_at(of, REFS[of])
    linked.drain()
    assert [row["reason"] for row in linked.rows()[rows:]] == ["unchanged", "unchanged"]


@both_sides
def test_a_changed_map_has_it_looked_at(linked: World, side: Side) -> None:
    _unmapped(linked, side)
    assert mapping.change(linked.db, CONNECTOR, NOW_MAPPED, by="Ana")
    _look(linked)
    assert _priorities(linked) == ("P5", "BOARD")


def test_a_changed_map_by_which_nothing_was_left_looks_at_nothing(linked: World) -> None:
    assert mapping.change(linked.db, CONNECTOR, NOW_MAPPED, by="Ana")
    with linked.db.read() as tx:
        assert not reconciles.is_any_due(tx, linked.db.now(tx))


def test_what_a_person_did_later_stands(linked: World) -> None:
    """The later of two that were left is the one that is carried over, and what was applied since has settled it."""
    number = _unmapped(linked, Side.INCIDENT)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    _map(linked)
    for of in Side:
        linked.point_at(of, REFS[of])
    linked.drain()
    replaying.replay(linked.db, linked.connections, [number], by="Ana")
    linked.drain()
    assert _priorities(linked) == ("P1", "HIGH")


def test_what_is_known_to_differ_by_the_map_is_not_in_step(linked: World) -> None:
    """A map may change so that what was in step is not any more; nobody has left anything then."""
    swapped = [PriorityPair("P3", "MIDDLE"), PriorityPair("P4", "LOW")]
    assert mapping.change(linked.db, CONNECTOR, swapped, by="Ana")
    said = stopped(linked, at=Gate.IN_STEP)
    assert said.sentence == (
        "C-1 and I-1 are known to differ: the priority of the case is P3 and that of the incident LOW, and nothing is on its way."
    )
    assert said.command == "syncd links compare 1"


def test_once_both_sides_say_the_same_nothing_is_told_of_it(linked: World) -> None:
    """Also where no hook has told of it, as soon as both are read."""
    _unmapped(linked, Side.INCIDENT)
    linked.incident.set("I-1", Field.PRIORITY, "LOW", BEN)
    stopped(linked, at=Gate.MAPPED)  # As far as is known.
    assert not ask(linked, compare=True).verdict.stops
    linked.incident.set("I-1", Field.PRIORITY, "BOARD", BEN)
    assert stopped(linked, at=Gate.MAPPED, compare=True).sentence == TOLD[Side.INCIDENT]


def test_a_priority_that_was_taken_away_is_for_a_person_and_no_map(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "", BEN)
    linked.drain()
    said = stopped(linked, at=Gate.MAPPED)
    assert (
        said.sentence
        == "That there is no priority any more in pagerduty has no counterpart in cases (connector payments)."
    )
    assert (said.who, said.command, said.act) == (Who.YOU, "", None)
