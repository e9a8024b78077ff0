"""A case that a finding of evidence has opened calls nobody, unless a rule names it or it names its connector."""

from __future__ import annotations

import pytest

from syncd.core.routing import OF_EVIDENCE, SHIPPED, Rule, Trait
from syncd.store.routes import replace as put
from tests.flow.why.asking import ask
from tests.flow.world import CONNECTOR, World


def rule(world: World, *rules: Rule) -> None:
    with world.db.write() as tx:
        put(tx, rules)


def opened(world: World) -> list[str]:
    return [row["reason"] for row in world.rows() if row["change"] == "open"]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param((), id="one connector and no rules"),
        pytest.param((Rule("all", CONNECTOR),), id="a rule for every case"),
        pytest.param((Rule("any source", CONNECTOR, SHIPPED, {Trait.SOURCE: ("*",)}),), id="a rule for every source"),
        pytest.param((Rule("P3s", CONNECTOR, SHIPPED, {Trait.PRIORITY: ("P3",)}),), id="a rule for its priority"),
    ],
)
def test_nobody_is_called_and_a_row_says_why(world: World, rules: tuple[Rule, ...]) -> None:
    rule(world, *rules)
    world.ask_for_incident("C-1", source=OF_EVIDENCE)
    world.drain()
    assert world.incident.kept == {}
    assert opened(world) == ["of_evidence"]
    verdict = ask(world, "C-1").verdict
    assert verdict.sentence.startswith("A finding of evidence opened the case, and no rule names those")
    assert "`syncd routes add`" in verdict.remedy


@pytest.mark.parametrize("pattern", [OF_EVIDENCE, "Syncd-*"])
def test_a_rule_that_names_them_sends_them_on(world: World, pattern: str) -> None:
    rule(world, Rule("all", CONNECTOR), Rule("evidence", CONNECTOR, SHIPPED, {Trait.SOURCE: (pattern,)}))
    world.ask_for_incident("C-1", source=OF_EVIDENCE)
    world.drain()
    assert len(world.incident.kept) == 1
    (row,) = [row for row in world.rows() if row["change"] == "open"]
    assert row["detail"].endswith(f"It was opened by rule evidence with preset {SHIPPED}.")


def test_one_that_names_its_connector_goes_there(world: World) -> None:
    world.ask_for_incident("C-1", source=OF_EVIDENCE, connector=CONNECTOR)
    world.drain()
    assert len(world.incident.kept) == 1


def test_cases_of_people_go_as_ever(world: World) -> None:
    rule(world, Rule("all", CONNECTOR))
    world.ask_for_incident("C-1", source="monitoring")
    world.drain()
    assert len(world.incident.kept) == 1
