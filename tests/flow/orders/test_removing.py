"""An account is removed while work for it goes on: every change has a row, and nothing waits for ever."""

from __future__ import annotations

import pytest

from syncd.clock import Clock
from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.permissions import Role
from syncd.core.routing import SHIPPED, Preset
from syncd.flow.access import tokens
from syncd.flow.access.tokens import NoEntry
from syncd.flow.orders import removing
from syncd.store import connection_log, presets, routes
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")


@pytest.fixture
def setup(linked: World) -> Setup:
    return Setup(linked.db, Vault(generate_key()), Clock())


def test_what_waits_and_what_is_out_end_with_a_row(linked: World, setup: Setup) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    done = linked.attempt(job)
    removing.remove(setup, PAGERDUTY, by="Ana")
    assert {state for _, state in linked.states()} <= {"delivered", "withdrawn"}
    assert [row for row in linked.said() if row[1:] == ("ignored", "removed")] == [
        ("acknowledge", "ignored", "removed"),
        ("comment", "ignored", "removed"),
    ]
    linked.settle(done)
    linked.drain()
    linked.sweep()
    assert linked.link().link.state == "ended"


def test_hooks_of_either_side_are_told_as_removed(linked: World, setup: Setup) -> None:
    removing.remove(setup, PAGERDUTY, by="Ana")
    linked.forget()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert [(outcome, reason) for _, outcome, reason in linked.said()] == [("ignored", "removed")] * 2
    assert linked.case.calls == linked.incident.calls == []


def test_tokens_for_it_open_nothing_of_whatever_is_called_so_later(linked: World, setup: Setup) -> None:
    asked = {"alone": [PAGERDUTY], "several": [PAGERDUTY, linked.slug(Side.CASE)], "another": [linked.slug(Side.CASE)]}
    given = {
        name: tokens.issue(linked.db, name=name, role=Role.ADMIN, scope=scope, by="Ana").token
        for name, scope in {**asked, "all": []}.items()
    }
    told = " Revoked: 1 token for it alone (alone). No longer for it: 1 token (several). What stays: "
    assert told in removing.plan(setup, PAGERDUTY).says
    assert tokens.caller(linked.db, given["alone"]).reaches(PAGERDUTY)
    assert told in removing.remove(setup, PAGERDUTY, by="Ana")
    with pytest.raises(NoEntry, match="was revoked"):
        tokens.caller(linked.db, given["alone"])
    reached = {name: tokens.caller(linked.db, given[name]).scope for name in ("several", "another", "all")}
    assert reached == {"several": {linked.slug(Side.CASE)}, "another": {linked.slug(Side.CASE)}, "all": set()}


def test_presets_for_its_connectors_go_with_it_and_are_named(linked: World, setup: Setup) -> None:
    """They would wait for whichever account is called so later."""
    mine = [Preset("Calm", integration=PAGERDUTY), Preset("Urgent", integration=PAGERDUTY, escalation_policy="P1")]
    kept = Preset("Any", title="! {{ title }}")
    with linked.db.write() as tx:
        routes.replace(tx, (), [kept, *mine])
    assert "; preset Calm, Urgent; 1 link" in removing.plan(setup, PAGERDUTY).says
    assert " With it went preset Calm, Urgent. What stays: " in removing.remove(setup, PAGERDUTY, by="Ana")
    with linked.db.read() as tx:
        assert list(presets.all_of(tx)) == [SHIPPED, "Any"]
        assert "With it went preset Calm, Urgent." in connection_log.listing(tx, PAGERDUTY)[0].detail
