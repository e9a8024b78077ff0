"""A worker dies between its call and its settle, or comes back late. Nothing is written twice, nothing overwritten."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd import process
from syncd.connections.tolls import Left
from syncd.core import retry
from syncd.core.changes import Field, NoteSeen, Side, Status
from syncd.core.shard import SHARDS
from syncd.flow.crew import Crew, _Back, _Done
from syncd.store.tables import errands
from tests.flow.far_side import US
from tests.flow.status.told import seen, whats
from tests.flow.world import LANDED, LIMITS, World, work


def test_a_lost_attempt_gets_its_row_and_the_next_one_looks_first(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    linked.attempt(job)
    linked.forget()
    linked.wait(LANDED)
    assert [call.op for call in linked.incident.calls] == ["notes"]
    assert linked.incident.texts("I-1") == ["Ana (case): Rolling back."]
    assert linked.said() == [("comment", "retrying", "worker_lost"), ("comment", "applied", "adopted")]
    lost, adopted = linked.rows()[-2:]
    assert (lost["attempt"], adopted["attempt"]) == (1, 2)
    assert lost["request_id"] == f"e{job.stored.id}.1"


def test_a_worker_lost_before_its_call_is_made_good(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    linked.claim()
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == ["Ana (case): Rolling back."]
    assert linked.said() == [("comment", "retrying", "worker_lost"), ("comment", "applied", "noted")]


def test_nothing_is_taken_over_while_a_write_may_still_land(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    linked.claim()
    linked.wait(34)
    assert linked.said() == []
    assert linked.states()[-1] == ("note", "sending")


def test_a_late_settle_overwrites_nothing(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    late = linked.attempt(job)
    linked.wait(LANDED)
    before, errands, link = linked.rows(), linked.errands(), linked.link()
    linked.settle(late)
    assert (linked.rows(), linked.errands(), linked.link()) == (before, errands, link)


def test_a_settle_later_than_its_lease_but_before_anybody_took_over_still_counts(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    late = linked.attempt(job)
    linked.clock.forward(60)
    linked.settle(late)
    assert linked.said() == [("comment", "applied", "noted")]


def test_a_status_whose_worker_was_lost_is_not_written_again(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.plan()
    (job,) = linked.claim()
    linked.attempt(job)
    linked.wait(LANDED)
    assert linked.incident.writes() == ["set_status"]
    assert linked.in_step().status == Status.RESOLVED


def test_other_lanes_do_not_wait_for_a_lost_one(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    linked.claim()
    linked.comment(Side.INCIDENT, "I-1", "On it.")
    linked.drain()
    assert linked.case.texts("C-1") == ["Rolling back.", "On it."]


def _killed(world: World) -> None:
    """The process that makes the attempts of this moment is gone: a real one, so that the system says so itself."""
    with subprocess.Popen(["sleep", "60"]) as other:
        name = process.named(other.pid)
        with world.db.write() as tx:
            tx.execute(update(errands).where(errands.c.state == "sending").values(made_by=name))
        world.sweep()
        assert world.said() == [], "it is there"
        other.kill()


def test_who_is_gone_for_certain_is_not_waited_for_and_what_it_sent_has_landed_before_the_next_attempt(
    linked: World,
) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    linked.clock.forward(5)
    linked.attempt(job)
    linked.forget()
    _killed(linked)
    linked.sweep()
    assert linked.said() == [("comment", "retrying", "worker_lost")]
    linked.wait(retry.LATE_AT_MOST - timedelta(seconds=1))
    assert linked.incident.calls == [], "it may still land"
    linked.wait(2)
    assert linked.said() == [("comment", "retrying", "worker_lost"), ("comment", "applied", "adopted")]
    assert linked.incident.texts("I-1") == ["Ana (case): Rolling back."]


def test_an_end_that_is_noticed_late_puts_nothing_off(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    linked.claim()
    linked.clock.forward(retry.LEASE - timedelta(seconds=1))
    _killed(linked)
    linked.wait(retry.LANDS_WITHIN - retry.LEASE + timedelta(seconds=2))
    assert linked.said() == [("comment", "retrying", "worker_lost"), ("comment", "applied", "noted")]


class _StandsStill(Crew):
    """Once, right after it has written down what it is about to send. Others work meanwhile."""

    def __init__(self, world: World, seconds: float) -> None:
        super().__init__(world.db, world.connections, world.clock, LIMITS)
        self._world, self._seconds = world, seconds

    def _in_one_transaction(self, awake: frozenset[int], back: Sequence[_Back], scarce: Mapping[str, Left]) -> _Done:
        done = super()._in_one_transaction(awake, back, scarce)
        if done.jobs and self._seconds:
            seconds, self._seconds = self._seconds, 0.0
            self._world.wait(seconds)
        return done


@pytest.mark.parametrize("seconds", [1, 40, 46, 4000])
def test_a_worker_that_stood_still_sends_nothing_that_another_has_sent(linked: World, seconds: float) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    frozen = _StandsStill(linked, seconds)
    work(frozen, range(SHARDS))
    frozen.close(0.1)
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == ["Ana (case): Rolling back."]
    assert linked.case.texts("C-1") == ["Rolling back."]
    assert [outcome for _, outcome, reason in linked.said() if reason != "worker_lost"] == ["applied"]


def test_a_worker_that_stood_still_opens_no_second_incident(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    frozen = _StandsStill(world, 46)
    work(frozen, range(SHARDS))
    frozen.close(0.1)
    world.drain()
    assert world.incident.writes().count("open") == 1


def test_a_note_that_was_written_too_late_is_ours_and_is_told(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    linked.wait(LANDED)
    linked.settle(linked.attempt(job))
    assert linked.incident.texts("I-1") == ["Ana (case): Rolling back."] * 2
    second = linked.incident.kept["I-1"].notes[-1]
    linked.tell(Side.INCIDENT, "I-1", NoteSeen(second.id, second.text, US, second.at))
    linked.drain()
    assert linked.case.texts("C-1") == ["Rolling back."], "no person has said it in PagerDuty"
    (row,) = [row for row in linked.rows() if row["reason"] == "late"]
    assert (row["outcome"], row["attempt"]) == ("failed", 1)
    assert "may stand twice" in row["detail"]
    assert any("made twice" in what for what in whats(seen(linked)))


def test_a_status_that_was_written_too_late_is_told_and_its_record_is_read(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.wait(LANDED)
    linked.incident.set("I-1", Field.STATUS, Status.OPEN)  # Somebody took it back, and no hook has told us yet.
    linked.settle(linked.attempt(job))
    assert ("acknowledge", "applied", "written_late") in linked.said()
    linked.incident.calls.clear()
    linked.drain()
    assert "fetch" in [call.op for call in linked.incident.calls]
    assert not any("made twice" in what for what in whats(seen(linked)))
