"""An account is removed while work for it goes on: every change has a row, and nothing waits for ever."""

from __future__ import annotations

import pytest

from syncd.clock import Clock
from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.orders import removing
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
