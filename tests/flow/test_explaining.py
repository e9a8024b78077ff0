"""What is explained is what is decided, and a preview is what is opened."""

from __future__ import annotations

import pytest

from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.errors import Conflict, NotFound
from syncd.flow import explaining
from syncd.flow.explaining import Explained, Preview
from syncd.store.cases import Cases
from tests.flow.test_routes import PAYMENTS_P1, URGENT, add_connector, opened, rule
from tests.flow.world import CONNECTOR, World


def explain(world: World, key: str = "C-1") -> Explained:
    """The case is one of a desk: it is known by the hook that asked for its incident."""
    return explaining.explained(world.db, Cases(world.db, slug="builtin"), lambda: world.connections, key, "")


def preview(world: World, preset: str = "", connector: str = "") -> Preview:
    return explaining.previewed(world.db, explain(world), preset, connector)


def test_a_preview_is_what_is_opened(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT", body="Of {{ case }}: {{ labels }}")
    rule(world, PAYMENTS_P1, looks=(URGENT,))
    world.ask_for_incident("C-1", "P1", team="payments", labels=("a", "b"))
    world.plan()
    seen = preview(world)
    world.drain()
    asked = opened(world)
    assert (seen.title, seen.body) == (asked.title, asked.body) == ("[payments] Checkout is slow", "Of C-1: a, b")
    assert (seen.style.urgency, seen.style.escalation_policy) == (asked.urgency, asked.escalation_policy)
    assert (
        (seen.priority, seen.routed.connector.service_id) == (asked.priority, asked.service) == ("HIGH", "SVC-URGENT")
    )


def test_a_preview_may_be_of_another_preset_or_connector(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT")
    rule(world, PAYMENTS_P1, looks=(URGENT, Preset("Short", title="{{ case }}")))
    world.ask_for_incident(team="web")
    world.drain()
    with pytest.raises(Conflict, match=r"No rule matches C-1, so no incident is opened for it\. Name a connector"):
        preview(world)
    assert preview(world, connector="urgent").title == "Checkout is slow"
    assert preview(world, "Short", CONNECTOR).title == "C-1"
    with pytest.raises(NotFound, match=f"no preset called Nothing; there are {SHIPPED}, Short, Urgent"):
        preview(world, "Nothing", CONNECTOR)
    assert world.incident.calls == []


def test_a_preview_is_refused_of_a_preset_that_is_for_another_account(world: World) -> None:
    """No rule could name the two together."""
    rule(world, Rule("all", CONNECTOR), looks=(Preset("Theirs", integration="globex"),))
    world.ask_for_incident()
    world.drain()
    with pytest.raises(Conflict, match=f"Preset Theirs is for connectors of globex, and {CONNECTOR} is one of"):
        preview(world, "Theirs")


def test_every_rule_says_what_it_makes_of_a_case(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT")
    rule(
        world,
        PAYMENTS_P1,
        Rule("p3", CONNECTOR, wants={Trait.PRIORITY: ("P3",)}),
        Rule("all", "urgent"),
        looks=(URGENT,),
    )
    world.ask_for_incident()
    world.drain()
    told = explain(world)
    assert [(one.rule.name, one.is_match, one.why) for one in told.judged] == [
        ("payments-p1", False, "priority is P3, not P1; team is empty, not payments"),
        ("p3", True, "priority is P3"),
        ("all", True, "it takes every case"),
    ]
    number = world.link().id
    assert told.says == (
        f"Rule p3 sends C-1 to connector {CONNECTOR} with preset {SHIPPED}. "
        f"Its link {number} was made by rule p3 with preset {SHIPPED} to connector {CONNECTOR} and stays as it is."
    )


def test_what_is_told_without_rules_is_what_is_done_without_them(world: World) -> None:
    world.ask_for_incident()
    world.drain()
    assert explain(world).says.startswith(f"There are no rules for C-1, so it goes to the only connector, {CONNECTOR}.")
    with pytest.raises(NotFound, match="Nothing is kept by which C-2 asked for an incident"):
        explain(world, "C-2")
