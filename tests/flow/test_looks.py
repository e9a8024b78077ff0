"""What a hook cannot say is read from the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from syncd import errors
from syncd.core.changes import Field, FieldSeen, NoteSeen, Side, Status
from syncd.core.policy import Winner
from syncd.flow.hearing import REMEMBERED
from syncd.store import links
from syncd.store.tables import arrivals
from syncd.store.tables_of_accounts import connectors
from tests.flow.far_side import ANA, body_of
from tests.flow.world import World


def _ops(world: World) -> list[str]:
    return [call.op for call in world.incident.calls]


def test_a_thin_hook_makes_us_read_the_record_and_its_notes(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.note("I-1", "On it.")
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.case.record("C-1").status == Status.ACKNOWLEDGED
    assert linked.case.texts("C-1") == ["On it."]
    assert _ops(linked) == ["fetch", "notes"]


def test_a_look_that_finds_nothing_new_leaves_a_row_with_its_requests(linked: World) -> None:
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.said() == [("event", "suppressed", "unchanged")]
    assert _before(linked) == [[("FETCH", "/incident/I-1"), ("NOTES", "/incident/I-1")]]


def _before(world: World) -> list[list[tuple[str, str]]]:
    """The requests that led up to each row of this test."""
    rows = [row["request"] or {} for row in world.rows()[-len(world.said()) :]]
    return [[(line["method"], line["url"]) for line in request.get("before", ())] for request in rows]


def test_the_requests_of_a_look_stand_in_one_row_of_what_came_of_it(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.note("I-1", "On it.")
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert sorted(linked.said()) == [("acknowledge", "applied", "changed"), ("comment", "applied", "noted")]
    told = [line for lines in _before(linked) for line in lines if line[1] == "/incident/I-1"]
    assert told == [("FETCH", "/incident/I-1"), ("NOTES", "/incident/I-1")]


def test_a_trimmed_note_is_read_in_full(linked: World) -> None:
    seen = linked.incident.note("I-1", "x" * 5000)
    linked.tell(Side.INCIDENT, "I-1", replace(seen, text="xxx", is_trimmed=True))
    linked.drain()
    assert linked.case.texts("C-1") == ["x" * 5000]


def test_a_trimmed_note_that_was_deleted_meanwhile_crosses_as_far_as_it_is_known(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I-1", NoteSeen("N-77", "the beginning", ANA, linked.clock.now(), is_trimmed=True))
    linked.drain()
    assert linked.case.texts("C-1") == ["the beginning"]


def test_of_two_changes_at_one_moment_the_record_tells_which_came_last(linked: World) -> None:
    first = linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.forget()
    linked.tell(Side.INCIDENT, "I-1", replace(first, value=Status.ACKNOWLEDGED))
    linked.drain()
    assert _ops(linked) == ["fetch", "notes"]
    assert linked.in_step().status == Status.RESOLVED
    assert linked.said() == [("resolve", "suppressed", "unchanged")]


def test_a_link_that_moved_during_a_look_is_looked_at_again(linked: World) -> None:
    def somebody_else_learns_something() -> None:
        linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
        with linked.db.write() as tx:
            stored = links.lock(tx, linked.link().id)
            links.save(tx, stored, stored.link.saw(Side.CASE, Field.PRIORITY, "P9", None))

    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.meanwhile["notes"] = somebody_else_learns_something
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert _ops(linked) == ["fetch", "notes"] * 2
    assert linked.case.record("C-1").status == Status.RESOLVED
    assert linked.case.writes() == ["set_status"]


def test_an_event_older_than_our_memory_acts_only_through_a_look(linked: World) -> None:
    """It may have been handled long ago, and our memory of that is gone."""
    old = FieldSeen(Field.STATUS, Status.RESOLVED, ANA, linked.clock.now())
    linked.clock.forward(REMEMBERED + timedelta(hours=1))
    linked.tell(Side.INCIDENT, "I-1", old)
    linked.drain()
    assert _ops(linked) == ["fetch", "notes"]
    assert linked.case.record("C-1").status == Status.OPEN


def test_a_look_that_fails_is_made_again(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    row = linked.last()
    assert (row["action"], row["outcome"], row["reason"]) == ("look", "retrying", "unreachable")
    assert (row["attempt"], row["method"]) == (1, "FETCH")
    linked.wait(row["next_attempt_at"] - linked.clock.now())
    assert linked.case.record("C-1").status == Status.ACKNOWLEDGED


def test_a_look_without_an_answer_need_not_wait_for_a_write_to_land(linked: World) -> None:
    linked.incident.fail("fetch", errors.Ambiguous("No answer.", status=502))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.last()["next_attempt_at"] - linked.clock.now() <= timedelta(seconds=2)


def test_a_record_that_is_gone_ends_the_hook_with_a_row(linked: World) -> None:
    linked.incident.fail("fetch", errors.Refused("There is no such incident.", reason="gone", status=404))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.said() == [("event", "failed", "gone")]
    linked.wait(timedelta(days=1))
    assert len(_ops(linked)) == 1


def test_a_look_at_an_account_that_was_shut_waits_for_the_reconnect(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert linked.account(Side.INCIDENT).code == "PAG-100-B"
    assert linked.said() == [("event", "held", "disconnected")]
    linked.wait(61)
    assert linked.case.record("C-1").status == Status.ACKNOWLEDGED


def test_two_hooks_that_need_the_same_look_both_end(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    for _ in range(3):
        linked.hear(Side.INCIDENT, body_of("I-1", is_thin=True), record="I-1")
    linked.drain()
    assert sorted(linked.said()) == [
        ("acknowledge", "applied", "changed"),
        ("event", "suppressed", "unchanged"),
        ("event", "suppressed", "unchanged"),
    ]


def test_a_look_that_was_void_and_the_one_made_instead_stand_in_one_row(linked: World) -> None:
    def somebody_learns_something() -> None:
        with linked.db.write() as tx:
            stored = links.lock(tx, linked.link().id)
            links.save(tx, stored, stored.link.saw(Side.CASE, Field.PRIORITY, "P9", None))

    linked.incident.meanwhile["notes"] = somebody_learns_something
    linked.point_at(Side.INCIDENT, "I-1")
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert sorted(map(len, _before(linked))) == [0, 4]


def _wait_for_a_look_that_cannot_be_made(world: World) -> None:
    """A priority is on its way to the case, and nobody can tell which of two came last there."""
    with world.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": Winner.MANUAL}))
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P4")
    world.drain()
    world.forget()
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    world.plan()
    known = world.link().link.known[Side.CASE, Field.PRIORITY].at
    assert known is not None
    kept = world.case.kept["C-1"]
    kept.record = replace(kept.record, priority="P3", at=known.replace(microsecond=0))
    world.case.fail("notes", errors.Unreachable("Comments are away."), times=5000)
    for _ in range(120):
        world.wait(1)


def test_a_write_does_not_ask_again_and_again_for_a_look_that_cannot_be_made(linked: World) -> None:
    _wait_for_a_look_that_cannot_be_made(linked)
    assert 1 < len([one for one in linked.case.calls if one.op == "fetch"]) < 20
    assert _looks_asked_for(linked) == 1
    linked.case.faults.clear()
    linked.wait(timedelta(hours=1))
    linked.wait(timedelta(minutes=1))
    assert Field.PRIORITY in linked.link().link.conflicts, "once it was made, the write ends as it should"


def test_a_write_that_waits_for_a_look_is_made_after_any_look_at_its_record(linked: World) -> None:
    """Its own could not be made and is an hour away; a hook has the record read now."""
    _wait_for_a_look_that_cannot_be_made(linked)
    linked.wait(timedelta(minutes=30))
    linked.case.set("C-1", Field.PRIORITY, "P4")
    linked.case.faults.clear()
    linked.point_at(Side.CASE, "C-1")
    linked.drain()
    assert linked.case.record("C-1").priority == "P1"
    assert linked.link().link.wanted == {}


def test_a_look_does_not_cut_short_the_pause_that_the_far_side_asked_for(linked: World) -> None:
    """The wish that waits took over from the attempt that was turned away."""
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.plan()
    (job,) = linked.claim()
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.plan()
    linked.case.fail("set_priority", errors.RateLimited("Slow down.", retry_after=400))
    linked.settle(linked.attempt(job))
    linked.case.calls.clear()
    linked.clock.forward(10)
    linked.case.note("C-1", "words")
    linked.point_at(Side.CASE, "C-1")
    linked.drain()
    assert [call.op for call in linked.case.calls] == ["fetch", "notes"]
    linked.wait(400)
    assert linked.case.record("C-1").priority == "P4"


def _looks_asked_for(world: World) -> int:
    with world.db.read() as tx:
        return len(tx.execute(select(arrivals.c.id).where(arrivals.c.event_type == "syncd.look")).all())
