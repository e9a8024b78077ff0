"""Rules send a case to a connector and a preset says what its incident looks like: from the case that opens to the request."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from syncd import errors
from syncd.core.changes import CaseOpened, Field, Side
from syncd.core.policy import PriorityPair
from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.store import connectors, integrations, presets, routes
from syncd.store.connectors import Connector
from syncd.systems.port import Opening
from tests.flow.why.asking import ask
from tests.flow.world import CASES, CONNECTOR, PAGERDUTY, PRIORITIES, World

URGENT = Preset("Urgent", title="[{{ team }}] {{ title }}", urgency="high", escalation_policy="PPOL")


def add_connector(world: World, name: str, service: str, **policy: str) -> None:
    with world.db.write() as tx:
        made = Connector(name, PAGERDUTY, CASES, "bidirectional", service, "", PRIORITIES, policy)
        connectors.add(tx, made, world.db.now(tx))


def rule(world: World, *rules: Rule, looks: tuple[Preset, ...] = ()) -> None:
    with world.db.write() as tx:
        routes.replace(tx, rules, looks)


def opened(world: World, incident: str = "I-1") -> Opening:
    asked = world.incident.kept[incident].opening
    assert asked is not None
    return asked


PAYMENTS_P1 = Rule("payments-p1", "urgent", "Urgent", {Trait.PRIORITY: ("P1",), Trait.TEAM: ("payments",)})


def test_a_p1_of_one_team_opens_elsewhere_and_looks_different(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT")
    rule(world, PAYMENTS_P1, Rule("all", CONNECTOR), looks=(URGENT,))
    world.ask_for_incident("C-1", "P1", team="payments")
    world.ask_for_incident("C-2", "P1", team="web")
    world.drain()
    by_case = {ref: opened(world, world.link(ref).link.incident_id) for ref in ("C-1", "C-2")}
    urgent, other = by_case["C-1"], by_case["C-2"]
    assert (urgent.service, urgent.title) == ("SVC-URGENT", "[payments] Checkout is slow")
    assert (urgent.urgency, urgent.escalation_policy) == ("high", "PPOL")
    assert (other.service, other.title, other.urgency, other.escalation_policy) == ("SVC", "Checkout is slow", "", "")
    details = {row["case_id"]: row["detail"] for row in world.rows() if row["change"] == "open"}
    assert details["C-1"].endswith("It was opened by rule payments-p1 with preset Urgent.")
    assert details["C-2"].endswith(f"It was opened by rule all with preset {SHIPPED}.")


def test_a_case_that_no_rule_matches_opens_nothing_and_a_row_says_so(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT")
    rule(world, PAYMENTS_P1, looks=(URGENT,))
    world.ask_for_incident(priority="P2", team="payments")
    world.drain()
    assert world.said() == [("open", "ignored", "no_route")]
    assert world.incident.calls == []


def test_a_case_that_names_its_connector_goes_there_whatever_the_rules_say(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT")
    rule(world, Rule("all", "urgent"))
    world.ask_for_incident(connector=CONNECTOR)
    world.drain()
    assert opened(world).service == "SVC"
    assert "rule" not in world.rows()[0]["detail"]


def test_rules_for_the_cases_of_one_system_leave_those_of_another_alone(world: World) -> None:
    """A connector that is added with its first rule must not silence a case desk that nobody thought of."""
    with world.db.write() as tx:
        now = world.db.now(tx)
        integrations.add(
            tx, slug="desk", system="make-believe", side=Side.CASE, base_url="", settings={}, sealed=None, now=now
        )
        made = Connector("of-the-desk", PAGERDUTY, "desk", "bidirectional", "SVC-2", "", PRIORITIES, {})
        connectors.add(tx, made, now)
    rule(world, Rule("desk-p1", "of-the-desk", wants={Trait.PRIORITY: ("P1",)}))
    world.ask_for_incident()
    world.drain()
    assert opened(world).service == "SVC"


def test_rules_that_change_later_leave_a_link_as_it_is(world: World) -> None:
    """Also one whose incident is still to be opened."""
    add_connector(world, "urgent", "SVC-URGENT")
    rule(world, PAYMENTS_P1, looks=(URGENT,))
    world.ask_for_incident(priority="P1", team="payments")
    world.plan()
    rule(world, Rule("all", CONNECTOR))
    world.drain()
    assert (opened(world).service, opened(world).urgency) == ("SVC-URGENT", "high")
    assert world.link().style.preset == "Urgent"


def test_a_template_that_cannot_be_filled_loses_no_incident_and_the_row_says_so(world: World) -> None:
    rule(world, Rule("all", CONNECTOR, "Broken"), looks=(Preset("Broken", title="{{ labels[99] }}", urgency="low"),))
    world.ask_for_incident()
    world.drain()
    assert (opened(world).title, opened(world).urgency) == ("Checkout is slow", "low")
    detail = world.rows()[0]["detail"]
    assert "The words are the usual ones" in detail
    assert "has no element 99" in detail


def test_a_stored_template_without_bounds_opens_the_incident_and_why_says_what_became_of_it(world: World) -> None:
    """It was taken by an earlier release, and kept the transaction that plans for minutes."""
    endless = "{{ (" + "~".join(["body"] * 301) + ")" + "|title" * 120 + " }}"
    rule(world, Rule("all", CONNECTOR, "Endless"), looks=(Preset("Endless", body=endless),))
    world.ask_for_incident(body="so much " * 7_000)
    world.drain()
    assert "it has more than 400 names" in opened(world).body
    told = [step.says for step in ask(world).path if step.what == "open"]
    assert any("The words are the usual ones" in one and "it has more than 400 names" in one for one in told), told


def test_a_preset_that_says_nothing_of_a_text_leaves_it_to_the_connector(world: World) -> None:
    add_connector(world, "urgent", "SVC-URGENT", title="From the connector", body="as well")
    rule(world, Rule("all", "urgent", "Half"), looks=(Preset("Half", body="From {{ source }}: {{ labels }}"),))
    world.ask_for_incident(source="prometheus", labels=("env:prod", "tier-1"))
    world.drain()
    assert (opened(world).title, opened(world).body) == ("From the connector", "From prometheus: env:prod, tier-1")


def test_what_the_account_no_longer_takes_of_a_preset_is_left_out_and_told(world: World) -> None:
    rule(world, Rule("all", CONNECTOR, "Urgent"), looks=(URGENT,))
    world.incident.fail("open", errors.Refused("Escalation policy not found.", status=400, code=2001))
    world.ask_for_incident()
    world.drain()
    assert (opened(world).urgency, opened(world).escalation_policy) == ("", "")
    assert "are left out: Escalation policy not found." in world.rows()[0]["detail"]
    assert world.rows()[0]["outcome"] == "applied"


def test_nobody_on_call_is_not_asked_twice(world: World) -> None:
    rule(world, Rule("all", CONNECTOR, "Urgent"), looks=(URGENT,))
    world.incident.fail("open", errors.Refused("Nobody.", reason="nobody_on_call", status=400, code=1015), times=2)
    world.ask_for_incident()
    world.drain()
    assert world.incident.writes() == ["open"]
    assert world.said()[0] == ("open", "failed", "nobody_on_call")


def test_the_priorities_of_a_preset_hold_for_as_long_as_the_link_lives(world: World) -> None:
    """Were they only those it opens with, the incident would be seen to differ from its case at once."""
    pairs = (PriorityPair("P1", "MIDDLE"), PriorityPair("P2", "LOW"))
    rule(world, Rule("all", CONNECTOR, "Calm"), looks=(Preset("Calm", integration=PAGERDUTY, priorities=pairs),))
    world.ask_for_incident(priority="P1")
    world.drain()
    assert opened(world).priority == "MIDDLE"
    rule(world)
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "LOW")
    world.drain()
    assert world.case.record("C-1").priority == "P2"
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    world.drain()
    assert world.incident.record("I-1").priority == "MIDDLE"


def test_a_replay_of_a_case_that_had_no_way_follows_the_rules_of_now(world: World) -> None:
    rule(world, Rule("p1", CONNECTOR, wants={Trait.PRIORITY: ("P1",)}))
    world.ask_for_incident()
    world.drain()
    rule(world, Rule("all", CONNECTOR))
    world.tell(Side.CASE, "C-1", *_asked_again(world), kind="opened")
    world.drain()
    assert world.link().style.rule == "all"


def _asked_again(world: World) -> tuple[Any, ...]:
    return (CaseOpened("Checkout is slow", priority="P3", at=world.clock.now()),)


@pytest.mark.parametrize("what", ["DELETE FROM connectors", "DELETE FROM presets"])
def test_the_database_itself_keeps_what_a_rule_names(world: World, what: str) -> None:
    rule(world, Rule("all", CONNECTOR, "Urgent"), looks=(URGENT,))
    with pytest.raises(IntegrityError), world.db.write() as tx:
        tx.exec_driver_sql(what)
    with world.db.read() as tx:
        assert [one.name for one in routes.all_of(tx)] == ["all"]
        assert list(presets.all_of(tx)) == [SHIPPED, "Urgent"]


def test_a_connector_that_a_rule_names_is_not_deleted(world: World) -> None:
    rule(world, Rule("all", CONNECTOR), Rule("again", CONNECTOR))
    with pytest.raises(errors.Conflict, match="payments is named by the rules all, again"), world.db.read() as tx:
        routes.refuse_while_routed(tx, [CONNECTOR])
