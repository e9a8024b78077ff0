"""Text that people wrote goes to PagerDuty harmless, and is known as ours when it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.clock import StoppedClock
from syncd.core.changes import Actor, CaseOpened, Fate, Field, NoteSeen, Side, Status
from syncd.flow.catchup.compare import compare
from tests.flow.far_side import ANA
from tests.flow.simulated import Simulated, connected
from tests.flow.world import NOON, PAGERDUTY, World

HOSTILE = "\x1b[2Jx \u202eabc @here <!channel> [~bob] ann@example.com https://x.example/@a\nsecond line"
CALM = " [2Jx abc @\u2060here <!\u2060channel> [~\u2060bob] ann@example.com https://x.example/@a\nsecond line"


@pytest.fixture
def at(world: World) -> Iterator[Simulated]:
    with connected(world, StoppedClock(NOON)) as sim:
        yield Simulated(world, sim)


def _notes(at: Simulated) -> list[str]:
    return [note.content for note in at.incident.notes]


def _comes_back(at: Simulated) -> None:
    """As PagerDuty tells of each note, and once more by a look at the record."""
    system = at.world.connections._systems[PAGERDUTY][1]
    assert system.capabilities.calls_people
    at.world.point_at(Side.INCIDENT, at.incident.id)
    at.world.drain()


def test_a_comment_stands_harmless_in_pagerduty_is_ours_and_the_same_on_both_sides(at: Simulated) -> None:
    at.open_case()
    at.world.comment(Side.CASE, "C-1", HOSTILE)
    at.world.drain()
    assert _notes(at)[-1] == f"Ana (case): {CALM}"
    before = at.world.case.texts("C-1")
    _comes_back(at)
    assert at.world.case.texts("C-1") == before == [HOSTILE]
    assert compare(at.world.db, at.world.connections, at.world.clock, at.world.link().id).differences == []


def test_a_comment_whose_answer_was_lost_is_found_by_its_harmless_text(at: Simulated) -> None:
    at.open_case()
    at.lay(("POST", "*/notes"), status=503, applied=True)
    at.world.comment(Side.CASE, "C-1", HOSTILE)
    at.world.drain()
    at.world.wait(60)
    assert _notes(at).count(f"Ana (case): {CALM}") == 1


def test_an_edit_of_it_is_told_harmless(at: Simulated) -> None:
    at.open_case()
    note = at.world.comment(Side.CASE, "C-1", "plain")
    at.world.drain()
    edited = NoteSeen(note.note_id, f"now {HOSTILE}", Actor("Ana"), at.world.clock.now(), fate=Fate.EDITED)
    at.world.tell(Side.CASE, "C-1", edited)
    at.world.drain()
    assert "\x1b" not in _notes(at)[-1]
    assert "@here" not in _notes(at)[-1]


def test_a_resolution_note_and_the_words_an_incident_opens_with_are_harmless_too(at: Simulated) -> None:
    record = at.world.case.put("C-1", title=HOSTILE, priority="P3")
    opened = CaseOpened(HOSTILE, HOSTILE, "P3", "", record.url, ANA, record.at)
    at.world.tell(Side.CASE, "C-1", opened, kind="opened")
    at.world.drain()
    at.world.act(Side.CASE, "C-1", Field.RESOLUTION_NOTE, HOSTILE)
    at.world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    at.world.drain()
    _comes_back(at)
    said = [at.incident.title, at.incident.details or "", *_notes(at)]
    assert len(said) == 3
    for text in said:
        assert not [sign for sign in ("\x1b", "\u202e", "@here", "<!channel", "[~bob") if sign in text], text
    assert at.world.case.record("C-1").resolution_note == HOSTILE
