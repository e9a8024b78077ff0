"""Notes cross in the order in which they came in, also when an earlier one has to be read in full first."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd import errors
from syncd.core.changes import CaseOpened, Field, FieldSeen, NoteSeen, Side, Status
from syncd.core.shard import SHARDS
from syncd.store import integrations, links
from tests.flow.far_side import ANA
from tests.flow.world import PAGERDUTY, WITHIN, World, work

LONG = ("first, and long " * 300).strip()


def trimmed(world: World, text: str = LONG) -> None:
    seen = world.incident.note("I-1", text)
    world.tell(Side.INCIDENT, "I-1", replace(seen, text=text[:100], is_trimmed=True))


def _turn(world: World) -> None:
    world.crew.wake(range(SHARDS))
    world.crew.turn()


@pytest.mark.parametrize("count", [1, 3])
def test_a_note_does_not_overtake_one_that_is_read_in_full(linked: World, count: int) -> None:
    trimmed(linked)
    rest = [f"later {number}" for number in range(count)]
    for text in rest:
        linked.comment(Side.INCIDENT, "I-1", text)
    linked.drain()
    assert linked.case.texts("C-1") == [LONG, *rest]


def test_several_to_be_read_in_full_keep_their_order_too(linked: World) -> None:
    texts = [f"{number} {LONG}" for number in range(3)]
    for text in texts:
        trimmed(linked, text)
        linked.comment(Side.INCIDENT, "I-1", f"after {text[0]}")
    linked.drain()
    assert linked.case.texts("C-1") == [one for text in texts for one in (text, f"after {text[0]}")]


def test_a_note_that_comes_during_the_look_waits_whichever_worker_finds_it(linked: World) -> None:
    linked.incident.stuck = threading.Event()
    other = linked.new_crew()
    trimmed(linked)
    _turn(linked)
    linked.comment(Side.INCIDENT, "I-1", "later")
    other.wake(range(SHARDS))
    other.turn()
    assert linked.case.texts("C-1") == []
    linked.incident.stuck.set()
    while linked.crew.wait(WITHIN if linked.crew.is_out else 0.0):
        linked.crew.turn()
    work(other, range(SHARDS))
    linked.drain()
    other.close(0)
    assert linked.case.texts("C-1") == [LONG, "later"]


def test_a_status_does_not_wait_for_a_note_to_be_read(linked: World) -> None:
    linked.incident.stuck = threading.Event()
    trimmed(linked)
    _turn(linked)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    _turn(linked)
    assert linked.states()[-1][0] == "status"
    linked.incident.stuck.set()
    linked.drain()
    assert linked.case.record("C-1").status == Status.RESOLVED


def test_what_is_told_to_a_closed_case_keeps_its_order_too(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    first = linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", replace(first, value=Status.ACKNOWLEDGED))  # At the same moment: a look.
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.drain()
    assert [text.split(". The case")[0] for text in linked.case.texts("C-1")] == [
        "Ana (PagerDuty) resolved the incident",
        "Ana (PagerDuty) acknowledged the incident",
        "Ana (PagerDuty) set the incident's priority to HIGH",
    ]


def test_a_record_is_looked_at_by_one_at_a_time(linked: World) -> None:
    """Whichever worker finds the next hook that needs it."""
    linked.incident.stuck = threading.Event()
    other = linked.new_crew()
    linked.point_at(Side.INCIDENT, "I-1")
    _turn(linked)
    linked.point_at(Side.INCIDENT, "I-1")
    other.wake(range(SHARDS))
    other.turn()
    assert not other.is_out
    linked.incident.stuck.set()
    work(linked.crew, ())
    linked.drain()
    other.close(0)
    assert linked.said() == [("event", "suppressed", "unchanged")] * 2


def test_a_look_that_fails_delays_no_other_note(linked: World) -> None:
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    trimmed(linked)
    linked.comment(Side.INCIDENT, "I-1", "later")
    linked.drain()
    assert linked.case.texts("C-1") == ["later"]
    linked.wait(timedelta(minutes=1))
    assert linked.case.texts("C-1") == ["later", LONG]


def test_a_worker_that_dies_during_a_look_delays_nothing_for_long(linked: World) -> None:
    linked.incident.stuck = threading.Event()
    trimmed(linked)
    _turn(linked)
    linked.comment(Side.INCIDENT, "I-1", "later")
    _turn(linked)
    linked.crew.close(0)
    linked.incident.stuck.set()
    linked.incident.stuck = None
    linked.crew = linked.new_crew()
    linked.wait(timedelta(seconds=30))
    assert linked.case.texts("C-1") == [LONG, "later"]


def test_one_look_answers_every_hook_that_had_come_in_before_it(linked: World) -> None:
    for _ in range(50):
        linked.point_at(Side.INCIDENT, "I-1")
    linked.comment(Side.INCIDENT, "I-1", "in between")
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert [call.op for call in linked.incident.calls] == ["fetch", "notes"]
    assert linked.case.texts("C-1") == ["in between"]
    assert linked.case.record("C-1").status == Status.RESOLVED
    assert sorted(linked.said()) == sorted(
        [
            ("comment", "applied", "noted"),
            ("comment", "suppressed", "duplicate"),
            ("resolve", "applied", "changed"),
            *[("event", "suppressed", "unchanged")] * 50,
        ]
    )


def test_a_hook_that_came_in_during_a_look_is_not_answered_by_it(linked: World) -> None:
    def meanwhile() -> None:
        linked.clock.forward(1)
        linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
        linked.point_at(Side.INCIDENT, "I-1")

    linked.point_at(Side.INCIDENT, "I-1")
    linked.incident.meanwhile["notes"] = meanwhile
    linked.drain()
    assert [call.op for call in linked.incident.calls] == ["fetch", "notes"] * 2
    assert linked.case.record("C-1").status == Status.RESOLVED


def test_notes_around_our_own_opening_keep_their_order(world: World) -> None:
    """The first comes before the answer and finds no link; the second is planned in the turn that writes the link down."""
    world.ask_for_incident()
    world.incident.stuck = threading.Event()
    _turn(world)
    world.tell(Side.INCIDENT, "I-1", NoteSeen("X-1", "first", ANA, world.clock.now()))
    _turn(world)
    world.tell(Side.INCIDENT, "I-1", NoteSeen("X-2", "second", ANA, world.clock.now()))
    world.incident.stuck.set()
    assert world.crew.wait(WITHIN)
    world.drain()
    assert world.case.texts("C-1") == ["first", "second"]


def test_comments_around_the_hook_that_opens_keep_their_order(world: World) -> None:
    record = world.case.put("C-1", priority="P3", title="slow")
    world.comment(Side.CASE, "C-1", "one")
    opened = CaseOpened(record.title, "", "P3", "", record.url, ANA, record.at)
    world.tell(Side.CASE, "C-1", opened, kind="opened")
    world.comment(Side.CASE, "C-1", "two")
    world.drain()
    assert world.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]


def test_a_look_that_came_too_late_for_its_own_hook_answers_no_other(linked: World) -> None:
    """The link moved so that the first needs no look any more; what was read speaks for nobody."""
    first = linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    linked.forget()
    linked.incident.calls.clear()
    linked.tell(Side.INCIDENT, "I-1", replace(first, value=Status.OPEN))  # At a moment that is known: a look.
    linked.point_at(Side.INCIDENT, "I-1")

    def meanwhile() -> None:
        seen = linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
        linked.case.set("C-1", Field.STATUS, Status.RESOLVED)
        with linked.db.write() as tx:
            stored = links.lock(tx, linked.link().id)
            moved = stored.link.saw(Side.INCIDENT, Field.STATUS, Status.RESOLVED, seen.at)
            links.save(tx, stored, moved.saw(Side.CASE, Field.STATUS, Status.RESOLVED, seen.at))

    linked.incident.meanwhile["notes"] = meanwhile
    linked.drain()
    assert linked.said() == [("unacknowledge", "suppressed", "stale"), ("event", "suppressed", "unchanged")]
    assert linked.case.writes() == []
    assert [call.op for call in linked.incident.calls] == ["fetch", "notes"] * 2


def _late_look(world: World) -> None:
    """Written down after those behind it have become due by themselves."""
    _turn(world)
    assert world.incident.stuck is not None
    world.clock.forward(30)
    world.incident.stuck.set()
    assert world.crew.wait(WITHIN)
    world.drain()


def test_what_stood_behind_a_late_look_is_told_once(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    resolved = linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.incident.stuck = threading.Event()
    linked.point_at(Side.INCIDENT, "I-1")
    assert resolved.at is not None
    earlier = FieldSeen(Field.STATUS, Status.ACKNOWLEDGED, ANA, resolved.at - timedelta(milliseconds=500))
    linked.tell(Side.INCIDENT, "I-1", earlier)
    _late_look(linked)
    told = [text.split(" the incident")[0] for text in linked.case.texts("C-1")]
    assert told == ["Ana (PagerDuty) resolved", "Ana (PagerDuty) acknowledged"]


def test_what_stood_behind_a_late_look_has_one_row(linked: World) -> None:
    linked.incident.stuck = threading.Event()
    linked.point_at(Side.INCIDENT, "I-1")
    linked.comment(Side.INCIDENT, "I-1", "one")
    _late_look(linked)
    assert sorted(linked.said()) == [("comment", "applied", "noted"), ("comment", "suppressed", "duplicate")]


def test_what_stood_behind_a_late_look_that_failed_is_counted_once(linked: World) -> None:
    linked.incident.stuck = threading.Event()
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.point_at(Side.INCIDENT, "I-1")
    _late_look(linked)
    assert linked.said() == [("event", "retrying", "unreachable")] * 2


def test_notes_keep_their_order_while_their_account_cannot_be_read(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    trimmed(linked)
    linked.comment(Side.INCIDENT, "I-1", "later")
    linked.drain()
    linked.clock.forward(30)
    linked.drain()
    assert linked.case.texts("C-1") == []
    linked.wait(61)
    linked.wait(61)
    assert linked.case.texts("C-1") == [LONG, "later"]
    assert linked.said().count(("event", "held", "disconnected")) == 1


def test_a_hook_held_by_a_turn_that_still_believed_its_account_away_is_let_go(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    trimmed(linked)
    linked.drain()
    with linked.db.write() as tx:
        integrations.connect(tx, PAGERDUTY, linked.db.now(tx))
    linked.wait(1)
    assert linked.case.texts("C-1") == [LONG]
