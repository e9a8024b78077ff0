"""A replay decides anew, from today's state; a change put aside stays aside until somebody replays it. Twice is no harm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.core.link import LinkState
from syncd.errors import Conflict, NotFound
from syncd.flow.orders import parking, pausing, replaying
from syncd.flow.orders.replaying import Answer
from syncd.flow.retention.pruning import Policy, prune
from syncd.flow.status.condition import condition
from syncd.store.retention import Kept
from tests.flow.world import LANDED, World

REFUSED = errors.Refused("The note is too rude.", status=400)
NOBODY_ON_CALL = errors.Refused("Nobody is on call for this service.", reason="nobody_on_call", status=400, code=1015)
LOST = errors.Ambiguous("The connection was cut.")


def _replay(world: World, *ids: int) -> list[Answer]:
    answers, _ = replaying.replay(world.db, world.connections, ids, by="Ben")
    world.drain()
    return answers


def _foresee(world: World, *ids: int) -> list[Answer]:
    return replaying.foresee(world.db, world.connections, ids, by="Ben")


def _park(world: World, *ids: int) -> int:
    return parking.park(world.db, ids, by="Ben", why="we told them by phone")


def _row(world: World, outcome: str, reason: str = "") -> dict[str, Any]:
    return next(
        row for row in reversed(world.rows()) if row["outcome"] == outcome and (not reason or row["reason"] == reason)
    )


def _refused_note(world: World, text: str = "one") -> int:
    world.incident.fail("add_note", REFUSED)
    world.comment(Side.CASE, "C-1", text)
    world.drain()
    return int(_row(world, "failed")["id"])


def test_a_refused_note_is_sent_again_with_a_row_that_names_the_first(linked: World) -> None:
    number = _refused_note(linked)
    (answer,) = _replay(linked, number)
    assert (answer.is_going, answer.says) == (True, "Note 'Ana (case): one' goes to incident I-1.")
    assert linked.incident.texts("I-1") == ["Ana (case): one"]
    row = linked.last()
    assert (row["outcome"], row["replay_of"], row["actor"]) == ("applied", number, "Ana")
    assert row["detail"].endswith("(A replay, asked for by Ben.)")


def test_what_would_be_sent_is_shown_and_nothing_is_done(linked: World) -> None:
    number = _refused_note(linked)
    before = linked.rows()
    foreseen = _foresee(linked, number)
    assert linked.rows() == before
    assert linked.due() == []
    assert _replay(linked, number) == foreseen


def test_replaying_twice_is_no_harm(linked: World) -> None:
    number = _refused_note(linked)
    first, second = _replay(linked, number), _replay(linked, number, number)
    assert [one.is_going for one in (*first, *second)] == [True, False]
    assert second[0].says == "It was replayed before."
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_replay_that_is_refused_again_can_be_replayed_itself(linked: World) -> None:
    first = _refused_note(linked)
    linked.incident.fail("add_note", REFUSED)
    _replay(linked, first)
    second = int(linked.last()["id"])
    assert linked.last()["outcome"] == "failed"
    assert [one.is_going for one in _replay(linked, first, second)] == [False, True]
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_notes_are_replayed_in_the_order_in_which_they_failed_and_go_to_the_end(linked: World) -> None:
    one, two = _refused_note(linked, "one"), _refused_note(linked, "two")
    linked.comment(Side.CASE, "C-1", "three")
    linked.drain()
    _replay(linked, two, one)
    assert linked.incident.texts("I-1") == ["Ana (case): three", "Ana (case): one", "Ana (case): two"]


def test_a_status_is_decided_from_what_both_sides_say_today(linked: World) -> None:
    linked.incident.fail("set_status", REFUSED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    number = int(_row(linked, "failed")["id"])
    linked.incident.fail("set_status", REFUSED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    (answer,) = _replay(linked, number)
    assert answer.says == "Status resolved goes to incident I-1."
    assert linked.in_step().status == Status.RESOLVED


def test_a_status_that_stands_already_is_not_sent(linked: World) -> None:
    linked.incident.fail("set_status", REFUSED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    number = int(_row(linked, "failed")["id"])
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    linked.forget()
    (answer,) = _replay(linked, number)
    assert (answer.is_going, answer.says) == (False, "The other side already says the same.")
    assert linked.incident.calls == []


def test_a_status_whose_newer_value_is_on_its_way_is_not_sent_twice(linked: World) -> None:
    linked.incident.fail("set_status", REFUSED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    number = int(_row(linked, "failed")["id"])
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.plan()
    (answer,) = _replay(linked, number)
    assert (answer.is_going, answer.says) == (False, "A newer change of the same field is on its way already.")


def test_a_reopening_is_not_replayed_over_a_later_resolve_that_was_refused(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.case.fail("set_status", REFUSED)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.OPEN)
    linked.drain()
    reopening = int(_row(linked, "failed")["id"])
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.OPEN)
    linked.incident.fail("set_status", REFUSED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    resolve = int(_row(linked, "failed")["id"])
    assert [one.is_going for one in _foresee(linked, reopening)] == [False]
    assert [one.is_going for one in _replay(linked, resolve)] == [True]
    assert linked.in_step().status == Status.RESOLVED


def test_replays_of_both_directions_do_not_swap_the_two_sides(linked: World) -> None:
    linked.incident.fail("set_priority", REFUSED)
    linked.case.fail("set_priority", REFUSED)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.drain()
    _replay(linked, *(row["id"] for row in linked.rows() if row["outcome"] == "failed"))
    assert (linked.case.record("C-1").priority, linked.incident.record("I-1").priority) == ("P4", "MIDDLE")


@pytest.mark.parametrize("lands", [True, False])
def test_a_note_that_may_stand_already_is_looked_for_first(linked: World, *, lands: bool) -> None:
    linked.incident.fail("add_note", LOST, lands=lands)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert _park(linked, int(linked.last()["id"])) == 1
    answers = _replay(linked, int(linked.last()["id"]))
    linked.wait(LANDED)
    assert [one.is_going for one in answers] == [True]
    assert linked.incident.texts("I-1") == ["Ana (case): one"]
    assert linked.said()[-1][2] == ("adopted" if lands else "noted")


def test_the_hook_of_a_parked_note_that_landed_is_not_taken_for_a_persons(linked: World) -> None:
    linked.incident.fail("add_note", LOST, lands=True)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    _park(linked, int(linked.last()["id"]))
    seen = linked.incident.heard(linked.incident.kept["I-1"].notes[0])
    linked.tell(Side.INCIDENT, "I-1", seen)
    linked.drain()
    assert linked.said()[-1] == ("comment", "suppressed", "echo")
    assert linked.case.texts("C-1") == ["one"]


def test_what_is_still_on_its_way_or_done_is_left_alone(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("The connection was refused."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    number = int(linked.last()["id"])
    assert _foresee(linked, number) == [
        Answer(number, is_going=False, says="It is on its way still, and is tried again by itself.")
    ]
    linked.wait(3600)
    assert [one.says for one in _foresee(linked, number)] == ["It was done; nothing is left to do."]


def test_a_hook_that_was_ignored_is_decided_by_todays_rules(world: World) -> None:
    world.incident.put("I-7")
    world.comment(Side.INCIDENT, "I-7", "early")
    world.drain()
    number = int(world.last()["id"])
    (answer,) = _replay(world, number)
    assert (answer.is_going, answer.says) == (True, "Its hook about I-7 is decided again.")
    row = world.last()
    assert (row["outcome"], row["reason"], row["replay_of"]) == ("ignored", "unlinked", number)


def test_a_hook_whose_body_was_thrown_away_says_so_and_after_how_long(world: World) -> None:
    world.incident.put("I-7")
    world.comment(Side.INCIDENT, "I-7", "early")
    world.drain()
    world.clock.forward(timedelta(days=31))
    prune(world.db, Policy({Kept.BODIES: timedelta(days=30)}), lambda _: False)
    (answer,) = _replay(world, int(world.last()["id"]))
    assert (answer.is_going, answer.says) == (False, "Its hook's body was thrown away after 31 days.")
    assert world.due() == []


def test_a_hook_of_a_note_heard_before_is_only_a_duplicate(linked: World) -> None:
    linked.comment(Side.INCIDENT, "I-1", "once")
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", linked.incident.heard(linked.incident.kept["I-1"].notes[0]))
    linked.drain()
    _replay(linked, int(linked.last()["id"]))
    assert linked.said()[-1] == ("comment", "suppressed", "duplicate")
    assert linked.case.texts("C-1") == ["once"]


def test_what_a_replayed_hook_leads_to_names_the_replay(world: World) -> None:
    world.tell(Side.CASE, "C-1", *())
    world.ask_for_incident()
    with world.db.write() as tx:
        tx.exec_driver_sql("UPDATE connectors SET case_system = 'pagerduty'")
    world.drain()
    assert world.last()["reason"] == "no_connector"
    with world.db.write() as tx:
        tx.exec_driver_sql("UPDATE connectors SET case_system = 'cases'")
    number = int(world.last()["id"])
    _replay(world, number)
    assert world.link().link.state is LinkState.OPEN
    assert {row["replay_of"] for row in world.rows() if row["change"] == "open" and row["outcome"] == "applied"} == {
        number
    }
    _replay(world, number)
    assert world.said()[-1][1:] == ("suppressed", "duplicate")
    assert len(world.incident.kept) == 1


def _failed_opening(world: World) -> int:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    world.comment(Side.CASE, "C-1", "one")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    return int(_row(world, "failed")["id"])


def test_an_opening_is_replayed_and_everything_kept_for_it_follows_in_its_order(world: World) -> None:
    number = _failed_opening(world)
    world.forget()
    (answer,) = _replay(world, number)
    assert answer.says == "An incident is opened for case C-1, unless one stands under its key already."
    assert [call.op for call in world.incident.calls] == ["find", "open", "add_note", "fetch", "set_status"]
    assert (world.link().link.state, world.link().reason) == (LinkState.OPEN, "")
    assert world.in_step().status == Status.ACKNOWLEDGED
    assert condition(world.db).links == {"open": 1}
    assert [one.says for one in _replay(world, number)] == ["It was replayed before."]


def test_an_opening_that_is_refused_again_holds_everything_again(world: World) -> None:
    number = _failed_opening(world)
    world.incident.fail("open", NOBODY_ON_CALL)
    _replay(world, number)
    assert world.link().link.state is LinkState.FAILED
    second = int(_row(world, "failed")["id"])
    assert second > number
    _replay(world, second)
    assert world.in_step().status == Status.ACKNOWLEDGED
    assert world.incident.texts("I-1") == ["Ana (case): one"]


def test_an_opening_kept_while_its_link_was_paused_goes_first_all_the_same(world: World) -> None:
    """What the pause held stands before it in its lane."""
    number = _failed_opening(world)
    pausing.pause(world.db, world.link().id, by="Ana")
    world.comment(Side.CASE, "C-1", "two")
    world.drain()
    _replay(world, number)
    pausing.resume(world.db, world.link().id, by="Ana")
    world.drain()
    assert world.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]


def test_a_case_that_is_over_by_now_opens_nothing(world: World) -> None:
    number = _failed_opening(world)
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    (answer,) = _replay(world, number)
    assert answer.says == "The case was resolved or closed before its incident was opened."
    assert world.incident.kept == {}


def test_a_case_that_came_back_has_its_incident_and_is_given_what_was_said_meanwhile(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    world.comment(Side.CASE, "C-1", "one")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    over = [int(row["id"]) for row in world.rows() if row["reason"] == "case_over" and row["change"] != "resolve"]
    world.act(Side.CASE, "C-1", Field.STATUS, Status.OPEN)
    world.drain()
    assert [one.is_going for one in _replay(world, *over)] == [False, True]
    assert world.incident.texts("I-1") == ["Ana (case): one"]
    assert world.incident.writes().count("open") == 1
    assert _replay(world, *over)[1].says == "It was replayed before."


def test_a_parked_opening_is_no_finding_any_more_and_nothing_is_kept_for_it(world: World) -> None:
    number = _failed_opening(world)
    assert _park(world, number) == 3
    assert {row["reason"] for row in world.rows()[-3:]} == {"parked"}
    assert world.link().link.state is LinkState.ENDED
    assert world.link().reason == "Parked by Ben: we told them by phone"
    world.comment(Side.CASE, "C-1", "two")
    world.drain()
    assert world.said()[-1] == ("comment", "parked", "parked")
    said = [one.what for one in condition(world.db).findings if "running" not in one.what]
    assert said == []


def test_what_was_put_aside_with_an_opening_is_replayed_after_it(world: World) -> None:
    number = _failed_opening(world)
    _park(world, number)
    parked = [int(row["id"]) for row in world.rows() if row["outcome"] == "parked"]
    note = next(int(row["id"]) for row in world.rows() if row["outcome"] == "parked" and row["change"] == "comment")
    assert _foresee(world, note)[0].says == "Its incident was never opened; replay the delivery of the opening first."
    _replay(world, *parked)
    assert world.incident.texts("I-1") == ["Ana (case): one"]
    assert world.in_step().status == Status.ACKNOWLEDGED


def test_a_change_that_waits_is_put_aside_and_its_wish_forgotten(linked: World) -> None:
    linked.incident.fail("set_status", errors.Unreachable("The connection was refused."))
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert _park(linked, int(linked.last()["id"])) == 1
    row = linked.last()
    assert (row["outcome"], row["detail"]) == ("parked", "Parked by Ben: we told them by phone")
    linked.forget()
    linked.wait(3600)
    assert linked.incident.writes() == []
    assert linked.link().link.wanted == {}


def test_parking_twice_is_no_harm(linked: World) -> None:
    number = _refused_note(linked)
    assert [_park(linked, number), _park(linked, number)] == [1, 0]


def test_what_was_done_cannot_be_parked(linked: World) -> None:
    linked.incident.put("I-7")
    linked.comment(Side.INCIDENT, "I-7", "of nobody here")
    linked.drain()
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()  # The numbers of deliveries and of errands are others by now.
    number = int(linked.last()["id"])
    assert number != linked.last()["errand_id"]
    with pytest.raises(Conflict, match=rf"^The change of delivery {number} was done; there is nothing to put aside"):
        _park(linked, number)


def test_a_hook_cannot_be_parked(world: World) -> None:
    world.incident.put("I-7")
    world.comment(Side.INCIDENT, "I-7", "early")
    world.drain()
    with pytest.raises(Conflict, match="nothing was to be sent for it"):
        _park(world, int(world.last()["id"]))


def test_a_delivery_that_does_not_exist(linked: World) -> None:
    with pytest.raises(NotFound, match="There is no delivery 77"):
        _foresee(linked, 77)
    with pytest.raises(NotFound, match="There is no delivery 77"):
        _park(linked, 77)


def test_an_opening_replayed_after_it_was_parked_brings_the_acknowledgement_along(world: World) -> None:
    number = _failed_opening(world)
    _park(world, number)
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    world.drain()
    _replay(world, number)
    assert world.in_step().status == Status.ACKNOWLEDGED
    assert world.link().link.wanted == {}
    assert world.incident.texts("I-1") == []  # The comment was put aside; its own delivery replays it.
