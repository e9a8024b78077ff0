"""An account goes while an attempt for it is out, and its removal did not see that attempt: it belongs to a link that a turn made
which had read the accounts before. It ends with a row, whatever came of it, and nothing beside it is held up.
"""

from __future__ import annotations

import threading

import pytest

from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Field, Side, Status
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import Unreachable
from syncd.flow.orders import removing
from syncd.store import removal
from tests.flow.why.asking import ask
from tests.flow.world import LANDED, PAGERDUTY, World


def gone(world: World) -> None:
    """The account alone, as the race leaves it: its link stays."""
    with world.db.write() as tx:
        removal.forget(tx, PAGERDUTY)


def told(world: World) -> list[str]:
    rows = [row for row in world.rows() if (row["outcome"], row["reason"]) == ("ignored", "removed")]
    return [f"{row['change']}: {row['detail']}" for row in rows]


SAID = SENTENCES[Reason.REMOVED]


@pytest.mark.parametrize("fails", [False, True], ids=["made", "failed"])
def test_what_comes_back_of_a_write_is_told_and_its_link_ends(linked: World, fails: bool) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    if fails:
        linked.incident.fail("set_status", Unreachable("The connection was refused."))
    done = linked.attempt(job)
    gone(linked)
    linked.settle(done)
    came = "has failed: " if fails else "was made."
    first, second = told(linked)
    assert first.startswith(f"acknowledge: {SAID} An attempt was under way, and {came}")
    assert second == f"comment: {SAID}"
    assert {state for _, state in linked.states()} <= {"delivered", "withdrawn"}
    assert linked.link().link.state == "ended"
    assert linked.last()["incident_id"] == "I-1"


def test_an_incident_that_was_opened_meanwhile_is_named(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    done = world.attempt(job)
    gone(world)
    world.settle(done)
    (row,) = told(world)
    assert row == f"open: {SAID} An attempt was under way, and opened I-1 https://incident.test/I-1, which stays."
    stored = world.link()
    assert (stored.link.state, stored.reason) == (
        "ended",
        "Its account or its connector was removed. An attempt was under way, and opened I-1 https://incident.test/I-1, which stays.",
    )


def test_a_lost_worker_of_a_removed_account_is_told_too(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    linked.claim()
    gone(linked)
    linked.wait(LANDED)
    assert told(linked) == [f"comment: {SAID} An attempt was under way, and may have landed."]
    assert linked.link().link.state == "ended"


def test_other_accounts_go_on(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.comment(Side.INCIDENT, "I-1", "On it.")
    linked.plan()
    done = [linked.attempt(job) for job in linked.claim()]
    gone(linked)
    linked.settle(*done)
    linked.drain()
    linked.sweep()
    assert len(told(linked)) == 2


def test_a_look_that_fails_for_a_removed_account_stops_nobody(linked: World) -> None:
    """With hooks behind it of the same record, which are asked whether they have to wait for another look."""
    linked.incident.stuck = threading.Event()
    linked.incident.fail("fetch", Unreachable("The connection was refused."))
    for _ in range(2):
        linked.point_at(Side.INCIDENT, "I-1")
    linked.crew.wake(linked.due())
    linked.crew.turn()
    gone(linked)
    linked.incident.stuck.set()
    while linked.crew.is_out and linked.crew.wait(60):
        linked.crew.turn()
    linked.wait(3600)
    assert told(linked) == [f"event: {SAID}", f"event: {SAID}"]


@pytest.mark.parametrize("is_seen", [True, False], ids=["that the removal saw", "that it did not see"])
def test_an_incident_that_lands_while_its_account_goes_is_what_why_leads_to(world: World, *, is_seen: bool) -> None:
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    done = world.attempt(job)
    if is_seen:
        removing.remove(Setup(world.db, Vault(generate_key()), world.clock), PAGERDUTY, by="Ana")
        assert told(world) == [
            f"open: {SAID} Its account pagerduty was removed by Ana. An attempt was under way, and may have landed."
        ]
    else:
        gone(world)
    world.settle(done)
    stays = "An attempt was under way, and opened I-1 https://incident.test/I-1, which stays."
    assert told(world)[-1] == f"open: {SAID} {stays}"
    assert world.link().reason.endswith(stays)
    why = ask(world).verdict
    assert "https://incident.test/I-1" in why.remedy
    assert "open another case" not in why.remedy.lower()
