"""Both sides changed a field at once and the team wants to be asked: neither is written, until a person decides."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from syncd.core.changes import Actor, Field, FieldSeen, Side, Status
from syncd.core.policy import Winner
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import Conflict, NotFound, Refused
from syncd.flow.conflicts import Told, listing
from syncd.flow.orders import pausing, replaying, resolving, restraint
from syncd.flow.status.condition import condition
from syncd.store.tables_of_accounts import connectors
from tests.flow.far_side import US, body_of
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

BEN = Actor("Ben")


@pytest.fixture
def asking(linked: World) -> World:
    """Its team wants to be asked."""
    _choose(linked, Winner.MANUAL)
    return linked


@pytest.fixture
def disputed(asking: World) -> World:
    """Ana has set the case to P1 and Ben the incident to MIDDLE."""
    _both_change(asking)
    asking.drain()
    assert asking.said()[0] == ("priority", "held", "conflict")
    return asking


def _choose(world: World, winner: Winner) -> None:
    with world.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": winner, "resolution_note": winner}))


def _both_change(world: World) -> None:
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)


def _conflicts(world: World) -> list[Told]:
    with world.db.read() as tx:
        return listing(tx, 100)


def _values(world: World) -> tuple[str, str]:
    return world.case.record("C-1").priority, world.incident.record("I-1").priority


def _resolve(world: World, chosen: Side, field: Field = Field.PRIORITY) -> None:
    resolving.resolve(world.db, world.connections, world.link().id, field, chosen, by="Eve")


def _explain(world: World, text: str) -> None:
    """Ben types a resolution note in PagerDuty, which is a note."""
    note = world.incident.note("I-1", f"Resolution Note: {text}", BEN)
    seen = FieldSeen(Field.RESOLUTION_NOTE, text, BEN, note.at, note_id=note.note_id, text=note.text)
    world.tell(Side.INCIDENT, "I-1", seen)


def test_neither_is_written_and_the_link_names_both_and_who_and_when(disputed: World) -> None:
    assert _values(disputed) == ("P1", "MIDDLE")
    assert (disputed.case.writes(), disputed.incident.writes()) == ([], [])
    (told,) = _conflicts(disputed)
    assert (told.case_id, told.incident_id, told.field) == ("C-1", "I-1", "priority")
    assert (told.case, told.case_by, told.incident, told.incident_by) == ("P1", "Ana", "MIDDLE", "Ben")
    assert told.since == disputed.clock.now()
    assert told.case_at is not None
    assert told.incident_at is not None


def test_status_has_a_finding_with_its_remedy_until_it_is_decided(disputed: World) -> None:
    (finding,) = [one for one in condition(disputed.db).findings if "at once" in one.what]
    assert finding.what == "1 link waits for a person, since both sides changed the same field at once."
    assert "syncd conflicts resolve LINK FIELD" in finding.remedy
    _resolve(disputed, Side.CASE)
    assert condition(disputed.db).in_conflict == 0


@pytest.mark.parametrize(("chosen", "both"), [(Side.CASE, ("P1", "HIGH")), (Side.INCIDENT, ("P4", "MIDDLE"))])
def test_what_a_person_decides_is_written_to_the_other_side(
    disputed: World, chosen: Side, both: tuple[str, str]
) -> None:
    _resolve(disputed, chosen)
    disputed.drain()
    assert _values(disputed) == both
    assert _conflicts(disputed) == []
    row = disputed.last()
    assert (row["outcome"], row["reason"], row["actor"]) == ("applied", "changed", "Eve")


def test_later_changes_are_told_by_the_item_and_are_not_sent(disputed: World) -> None:
    disputed.act(Side.CASE, "C-1", Field.PRIORITY, "P3", Actor("Cem"))
    disputed.drain()
    (told,) = _conflicts(disputed)
    assert (told.case, told.case_by, told.incident) == ("P3", "Cem", "MIDDLE")
    assert disputed.incident.writes() == []
    assert disputed.said()[-1] == ("priority", "held", "conflict")


def test_when_both_come_to_mean_the_same_it_is_over_and_a_row_says_so(disputed: World) -> None:
    disputed.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    disputed.drain()
    assert _conflicts(disputed) == []
    assert disputed.said()[-1] == ("priority", "suppressed", "agreed")
    assert (disputed.case.writes(), disputed.incident.writes()) == ([], [])


def test_everything_else_goes_on_meanwhile(disputed: World) -> None:
    disputed.comment(Side.CASE, "C-1", "looking")
    disputed.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    disputed.drain()
    assert disputed.in_step().status == Status.ACKNOWLEDGED
    assert disputed.incident.texts("I-1") == ["Ana (case): looking"]
    assert len(_conflicts(disputed)) == 1


def test_what_the_record_says_at_the_moment_of_writing_is_a_conflict_as_well(asking: World) -> None:
    asking.incident.set("I-1", Field.PRIORITY, "MIDDLE")  # Its hook is still under way.
    asking.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    asking.drain()
    assert asking.incident.writes() == []
    assert ("priority", "held", "conflict") in asking.said()
    assert [(one.case, one.incident) for one in _conflicts(asking)] == [("P1", "MIDDLE")]


def test_a_write_that_was_under_way_is_put_back(asking: World) -> None:
    asking.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    asking.plan()
    (job,) = asking.claim()

    def crossing() -> None:
        asking.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)
        asking.plan()

    asking.incident.meanwhile["set_priority"] = crossing
    asking.settle(asking.attempt(job))
    asking.drain()
    asking.wait(LANDED)
    assert _values(asking) == ("P1", "MIDDLE")
    assert [(one.case, one.incident) for one in _conflicts(asking)] == [("P1", "MIDDLE")]


def test_a_late_hook_of_our_own_write_is_put_back_and_no_agreement(disputed: World) -> None:
    disputed.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", US)
    disputed.drain()
    assert _values(disputed) == ("P1", "MIDDLE")
    assert len(_conflicts(disputed)) == 1


def test_a_value_that_means_nothing_over_there_cannot_be_chosen(asking: World) -> None:
    asking.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    asking.act(Side.INCIDENT, "I-1", Field.PRIORITY, "ODD")
    asking.drain()
    with pytest.raises(Conflict, match="Priority ODD has no counterpart on the other side; decide for the case"):
        _resolve(asking, Side.INCIDENT)
    assert len(_conflicts(asking)) == 1


def test_who_decides_what_is_in_no_conflict_is_told(disputed: World) -> None:
    with pytest.raises(Conflict, match="The resolution_note of link 1 is in no conflict"):
        _resolve(disputed, Side.CASE, Field.RESOLUTION_NOTE)
    with pytest.raises(NotFound, match="There is no link 99"):
        resolving.resolve(disputed.db, disputed.connections, 99, Field.PRIORITY, Side.CASE, by="Eve")
    _resolve(disputed, Side.CASE)
    with pytest.raises(Conflict, match="in no conflict"):
        _resolve(disputed, Side.CASE)


@pytest.mark.parametrize(("chosen", "field"), [(Side.CASE, "the disk"), (Side.INCIDENT, "the network")])
def test_of_two_resolution_notes_one_gets_the_field_and_none_is_lost(asking: World, chosen: Side, field: str) -> None:
    _explain(asking, "the network")
    asking.act(Side.CASE, "C-1", Field.RESOLUTION_NOTE, "the disk")
    asking.drain()
    assert [(one.case, one.incident) for one in _conflicts(asking)] == [("the disk", "the network")]
    assert asking.case.texts("C-1") == []
    _resolve(asking, chosen, Field.RESOLUTION_NOTE)
    asking.drain()
    assert asking.case.record("C-1").resolution_note == field
    assert any("the disk" in text for text in asking.incident.texts("I-1"))
    on_the_case = [field, *asking.case.texts("C-1")]
    assert any("the network" in text for text in on_the_case)


def test_a_resolve_takes_no_resolution_note_along_that_is_in_conflict(asking: World) -> None:
    _explain(asking, "the network")
    asking.act(Side.CASE, "C-1", Field.RESOLUTION_NOTE, "the disk")
    asking.drain()
    asking.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    asking.plan()
    (job,) = asking.claim()
    assert job.case_note == ""
    asking.settle(asking.attempt(job))
    assert asking.in_step().status == Status.RESOLVED


def test_what_pagerduty_wins_writes_over_is_said_there_first(linked: World) -> None:
    _choose(linked, Winner.PAGERDUTY)
    _explain(linked, "the network")
    linked.case.set("C-1", Field.RESOLUTION_NOTE, "the disk")  # Its hook is still under way.
    linked.drain()
    assert linked.case.record("C-1").resolution_note == "the network"
    assert any("the disk" in text for text in linked.incident.texts("I-1"))


@pytest.mark.parametrize("first", list(Side))
def test_newest_is_what_came_in_last(linked: World, first: Side) -> None:
    _choose(linked, Winner.NEWEST)
    by = {Side.CASE: ("C-1", "P1"), Side.INCIDENT: ("I-1", "MIDDLE")}
    for side in (first, first.other):
        linked.act(side, by[side][0], Field.PRIORITY, by[side][1])
    linked.drain()
    assert _values(linked) == (("P4", "MIDDLE") if first is Side.CASE else ("P1", "HIGH"))


def test_newest_goes_by_when_a_hook_came_in_and_not_by_when_it_was_planned(linked: World) -> None:
    _choose(linked, Winner.NEWEST)
    early = linked.clock.now()
    linked.clock.forward(0.5)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.plan()
    seen = linked.incident.set("I-1", Field.PRIORITY, "MIDDLE")
    linked.hear(Side.INCIDENT, body_of("I-1", seen), record="I-1", at=early)
    linked.plan()
    assert linked.said()[-1] == ("priority", "suppressed", "overruled")
    linked.drain()
    assert _values(linked) == ("P1", "HIGH")


# A paused link, a paused or an observed account, a replay.


def test_on_a_paused_link_the_decision_is_kept_until_it_goes_on(disputed: World) -> None:
    pausing.pause(disputed.db, disputed.link().id, by="Ana")
    _resolve(disputed, Side.CASE)
    disputed.drain()
    assert _values(disputed) == ("P1", "MIDDLE")
    assert disputed.said()[-1] == ("priority", "held", "paused")
    pausing.resume(disputed.db, disputed.link().id, by="Ana")
    disputed.drain()
    assert _values(disputed) == ("P1", "HIGH")


def test_what_waits_for_a_paused_account_meets_a_change_there_and_is_a_conflict(asking: World) -> None:
    restraint.pause(asking.db, PAGERDUTY, by="Ana", why="a move")
    _both_change(asking)
    asking.drain()
    assert [(one.case, one.incident) for one in _conflicts(asking)] == [("P1", "MIDDLE")]
    restraint.resume(asking.db, PAGERDUTY, by="Ana")
    asking.drain()
    assert _values(asking) == ("P1", "MIDDLE")
    assert asking.said()[-1] == ("priority", "held", "conflict")
    assert asking.last()["detail"] == SENTENCES[Reason.CONFLICT]


def test_what_a_paused_link_had_kept_is_told_as_a_conflict_when_it_goes_on(asking: World) -> None:
    pausing.pause(asking.db, asking.link().id, by="Ana")
    _both_change(asking)
    asking.drain()
    pausing.resume(asking.db, asking.link().id, by="Ana")
    asking.drain()
    assert asking.said() == [
        ("priority", "held", "paused"),
        ("priority", "held", "conflict"),
        ("priority", "held", "conflict"),
    ]
    assert (asking.case.writes(), asking.incident.writes()) == ([], [])


def test_for_an_observed_account_the_item_stands_and_the_decision_is_only_shown(disputed: World) -> None:
    restraint.observe(disputed.db, PAGERDUTY, by="Ana")
    _resolve(disputed, Side.CASE)
    disputed.drain()
    assert _values(disputed) == ("P1", "MIDDLE")
    assert disputed.last()["detail"] == "Only observed. It would set the priority to HIGH."
    restraint.write_again(disputed.db, PAGERDUTY, by="Ana")
    disputed.sweep()
    disputed.drain()
    assert _values(disputed) == ("P1", "HIGH")


def test_what_was_observed_before_the_conflict_does_not_end_it_afterwards(asking: World) -> None:
    restraint.observe(asking.db, PAGERDUTY, by="Ana")
    asking.act(Side.CASE, "C-1", Field.PRIORITY, "P2")
    asking.drain()
    _both_change(asking)
    asking.drain()
    assert len(_conflicts(asking)) == 1
    restraint.write_again(asking.db, PAGERDUTY, by="Ana")
    asking.sweep()
    asking.drain()
    assert _values(asking) == ("P1", "MIDDLE")
    assert asking.said()[-1] == ("priority", "held", "conflict")


def test_a_replay_of_its_rows_says_who_decides(disputed: World) -> None:
    rows = [row for row in disputed.rows() if row["reason"] == "conflict"]
    assert len(rows) == 2, "of the hook that met the change, and of the change that is not sent"
    answers, _ = replaying.replay(disputed.db, disputed.connections, [row["id"] for row in rows], by="Eve")
    assert [one.is_going for one in answers] == [False, False]
    assert all("syncd conflicts resolve" in one.says for one in answers)
    disputed.drain()
    assert _values(disputed) == ("P1", "MIDDLE")


@pytest.mark.parametrize(
    ("winner", "says", "values"),
    [
        (Winner.PAGERDUTY, SENTENCES[Reason.OVERRULED], ("P4", "MIDDLE")),
        (Winner.NEWEST, SENTENCES[Reason.OVERRULED], ("P4", "MIDDLE")),
        (Winner.CASE, "Priority HIGH goes to incident I-1.", ("P1", "HIGH")),
        (Winner.MANUAL, SENTENCES[Reason.CONFLICT], ("P1", "MIDDLE")),
    ],
)
def test_a_replay_and_what_is_on_its_way_from_the_other_side_are_not_both_written(
    linked: World, winner: Winner, says: str, values: tuple[str, str]
) -> None:
    _choose(linked, winner)
    linked.incident.fail("set_priority", Refused("Not today."))
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    number = linked.last()["id"]
    restraint.pause(linked.db, CASES, by="Eve", why="a move")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.drain()
    foreseen = replaying.foresee(linked.db, linked.connections, [number], by="Eve")
    assert replaying.replay(linked.db, linked.connections, [number], by="Eve")[0] == foreseen
    assert foreseen[0].says == says
    restraint.resume(linked.db, CASES, by="Eve")
    linked.wait(60)
    assert _values(linked) == values
    told = [row["replay_of"] for row in linked.rows() if row["reason"] == "conflict"]
    assert told == ([number, None] if winner is Winner.MANUAL else []), "the second is what had been on its way"


def test_a_replay_after_the_decision_changes_nothing_more(disputed: World) -> None:
    row, _ = [row for row in disputed.rows() if row["reason"] == "conflict"]
    _resolve(disputed, Side.CASE)
    disputed.drain()
    replaying.replay(disputed.db, disputed.connections, [row["id"]], by="Eve")
    disputed.drain()
    assert _values(disputed) == ("P1", "HIGH")


def test_a_closed_case_and_its_conflict_can_still_be_decided(disputed: World) -> None:
    disputed.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    disputed.drain()
    _resolve(disputed, Side.INCIDENT)
    disputed.drain()
    assert _conflicts(disputed) == []
    assert _values(disputed) == ("P1", "MIDDLE"), "a closed case keeps what it says"
    assert any("MIDDLE" in text for text in disputed.case.texts("C-1"))
