"""An account goes and comes back: what it cost, what was kept, and that one slip disconnects nobody."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.core.judging import State
from syncd.core.lifecycle import IntegrationState
from syncd.flow import accounts
from syncd.flow.catchup import reconcile
from syncd.flow.doctor import daemon
from syncd.store import integrations, reconciles
from tests.flow.status.told import seen, shown_by
from tests.flow.world import LANDED, PAGERDUTY, World

REFUSED = errors.Unauthorised("The key is not accepted.", status=401)
AWAY = errors.Unreachable("The connection was refused.")


def _revoke(world: World, op: str = "add_note", times: int = 1) -> None:
    world.incident.fail(op, REFUSED, times=times)
    world.incident.fail("check", REFUSED, times=times)


def _is_connected(world: World) -> bool:
    return world.account(Side.INCIDENT).state is IntegrationState.CONNECTED


def test_a_refused_key_holds_everything_with_one_row_each(linked: World) -> None:
    _revoke(linked)
    for text in ("one", "two", "three"):
        linked.comment(Side.CASE, "C-1", text)
    linked.drain()
    assert not _is_connected(linked)
    assert linked.account(Side.INCIDENT).code == "PAG-100-B"
    assert [row["errand_id"] for row in linked.rows() if row["reason"] == "disconnected"] == sorted(
        {one["id"] for one in linked.errands() if one["state"] == "held"}
    )
    assert linked.said() == [("comment", "held", "disconnected")] * 3
    linked.comment(Side.CASE, "C-1", "four")
    linked.drain()
    assert linked.said() == [("comment", "held", "disconnected")] * 4
    assert [call.op for call in linked.incident.calls] == ["add_note", "check"]


def test_after_a_reconnect_everything_goes_out_in_its_order(linked: World) -> None:
    _revoke(linked)
    for text in ("one", "two", "three"):
        linked.comment(Side.CASE, "C-1", text)
    linked.drain()
    linked.comment(Side.CASE, "C-1", "four")
    linked.drain()
    linked.wait(61)
    assert _is_connected(linked)
    assert linked.incident.texts("I-1") == [f"Ana (case): {text}" for text in ("one", "two", "three", "four")]


def test_a_key_still_refused_is_asked_again_only_now_and_then(linked: World) -> None:
    _revoke(linked)
    linked.incident.fail("check", REFUSED, times=100)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.forget()
    for _ in range(24):
        linked.wait(5)
    assert len(linked.incident.calls) == 2
    assert not _is_connected(linked)


def test_two_lanes_refused_at_once_are_both_held_and_neither_is_tried_on_and_on(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    linked.forget()
    _revoke(linked, times=2)
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.CASE, "C-2", "two")
    linked.plan()
    jobs = linked.claim()
    assert len(jobs) == 2
    linked.settle(*[linked.attempt(job) for job in jobs])
    assert linked.due() == []
    assert linked.states("C-1")[-1] == linked.states("C-2")[-1] == ("note", "held")
    assert linked.said() == [("comment", "held", "disconnected")] * 2


def test_an_errand_written_down_as_held_while_its_account_came_back_is_let_go(linked: World) -> None:
    """A turn that read the account before the reconnect, and committed after it."""
    _revoke(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    with linked.db.write() as tx:
        integrations.connect(tx, PAGERDUTY, linked.clock.now())
    linked.wait(1)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_one_401_alone_is_only_tried_again(linked: World) -> None:
    linked.incident.fail("add_note", REFUSED)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert _is_connected(linked)
    assert linked.said() == [("comment", "retrying", "unreachable")]
    linked.wait(3)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_an_address_that_is_not_open_keeps_everything_until_the_setting_is_mended(linked: World) -> None:
    closed = errors.OffLimits("syncd does not connect to 10.0.0.1:443, because it is private; set it.")
    linked.incident.fail("add_note", closed, times=3)
    linked.incident.fail("check", closed, times=20)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    for _ in range(2):
        linked.wait(max(0, (linked.errands()[-1]["next_at"] - linked.clock.now()).total_seconds()))
    assert linked.said() == [("comment", "retrying", "off_limits")] * 3
    assert linked.last()["detail"] == str(closed)
    assert _is_connected(linked)
    found = [one for one in seen(linked).findings if "off_limits" in one.what]
    (finding,) = found
    assert finding.what == (
        "1 change to pagerduty cannot be written until a person mends it (off_limits): syncd does not connect to 10.0.0.1:443, "
        "because it is private."
    )
    assert "SYNCD_OUTGOING_ALLOW where the workers run" in finding.remedy
    assert shown_by(linked, seen(linked), "1 change to pagerduty") == 3
    (warning,) = daemon.off_limits(linked.db)
    assert (warning.state, warning.code, warning.integration) == (State.WARN, "SYN-CONFIG", "pagerduty")
    linked.incident.faults.clear()
    linked.wait(11)
    assert not any("off_limits" in one.what for one in seen(linked).findings), "it is over"
    assert list(daemon.off_limits(linked.db)) == []
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_403_never_disconnects(linked: World) -> None:
    linked.incident.fail("add_note", errors.Refused("You may not.", reason="forbidden", status=403))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert _is_connected(linked)
    assert linked.said() == [("comment", "failed", "forbidden")]


def test_a_429_is_honoured_to_the_second(linked: World) -> None:
    linked.incident.fail("add_note", errors.RateLimited("Slow down.", retry_after=42.0))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert linked.said() == [("comment", "retrying", "rate_limited")]
    assert (linked.last()["next_attempt_at"] - linked.clock.now()).total_seconds() == pytest.approx(42, abs=0.1)
    linked.wait(41)
    assert linked.incident.texts("I-1") == []
    linked.wait(2)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def _fail_until(world: World, attempts: int) -> None:
    """A lane that has failed so often is next due within the hour, and not within seconds."""
    world.incident.fail("add_note", AWAY, times=attempts)
    world.incident.fail("check", AWAY, times=1000)
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    for _ in range(attempts - 1):
        world.wait(max(0, (world.errands()[-1]["next_at"] - world.clock.now()).total_seconds()))
    world.incident.faults.clear()


def test_after_repeated_failures_one_probe_asks_and_its_success_makes_what_waits_due(linked: World) -> None:
    _fail_until(linked, 9)
    assert linked.account(Side.INCIDENT).failures >= 3
    linked.clock.forward(10)
    linked.forget()
    with linked.db.write() as tx:
        integrations.probe_later(tx, PAGERDUTY, linked.clock.now())
    linked.sweep()
    assert [call.op for call in linked.incident.calls] == ["check"]
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): one"]
    assert linked.account(Side.INCIDENT).failures == 0
    assert linked.account(Side.INCIDENT).probe_at is None


def test_a_probe_without_an_answer_is_made_again_every_ten_seconds(linked: World) -> None:
    linked.incident.fail("add_note", AWAY, times=3)
    linked.incident.fail("check", AWAY, times=1000)
    for number in range(3):
        linked.ask_for_incident(f"D-{number}")
    linked.drain()
    for number in range(3):
        linked.comment(Side.CASE, f"D-{number}", "one")
    linked.drain()
    linked.incident.faults["add_note"] = []
    linked.forget()
    for _ in range(31):
        linked.clock.forward(1)
        linked.sweep()
    assert [call.op for call in linked.incident.calls] == ["check"] * 3


def test_doubtful_errands_wait_for_their_write_to_land_even_when_a_probe_succeeds(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."), lands=True)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    began = linked.clock.now()
    with linked.db.write() as tx:
        integrations.probe_later(tx, PAGERDUTY, linked.clock.now())
    linked.sweep()
    assert (linked.errands()[-1]["next_at"] - began).total_seconds() >= 34
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_pause_of_one_side_does_not_stop_the_other(linked: World) -> None:
    _revoke(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert linked.case.record("C-1").status == Status.ACKNOWLEDGED


def test_a_note_held_by_a_disconnect_is_not_looked_for_before_it_can_have_landed(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    linked.forget()
    linked.incident.fail("add_note", errors.Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _revoke(linked)
    linked.comment(Side.CASE, "C-2", "two")
    linked.drain()
    with linked.db.write() as tx:  # A person gives it a new key.
        accounts.let_go_on(tx, linked.account(Side.INCIDENT), linked.db.now(tx))
    linked.drain()
    assert [call.op for call in linked.incident.calls if call.ref == "I-1"] == ["add_note"]


def test_a_repair_that_waited_for_a_new_key_goes_on_at_once(linked: World) -> None:
    worker = reconcile.Worker(linked.db, linked.connections, linked.clock, linked.crew.wake, lambda _: False)
    _revoke(linked)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert not _is_connected(linked)
    with linked.db.write() as tx:
        now = linked.db.now(tx)
        reconciles.ask(tx, PAGERDUTY, now, why="asked", by="Ben", now=now)
    assert reconcile.work(worker)
    assert not reconcile.work(worker), "it is put off, since nothing is asked of an account that refuses"
    with linked.db.write() as tx:  # A person gives it a new key.
        integrations.probe_later(tx, PAGERDUTY, linked.db.now(tx))
    linked.sweep()
    assert reconcile.work(worker)
    with linked.db.read() as tx:
        assert [one["state"] for one in reconciles.listing(tx)] == ["done"]
