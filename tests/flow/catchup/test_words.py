"""Comments and notes that the other side has not got are named, in both directions; and none that it has, or is not to have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from syncd import errors
from syncd.core.changes import Actor, Field, NoteSeen, Side, Status
from syncd.core.policy import NoteEdits
from syncd.flow.catchup.compare import compare
from syncd.flow.catchup.difference import Difference
from syncd.flow.orders import pausing, restraint
from syncd.flow.rereading import LISTED_WITHIN
from syncd.store import gaps
from syncd.store.tables import notes
from syncd.store.tables_of_accounts import connectors
from tests.flow.catchup.test_undone import BEN, FORBIDDEN, REPAIR, compared, follow, look_over, whats
from tests.flow.far_side import US
from tests.flow.world import LANDED, PAGERDUTY, World

LOST = errors.Ambiguous("The connection was cut.")
_LATER = LISTED_WITHIN + timedelta(seconds=1)


def _one(world: World) -> Difference:
    (one,) = compared(world).differences
    return one


@pytest.mark.parametrize(
    ("side", "shown"), [(Side.CASE, ("Ana (case): looking", "")), (Side.INCIDENT, ("", "Ben (PagerDuty): looking"))]
)
def test_one_that_was_refused_is_named_with_its_replay(linked: World, side: Side, shown: tuple[str, str]) -> None:
    linked.side(side.other).fail("add_note", FORBIDDEN)
    by = Actor("Ana") if side is Side.CASE else BEN
    linked.comment(side, linked.link().link.ref(side), "looking", by)
    linked.drain()
    one = _one(linked)
    assert (one.what, one.case, one.incident, one.why) == ("note", *shown, "The key may not add notes.")
    assert one.remedy == f"`syncd deliveries replay {linked.last()['id']} --yes` makes what was not made."
    look_over(linked)
    assert _one(linked) == one, "a repair finds nothing here"
    follow(linked, one.remedy)
    assert compared(linked).differences == []


def test_one_that_was_only_observed_is_named_before_and_after_that_ends(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    number = linked.last()["id"]
    told = compared(linked)
    assert whats(told) == [("note", "Ana (case): looking", "")]
    assert told.remedy == (
        "Integration pagerduty is only observed, so nothing is written there; `syncd integrations observe pagerduty --off` "
        f"has it written to again. After that: `syncd deliveries replay {number} --yes` makes what was not made."
    )
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.wait(5)
    assert compared(linked).remedy == f"`syncd deliveries replay {number} --yes` makes what was not made."
    follow(linked, compared(linked).remedy)
    assert compared(linked).differences == []


def test_one_that_a_pause_holds_is_named_and_goes_when_it_ends(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana")
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    one = _one(linked)
    assert (one.case, one.why) == ("Ana (case): looking", "Sync is paused; everything is kept until it is resumed.")
    assert one.remedy == "The link is paused, so nothing is written for it; `syncd links resume 1` lets it go on."
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.wait(5)
    assert compared(linked).differences == []


def test_one_that_is_on_its_way_goes_by_itself(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "looking")
    assert (_one(linked).case, _one(linked).why) == ("Ana: looking", "It is on its way.")
    linked.plan()
    told = compared(linked)
    assert (whats(told), told.remedy) == ([("note", "Ana (case): looking", "")], "What is on its way goes by itself.")
    linked.drain()
    assert compared(linked).differences == []


def test_one_whose_write_got_no_answer_and_stands_there_is_none(linked: World) -> None:
    linked.incident.fail("add_note", LOST, lands=True)
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): looking"]
    assert compared(linked).differences == []
    linked.wait(LANDED)
    assert compared(linked).differences == []


def test_one_that_was_opened_over_while_it_waited_is_named_once_there_is_an_incident_after_all(world: World) -> None:
    restraint.observe(world.db, PAGERDUTY, by="Ana")
    world.ask_for_incident()
    world.drain()
    opening = world.last()["id"]
    world.comment(Side.CASE, "C-1", "looking")
    world.drain()
    restraint.write_again(world.db, PAGERDUTY, by="Ana")
    world.wait(5)
    follow(world, f"`syncd deliveries replay {opening} --yes`")
    told = compared(world)
    assert whats(told) == [("note", "Ana (case): looking", "")]
    follow(world, told.remedy)
    assert compared(world).differences == []


def _carried(world: World, side: Side = Side.INCIDENT) -> None:
    """A note of this side stands on the other one too, and was read on both, long enough ago."""
    world.comment(side, world.link().link.ref(side), "first words", BEN)
    world.drain()
    world.clock.forward(_LATER)
    look_over(world)
    world.clock.forward(_LATER)
    assert compared(world).differences == []


def _edit(world: World, side: Side) -> None:
    kept = world.side(side).kept[world.link().link.ref(side)]
    kept.notes[0] = replace(kept.notes[0], text="second thoughts")


def _delete(world: World, side: Side) -> None:
    del world.side(side).kept[world.link().link.ref(side)].notes[0]


@pytest.mark.parametrize(("change", "shown"), [(_edit, "(edited) second thoughts"), (_delete, "(deleted) ")])
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("is_its_own", [True, False])
def test_an_edit_or_a_deletion_is_found_until_a_repair_has_told_of_it(
    linked: World, change: Callable[[World, Side], None], shown: str, side: Side, *, is_its_own: bool
) -> None:
    """Of a note of that side, or of ours there."""
    _carried(linked, side if is_its_own else side.other)
    change(linked, side)
    one = _one(linked)
    assert shown in (one.case or one.incident)
    assert bool(one.case) is (side is Side.CASE)
    assert one.remedy == REPAIR
    look_over(linked)
    assert compared(linked).differences == []


def test_an_edit_that_policy_does_not_follow_is_only_kept_back(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"note_edits": NoteEdits.IGNORE}))
    _carried(linked)
    _edit(linked, Side.INCIDENT)
    told = compared(linked)
    assert (told.differences, told.remedy) == ([], "")
    assert told.kept_back == ["note (case: nothing; incident: Ben: (edited) second thoughts)"]


def test_one_of_ours_that_is_gone_is_told_by_a_repair(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    _delete(linked, Side.INCIDENT)
    linked.clock.forward(_LATER)
    assert (_one(linked).incident, _one(linked).remedy) == ("(deleted) Ana (case): looking", REPAIR)
    look_over(linked)
    assert linked.case.texts("C-1")[-1] == "A note was deleted in PagerDuty. It began: Ana (case): looking"
    assert compared(linked).differences == []


def _never_read(world: World) -> None:
    """As an earlier release has written it down: it knew what a note of ours says from the first look."""
    with world.db.write() as tx:
        tx.execute(update(notes).values(digest=None))


def test_one_of_ours_that_was_never_read_and_is_gone_is_told_and_left_to_a_person(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    _never_read(linked)
    _delete(linked, Side.INCIDENT)
    assert compared(linked).differences == [], "a list may lag behind"
    linked.clock.forward(_LATER)
    one = _one(linked)
    assert (one.case, one.why) == (
        "Ana (case): looking",
        "It was added there, and does not stand there any more.",
    )
    assert one.remedy == "Whoever wants it there adds it again by hand."


def test_the_notes_of_an_incident_that_was_merged_are_no_difference(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "looking")
    linked.comment(Side.INCIDENT, "I-1", "seen", BEN)
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.MERGED_INTO, "I-7", BEN)
    linked.drain()
    linked.incident.kept["I-1"].notes.clear()
    assert [one.what for one in compared(linked).differences] == []


def test_a_note_whose_hook_carried_only_its_beginning_is_no_difference(linked: World) -> None:
    whole = "a long story " * 20
    seen = linked.incident.note("I-1", whole, BEN)
    linked.tell(Side.INCIDENT, "I-1", NoteSeen(seen.note_id, whole[:50], BEN, seen.at, is_trimmed=True))
    linked.drain()
    assert linked.case.texts("C-1") == [whole]
    linked.clock.forward(_LATER)
    assert compared(linked).differences == []


def test_one_of_ours_from_the_time_that_a_restored_backup_has_forgotten_is_no_difference(linked: World) -> None:
    with linked.db.write() as tx:
        gaps.begin(tx, PAGERDUTY, linked.clock.now(), linked.clock.now() + timedelta(minutes=5))
        gaps.end(tx, PAGERDUTY, linked.clock.now())
    linked.incident.note("I-1", "Ana (case): forgotten", US)
    assert compared(linked).differences == []


def test_a_link_whose_history_was_pruned_has_no_differences_of_then(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "looking")
    linked.drain()
    with linked.db.write() as tx:
        for table in ("notification_deliveries", "errands"):
            tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608  our own words
    _never_read(linked)
    linked.incident.kept["I-1"].notes.clear()
    linked.clock.forward(_LATER)
    linked._rows.clear()
    assert compared(linked).differences == []


ACTS = st.sampled_from(["note", "status", "priority", "edit", "delete", "merge", "lose", "look", "wait"])
STATUSES = st.sampled_from([Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # What is compared is no matter of the database.
@given(
    st.lists(st.tuples(ACTS, st.sampled_from(Side), STATUSES, st.sampled_from(["P1", "P2", "HIGH", "LOW"])), max_size=8)
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_did_nothing_differs_once_all_was_carried(
    world: World, acts: list[tuple[str, Side, Status, str]]
) -> None:
    ref = f"C-{len(world.case.kept) + 1}"
    world.ask_for_incident(ref)
    world.drain()
    incident = world.link(ref).link.incident_id
    for kind, side, status, priority in acts:
        _act(world, kind, side, ref if side is Side.CASE else incident, status, priority)
        world.drain()
    world.wait(_LATER)
    look_over(world)
    world.wait(LANDED)
    found = compared_of(world, ref)
    assert found == [], (acts, found)


def compared_of(world: World, ref: str) -> list[Difference]:
    return list(compare(world.db, world.connections, world.clock, world.link(ref).id).differences)


def _act(world: World, kind: str, side: Side, ref: str, status: Status, priority: str) -> None:
    notes = world.side(side).kept[ref].notes
    match kind:
        case "note":
            world.comment(side, ref, f"words {len(notes)}", BEN)
        case "status":
            world.act(side, ref, Field.STATUS, status, BEN)
        case "priority" if (side is Side.CASE) is priority.startswith("P"):
            world.act(side, ref, Field.PRIORITY, priority, BEN)
        case "edit" if notes:
            notes[-1] = replace(notes[-1], text=f"{notes[-1].text} and more")
        case "delete" if notes and not notes[-1].is_ours:  # One of ours that is gone is told, and left to a person.
            notes.pop()
        case "merge" if side is Side.INCIDENT:
            world.act(side, ref, Field.MERGED_INTO, "I-999", BEN)
        case "lose":
            world.side(side).set(ref, Field.STATUS, status, BEN)
        case "look":
            look_over(world)
        case _:
            world.wait(_LATER)
