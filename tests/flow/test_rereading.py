"""Notes that were edited or deleted: no hook tells of it, a later look at the record does, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from syncd.core.changes import Actor, Side
from syncd.flow.catchup import reconcile
from syncd.store import reconciles
from syncd.store.notes import digest_of
from tests.flow.far_side import US
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")


def _edit(world: World, number: int, words: str) -> None:
    kept = world.incident.kept["I-1"]
    kept.notes[number] = replace(kept.notes[number], text=words)


def _delete(world: World, number: int) -> None:
    del world.incident.kept["I-1"].notes[number]


def _look(world: World) -> None:
    world.point_at(Side.INCIDENT, "I-1")
    world.drain()


@pytest.fixture
def noted(linked: World) -> World:
    """One note by a person, heard by its hook, and one of ours."""
    linked.comment(Side.INCIDENT, "I-1", "the disk is full", BEN)
    linked.comment(Side.CASE, "C-1", "on it")
    linked.drain()
    _look(linked)
    linked.wait(timedelta(minutes=20))
    linked.forget()
    return linked


def test_what_says_the_same_is_no_news(noted: World) -> None:
    _look(noted)
    _edit(noted, 0, "the disk\n is  full ")
    _look(noted)
    assert noted.case.writes() == []
    assert noted.said() == [("event", "suppressed", "unchanged")] * 2


def test_an_edited_note_is_appended_once(noted: World) -> None:
    _edit(noted, 0, "the other disk is full")
    _look(noted)
    _look(noted)
    assert noted.case.texts("C-1")[2:] == ["A note by Ben was edited in PagerDuty. It says now: the other disk is full"]
    _edit(noted, 0, "both are")
    _look(noted)
    assert noted.case.texts("C-1")[-1] == "A note by Ben was edited in PagerDuty. It says now: both are"


def test_a_note_of_ours_is_told_of_though_nothing_was_read_since_it_was_written(linked: World) -> None:
    """Its text is known from the answer; a first look would take an edited one for what was written."""
    linked.comment(Side.CASE, "C-1", "roll back")
    linked.comment(Side.CASE, "C-1", "on it")
    linked.drain()
    _edit(linked, 0, "do NOT roll back")
    _delete(linked, 1)
    linked.wait(timedelta(minutes=20))
    _look(linked)
    said = linked.case.texts("C-1")[2:]
    assert said[0] == "A note by syncd was edited in PagerDuty. It says now: do NOT roll back"
    assert said[1] == "A note was deleted in PagerDuty. It began: Ana (case): on it"


def test_a_note_of_ours_that_somebody_edits_is_told_too(noted: World) -> None:
    _edit(noted, 1, "nobody is on it")
    _look(noted)
    assert noted.case.texts("C-1")[-1] == ("A note by syncd was edited in PagerDuty. It says now: nobody is on it")


def test_a_deleted_note_is_told_once_with_how_it_began(noted: World) -> None:
    _delete(noted, 0)
    _look(noted)
    _look(noted)
    assert noted.case.texts("C-1")[2:] == ["A note was deleted in PagerDuty. It began: the disk is full"]


def test_a_young_note_that_a_list_does_not_show_yet_is_not_taken_for_deleted(linked: World) -> None:
    linked.comment(Side.INCIDENT, "I-1", "the disk is full", BEN)
    linked.drain()
    kept = linked.incident.kept["I-1"].notes.pop()
    _look(linked)
    linked.incident.kept["I-1"].notes.append(kept)
    _look(linked)
    assert linked.case.texts("C-1") == ["the disk is full"]


def test_an_edit_that_is_read_beside_a_note_that_only_time_can_tell_of_is_told_when_it_has(noted: World) -> None:
    noted.comment(Side.CASE, "C-1", "two")  # The hook of its note is still on its way.
    noted.drain()
    _edit(noted, 0, "the other disk is full")
    noted.incident.note("I-1", "Ana (case): two", US)  # Somebody who shares our account says the same.
    _look(noted)
    assert noted.case.writes() == [], "the look waits"
    for _ in range(3):
        noted.wait(60)
    assert noted.case.texts("C-1")[3:] == ["A note by Ben was edited in PagerDuty. It says now: the other disk is full"]


def test_a_deletion_that_is_read_beside_such_a_note_is_told_too(noted: World) -> None:
    noted.comment(Side.CASE, "C-1", "two")
    noted.drain()
    _delete(noted, 0)
    noted.incident.note("I-1", "Ana (case): two", US)
    _look(noted)
    for _ in range(3):
        noted.wait(60)
    assert noted.case.texts("C-1")[3:] == ["A note was deleted in PagerDuty. It began: the disk is full"]


def test_an_edited_resolution_note_fills_the_field_again(linked: World) -> None:
    note = linked.incident.note("I-1", "Resolution Note: rolled back", BEN)
    linked.tell(Side.INCIDENT, "I-1", linked.incident.heard(linked.incident.kept["I-1"].notes[0]))
    linked.drain()
    assert linked.case.record("C-1").resolution_note == "rolled back"
    _edit(linked, 0, "Resolution Note: rolled back to 1.4")
    _look(linked)
    assert linked.case.record("C-1").resolution_note == "rolled back to 1.4"
    assert note.note_id


def test_a_team_may_choose_to_hear_nothing_of_edits(noted: World) -> None:
    with noted.db.write() as tx:
        tx.execute(text('UPDATE connectors SET policy = \'{"note_edits": "ignore"}\''))
    _edit(noted, 0, "the other disk is full")
    _look(noted)
    assert noted.case.writes() == []
    assert noted.said() == [("comment", "ignored", "by_policy")]


def test_what_a_note_said_before_this_release_is_learnt_when_it_is_read(noted: World) -> None:
    with noted.db.write() as tx:
        tx.execute(text("UPDATE notes SET digest = NULL, known_at = NULL"))
    _edit(noted, 0, "edited in between")
    _look(noted)
    assert noted.case.writes() == []
    _edit(noted, 0, "and again")
    _look(noted)
    assert noted.case.texts("C-1")[-1].endswith("It says now: and again")


def test_a_note_by_our_account_that_a_person_wrote_is_told_by_its_name(noted: World) -> None:
    noted.comment(Side.INCIDENT, "I-1", "typed by hand", US)
    noted.drain()
    _edit(noted, 2, "typed by hand, twice")
    _look(noted)
    assert noted.case.texts("C-1")[-1] == ("A note by syncd was edited in PagerDuty. It says now: typed by hand, twice")


def _catch_up(world: World, *, is_deep: bool) -> None:
    with world.db.write() as tx:
        reconciles.ask(tx, PAGERDUTY, world.clock.now(), why="asked", by="", now=world.db.now(tx), is_deep=is_deep)
    worker = reconcile.Worker(world.db, world.connections, world.clock, world.crew.wake, lambda _: False)
    assert reconcile.work(worker)
    world.drain()


def test_only_a_deep_look_reads_what_no_list_shows(noted: World) -> None:
    noted.clock.forward(3600)
    _edit(noted, 0, "the other disk is full")
    _catch_up(noted, is_deep=False)
    assert noted.case.writes() == []
    _catch_up(noted, is_deep=True)
    assert noted.case.writes() == ["add_note"]


@given(st.text())
def test_blanks_do_not_count(words: str) -> None:
    assert digest_of(words) == digest_of(f"  {words}\n") == digest_of(" ".join(words.split()))
