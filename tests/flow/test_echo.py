"""What we wrote comes back as a hook: recognised by its id, or as our very words while a write is in flight."""

from __future__ import annotations

from dataclasses import replace

from syncd import errors
from syncd.core.changes import Actor, Field, NoteSeen, Side, Status
from syncd.core.shard import SHARDS
from syncd.flow.hearing import OWN_HOOK_WITHIN
from tests.flow.far_side import US
from tests.flow.world import LANDED, WITHIN, World

WORDS = "Ana (case): Rolling back."


def _ours(world: World, number: int = 0) -> NoteSeen:
    note = world.incident.kept["I-1"].notes[number]
    return NoteSeen(note.id, note.text, US, note.at)


def test_a_comment_crosses_once_and_its_echo_is_known_by_its_id(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", _ours(linked))
    linked.drain()
    assert linked.incident.texts("I-1") == [WORDS]
    assert linked.case.texts("C-1") == ["Rolling back."]
    assert linked.said() == [("comment", "applied", "noted"), ("comment", "suppressed", "echo")]


def test_a_status_we_wrote_comes_back_and_goes_no_further(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    echo = linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, US)
    linked.tell(Side.INCIDENT, "I-1", echo)
    linked.drain()
    assert linked.said() == [("acknowledge", "applied", "changed"), ("acknowledge", "suppressed", "echo")]
    assert linked.case.writes() == []


def test_the_same_words_of_two_people_both_cross(linked: World) -> None:
    linked.comment(Side.INCIDENT, "I-1", "On it.", Actor("Bo"))
    linked.comment(Side.INCIDENT, "I-1", "On it.", Actor("Cy"))
    linked.comment(Side.INCIDENT, "I-1", "On it.", Actor("Cy"))
    linked.drain()
    assert linked.case.texts("C-1") == ["On it."] * 3


def test_an_echo_that_overtakes_its_answer_is_bound_to_the_errand(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    answer = linked.attempt(job)
    linked.tell(Side.INCIDENT, "I-1", _ours(linked))
    linked.drain()
    assert linked.said() == [("comment", "suppressed", "echo")]
    linked.settle(answer)
    linked.drain()
    assert linked.case.texts("C-1") == ["Rolling back."]
    assert linked.said() == [("comment", "suppressed", "echo"), ("comment", "applied", "noted")]


def test_an_echo_tells_that_a_note_without_an_answer_stands(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."), lands=True)
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", _ours(linked))
    linked.drain()
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == [WORDS]
    assert linked.said() == [
        ("comment", "retrying", "ambiguous"),
        ("comment", "suppressed", "echo"),
        ("comment", "applied", "adopted"),
    ]


def test_a_note_taken_for_ours_is_let_go_when_the_answer_names_another(linked: World) -> None:
    """Somebody who shares our account wrote our very words while we did."""
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.plan()
    (job,) = linked.claim()
    linked.comment(Side.INCIDENT, "I-1", WORDS, US)
    linked.drain()
    assert linked.case.texts("C-1") == ["Rolling back."]
    linked.settle(linked.attempt(job))
    own = linked.incident.kept["I-1"].notes[-1]
    linked.tell(Side.INCIDENT, "I-1", NoteSeen(own.id, WORDS, US, linked.clock.now()))
    linked.drain()
    linked.wait(OWN_HOOK_WITHIN)
    assert linked.incident.texts("I-1") == [WORDS, WORDS]
    assert linked.case.texts("C-1") == ["Rolling back.", WORDS]


def test_an_older_note_with_our_words_is_not_taken_for_ours(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I-1", linked.incident.note("I-1", WORDS, US))
    linked.drain()
    linked.incident.fail("add_note", errors.Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == [WORDS, WORDS]


def test_our_note_told_under_another_id_is_an_echo_once(linked: World) -> None:
    """Whether webhooks and REST name a note alike is not documented. A person who shares our account may say the same later."""
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    for name in ("W-1", "W-2"):
        linked.tell(Side.INCIDENT, "I-1", NoteSeen(name, WORDS, US, linked.clock.now()))
        linked.drain()
        linked.wait(OWN_HOOK_WITHIN)
    assert linked.case.texts("C-1") == ["Rolling back.", WORDS]
    assert [row["reason"] for row in linked.rows()][-2:] == ["echo", "noted"]


def test_a_note_whose_hook_has_come_is_not_taken_for_another(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    note = linked.incident.kept["I-1"].notes[-1]
    linked.tell(Side.INCIDENT, "I-1", NoteSeen(note.id, WORDS, US, linked.clock.now()))
    linked.tell(Side.INCIDENT, "I-1", NoteSeen("N-other", WORDS, US, linked.clock.now()))
    linked.drain()
    assert linked.case.texts("C-1") == ["Rolling back.", WORDS]


def test_a_note_heard_twice_is_carried_once(linked: World) -> None:
    seen = linked.comment(Side.INCIDENT, "I-1", "On it.")
    linked.tell(Side.INCIDENT, "I-1", seen)
    linked.drain()
    assert linked.case.texts("C-1") == ["On it."]
    assert sorted(linked.said()) == [("comment", "applied", "noted"), ("comment", "suppressed", "duplicate")]


def test_our_very_words_by_our_account_are_news_in_the_very_turn_that_settles_ours(linked: World) -> None:
    """Our answer, our hook and the note of somebody who shares the account: all at once."""
    linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.crew.wake(range(SHARDS))
    linked.crew.turn()
    assert linked.crew.wait(WITHIN)
    linked.tell(Side.INCIDENT, "I-1", _ours(linked))
    linked.tell(Side.INCIDENT, "I-1", linked.incident.note("I-1", WORDS, US))
    linked.drain()
    linked.wait(OWN_HOOK_WITHIN)
    assert linked.case.texts("C-1")[1:] == [WORDS]


def _tell_of_our_note(world: World) -> None:
    note = world.incident.kept["I-1"].notes[-1]
    world.tell(Side.INCIDENT, "I-1", NoteSeen(note.id, note.text, US, note.at))
    world.drain()
    world.wait(300)


def test_a_closing_note_that_landed_unheard_is_found_and_does_not_come_back(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."), lands=True)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.wait(LANDED)
    assert linked.said()[-1] == ("close", "applied", "adopted")
    _tell_of_our_note(linked)
    assert linked.said()[-1] == ("comment", "suppressed", "echo")
    assert not [text for text in linked.case.texts("C-1") if "PagerDuty has no closed state" in text]


def test_a_note_that_landed_and_was_refused_afterwards_does_not_come_back_but_its_twin_is_news(linked: World) -> None:
    linked.incident.fail("add_note", errors.Ambiguous("No answer."), lands=True)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.incident.fail("notes", errors.Refused("Forbidden.", reason="forbidden", status=403))
    linked.wait(LANDED)
    _tell_of_our_note(linked)
    assert linked.case.texts("C-1") == ["one"]
    linked.incident.note("I-1", "Ana (case): one", US)
    _tell_of_our_note(linked)
    assert linked.case.texts("C-1") == ["one", "Ana (case): one"]


def test_a_comment_that_was_to_call_nobody_is_known_as_ours_whatever_became_of_its_answer(linked: World) -> None:
    """Where names in comments call people the very text that is written is changed, and so it is that text we know it by."""
    linked.case.capabilities = replace(linked.case.capabilities, calls_people=True)
    for answer in (None, errors.Ambiguous("It gave no whole answer.")):
        if answer is not None:
            linked.case.fail("add_note", answer, lands=True)
        linked.comment(Side.INCIDENT, "I-1", "@here: ask [~admin] or ann@example.com", Actor("Bo"))
        linked.drain()
        linked.wait(LANDED.total_seconds())
    calm = "@\N{WORD JOINER}here: ask [~\N{WORD JOINER}admin] or ann@example.com"
    assert linked.case.texts("C-1") == [calm, calm]
    for note in linked.case.kept["C-1"].notes:
        linked.tell(Side.CASE, "C-1", NoteSeen(note.id, note.text, US, note.at))
    linked.drain()
    assert linked.incident.texts("I-1") == ["@here: ask [~admin] or ann@example.com"] * 2
