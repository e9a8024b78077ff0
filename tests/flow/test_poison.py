"""One thing that makes us fail must not stop the others of its shard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.core.changes import Side
from syncd.core.shard import shard_of
from syncd.errors import Misconfigured
from syncd.store import arrivals
from syncd.store.arrivals import NewArrival
from syncd.store.integrations import Integration
from syncd.systems.port import System
from tests.flow.world import CASES, World


def test_a_poisoned_hook_does_not_stop_its_shard(linked: World) -> None:
    linked.comment(Side.INCIDENT, "I-1", "before")
    linked.tell(Side.INCIDENT, "I-1", kind="poison")
    linked.comment(Side.INCIDENT, "I-1", "after")
    linked.drain()
    assert linked.case.texts("C-1") == ["before", "after"]
    assert sorted(linked.said()) == [
        ("comment", "applied", "noted"),
        ("comment", "applied", "noted"),
        ("event", "retrying", "broken"),
    ]
    (row,) = [row for row in linked.rows() if row["reason"] == "broken"]
    assert "RuntimeError" in row["detail"]
    assert row["next_attempt_at"] > row["recorded_at"]


def test_a_poisoned_hook_is_tried_again_ever_more_seldom(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I-1", kind="poison")
    for _ in range(25):
        linked.wait(4)
    assert 3 <= len(linked.said()) <= 5


def test_a_hook_of_an_account_that_is_gone_does_not_stop_its_shard(linked: World) -> None:
    shard = shard_of("I-1")
    lost = NewArrival("forgotten", None, "event", "I-1", b"{}", linked.clock.now(), shard)
    with linked.db.write() as tx:
        arrivals.add_many(tx, [lost])
    linked.comment(Side.INCIDENT, "I-1", "after")
    linked.drain()
    assert linked.case.texts("C-1") == ["after"]
    assert ("event", "ignored", "removed") in linked.said()


@pytest.fixture
def shut(linked: World) -> Iterator[World]:
    """The credentials of the case side cannot be unsealed any more."""
    system = linked.connections.system

    def refusing(integration: Integration) -> System:
        if integration.slug == CASES:
            raise Misconfigured("integration:cases was sealed with another master key; bring it back.")
        return system(integration)

    linked.connections.system = refusing  # type: ignore[method-assign]  # What happens when a key is missing.
    yield linked
    linked.connections.system = system  # type: ignore[method-assign]  # As it was.


def test_an_errand_whose_account_cannot_be_opened_waits_and_says_why(
    linked: World, request: pytest.FixtureRequest
) -> None:
    linked.comment(Side.INCIDENT, "I-1", "one")
    linked.plan()
    world: World = request.getfixturevalue("shut")
    world.drain()
    row = world.last()
    assert (row["outcome"], row["reason"]) == ("retrying", "broken")
    assert "bring it back" in row["detail"]
    assert world.due() == []


def test_an_answer_that_cannot_be_written_down_does_not_stop_the_others(linked: World) -> None:
    """The far side names an incident for C-2 that is C-1's already; the table refuses it."""
    del linked.incident.kept["I-1"]
    linked.ask_for_incident("C-2")
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    jobs = linked.claim()
    assert {job.link.link.case_id for job in jobs} == {"C-1", "C-2"}
    for job in sorted(jobs, key=lambda job: job.link.link.case_id, reverse=True):
        linked.crew._signals.put(linked.attempt(job))
    linked.crew.turn()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]
    assert linked.states("C-1")[-1] == ("note", "delivered")
    assert linked.states("C-2") == [("open", "waiting")]
    assert sorted(linked.said()) == [("comment", "applied", "noted"), ("open", "retrying", "ambiguous")]
    (row,) = [row for row in linked.rows() if row["reason"] == "ambiguous"]
    assert "failed to write down the answer (IntegrityError)" in row["detail"]
