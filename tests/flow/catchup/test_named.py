"""What nobody told us of names the person who did it, where the far side tells: in the row, and in what is written from it."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from tests.flow.catcher import Catcher
from tests.flow.far_side import US
from tests.flow.world import CASES, World

BEN = Actor("Ben")


@pytest.fixture
def catcher(linked: World) -> Catcher:
    for side in (linked.case, linked.incident):
        side.names_people = True
    linked.clock.forward(3600)
    return Catcher(linked)


def _told(world: World) -> list[tuple[str, str]]:
    return [(row["change"], row["actor"]) for row in world.rows() if row["outcome"] == "applied"][2:]


def test_the_row_of_a_status_names_who_set_it(linked: World, catcher: Catcher) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    catcher.catch_up(linked.clock.now())
    assert _told(linked) == [("acknowledge", "Ben")]
    assert [call.op for call in linked.incident.calls].count("who_set") == 0, "the record had told"


def test_a_comment_that_is_written_from_it_names_them_too(linked: World, catcher: Catcher) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    catcher.catch_up(linked.clock.now())
    assert linked.case.texts("C-1") == [
        "Ben (PagerDuty) resolved the incident. The case is closed, so its status stays."
    ]


def test_a_note_and_a_case_are_named_as_well(linked: World, catcher: Catcher) -> None:
    linked.incident.note("I-1", "seen", BEN)
    catcher.catch_up(linked.clock.now())
    linked.case.set("C-1", Field.STATUS, Status.ACKNOWLEDGED, Actor("Ana"))
    catcher.catch_up(linked.clock.now(), CASES)
    assert _told(linked) == [("comment", "Ben"), ("acknowledge", "Ana")]


def test_whom_only_a_log_names_is_asked_for(linked: World, catcher: Catcher) -> None:
    linked.incident.names_people = False
    linked.incident.set("I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.incident.log["I-1", Field.PRIORITY] = BEN
    catcher.catch_up(linked.clock.now())
    assert _told(linked) == [("priority", "Ben")]
    assert [call.op for call in linked.incident.calls].count("who_set") == 1


def test_a_log_that_cannot_be_read_keeps_no_news_back(linked: World, catcher: Catcher) -> None:
    linked.incident.names_people = False
    linked.incident.set("I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.incident.log["I-1", Field.PRIORITY] = BEN
    linked.incident.fail("who_set", errors.RateLimited("The budget is spent.", retry_after=50))
    catcher.catch_up(linked.clock.now())
    assert _told(linked) == [("priority", "")]
    assert linked.case.record("C-1").priority == "P4"


def test_nobody_is_named_for_what_we_did_and_no_log_is_read_for_a_hook(linked: World, catcher: Catcher) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, US)
    catcher.catch_up(linked.clock.now())
    linked.incident.names_people = False
    linked.incident.set("I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.incident.log["I-1", Field.PRIORITY] = BEN
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert _told(linked) == [("acknowledge", ""), ("priority", "")]
    assert [call.op for call in linked.incident.calls].count("who_set") == 0
