"""Both sides changed one field at once: what each policy makes of it, and how a conflict begins, goes on and ends."""

from __future__ import annotations

import pytest

from syncd.core.again import again
from syncd.core.answered import Answer, answered, refused
from syncd.core.changes import Actor, Field, FieldSeen, Side
from syncd.core.decide import decide
from syncd.core.decision import Decision
from syncd.core.errand import ErrandKind
from syncd.core.link import Link, Wish
from syncd.core.policy import Policy, Rules, Winner
from syncd.core.reasons import Outcome, Reason
from syncd.core.resolve import resolve
from syncd.core.weigh import Verdict, weigh

from .links import (
    ANN,
    CASE,
    CLOSED,
    INCIDENT,
    US,
    at,
    errand,
    link,
    priority,
    record,
    ruled,
    status,
    texts,
    wants,
)

BEN = Actor("Ben")
ASKING = ruled(Policy(priority=Winner.MANUAL, resolution_note=Winner.MANUAL))
PRIORITY, NOTE = Field.PRIORITY, Field.RESOLUTION_NOTE


def _wanting_b() -> Link:
    """The case was set to P2, and that is on its way."""
    return decide(link(), priority("P2"), CASE, ASKING).link


def _disputed(news: str = "D") -> Decision:
    return decide(_wanting_b(), priority(news, 6, BEN), INCIDENT, ASKING)


def _note(text: str, when: float, by: Actor = ANN, note_id: str = "") -> FieldSeen:
    return FieldSeen(NOTE, text, by, at(when), note_id=note_id, text=text)


def test_news_of_where_a_change_is_on_its_way_to_is_a_conflict_and_neither_is_wanted() -> None:
    decision = _disputed()
    assert (decision.outcome, decision.reason, decision.drafts) == (Outcome.HELD, Reason.CONFLICT, ())
    assert decision.link.wanted == {}
    assert decision.link.conflicts[PRIORITY].by == {CASE: "Ann Ito", INCIDENT: "Ben"}
    assert (decision.link.chosen(CASE, PRIORITY), decision.link.chosen(INCIDENT, PRIORITY)) == ("P2", "D")


def test_one_change_after_the_other_is_none() -> None:
    settled = answered(_wanting_b(), errand(INCIDENT, PRIORITY), Wish("B", "A", ANN), _wrote("B", 6), ASKING)
    assert wants(decide(settled.link, priority("D", 8), INCIDENT, ASKING), CASE, PRIORITY) == "P4"


def test_what_means_the_same_is_none() -> None:
    wanting = decide(link(), priority("D"), INCIDENT, ASKING).link
    decision = decide(wanting, priority("P5", 6), CASE, ASKING)  # P4 was on its way, and D means both.
    assert (decision.reason, decision.link.conflicts, decision.link.wanted) == (Reason.IN_STEP, {}, {})


@pytest.mark.parametrize("winner", [one for one in Winner if one is not Winner.MANUAL])
def test_nobody_is_asked_who_does_not_want_to_be(winner: Winner) -> None:
    rules = ruled(Policy(priority=winner))
    decision = decide(decide(link(), priority("P2"), CASE, rules).link, priority("D", 6), INCIDENT, rules)
    assert decision.link.conflicts == {}
    assert wants(decision, CASE, PRIORITY) == (None if winner is Winner.CASE else "P4")


def test_a_status_is_never_a_conflict() -> None:
    """Of two statuses one is always further, so that there is nothing to ask; see syncd/README.md."""
    wanting = decide(link(), status("acknowledged"), CASE, ASKING).link
    assert decide(wanting, status("resolved", 6), INCIDENT, ASKING).link.conflicts == {}


def test_later_changes_move_the_item_and_are_not_wanted() -> None:
    moved = decide(_disputed().link, priority("P1", 7, Actor("Cem")), CASE, ASKING)
    assert (moved.outcome, moved.reason, moved.drafts, moved.link.wanted) == (Outcome.HELD, Reason.CONFLICT, (), {})
    assert moved.link.conflicts[PRIORITY].by == {CASE: "Cem", INCIDENT: "Ben"}


def test_it_ends_by_itself_when_both_mean_the_same() -> None:
    agreed = decide(_disputed().link, priority("P5", 7), CASE, ASKING)
    assert (agreed.outcome, agreed.reason, agreed.link.conflicts) == (Outcome.SUPPRESSED, Reason.AGREED, {})
    assert agreed.drafts == ()


def test_it_stands_whatever_the_policy_has_become() -> None:
    assert decide(_disputed().link, priority("P1", 7), CASE, ruled(Policy())).reason is Reason.CONFLICT


# A write under way.


def _wrote(value: str, when: float) -> Answer:
    return Answer(Verdict.WRITE, record(when=when, there=value))


def test_a_write_that_landed_after_the_other_change_is_put_back() -> None:
    settled = answered(_disputed().link, errand(INCIDENT, PRIORITY), Wish("B", "A", ANN), _wrote("B", 9), ASKING)
    wish = settled.link.wanted[INCIDENT, PRIORITY]
    assert (wish.value, wish.is_amends) == ("D", True)
    assert PRIORITY in settled.link.conflicts


def test_the_words_of_our_write_said_on_the_other_side_are_no_write_of_ours() -> None:
    moved = decide(_two_texts(ASKING).link, _note("the cable", 7, BEN, "n2"), INCIDENT, ASKING).link
    assert moved.conflicts[NOTE].ours == ("the network",)
    again = decide(moved, _note("the network", 8, US, "n3"), INCIDENT, ASKING)
    assert (again.reason, again.link.wanted) == (Reason.CONFLICT, {})


def test_its_own_hook_is_no_agreement_and_is_put_back() -> None:
    landed = decide(_disputed().link, priority("B", 9, US), INCIDENT, ASKING)
    assert landed.link.wanted[INCIDENT, PRIORITY].value == "D"
    assert landed.link.chosen(INCIDENT, PRIORITY) == "D"
    assert wants(landed, INCIDENT, PRIORITY) == "D"


def test_a_write_of_ours_that_a_person_has_gone_back_to_where_it_began_is_put_back_too() -> None:
    back = decide(_disputed().link, priority("A", 8, BEN), INCIDENT, ASKING).link
    settled = answered(back, errand(INCIDENT, PRIORITY), Wish("B", "A", ANN), _wrote("B", 9), ASKING)
    assert settled.link.wanted[INCIDENT, PRIORITY].value == "A"


def test_a_change_made_while_it_is_put_back_takes_that_place() -> None:
    landed = decide(_disputed().link, priority("B", 9, US), INCIDENT, ASKING).link
    moved = decide(landed, priority("A", 10, BEN), INCIDENT, ASKING)
    assert (moved.link.wanted, moved.link.chosen(INCIDENT, PRIORITY)) == ({}, "A")


def test_what_cannot_be_put_back_leaves_both_in_agreement() -> None:
    landed = decide(_disputed().link, priority("B", 9, US), INCIDENT, ASKING).link
    settled = refused(landed, errand(INCIDENT, PRIORITY), ASKING, asked=landed.wanted[INCIDENT, PRIORITY])
    assert settled.link.conflicts == {}
    assert [news.reason for news in settled.news] == [Reason.AGREED]


def test_what_the_record_says_before_a_write_is_heard_first() -> None:
    wish = Wish("B", "A", ANN)
    assert weigh(PRIORITY, INCIDENT, "D", wish, ASKING) is Verdict.HEAR
    assert weigh(PRIORITY, INCIDENT, "A", wish, ASKING) is Verdict.WRITE
    settled = answered(_wanting_b(), errand(INCIDENT, PRIORITY), wish, Answer(Verdict.HEAR, record(there="D")), ASKING)
    assert (settled.outcome, settled.reason) == (Outcome.HELD, Reason.CONFLICT)
    assert PRIORITY in settled.link.conflicts


def test_what_was_heard_already_leaves_the_write_to_be_made() -> None:
    heard = _wanting_b()
    settled = answered(
        heard, errand(INCIDENT, PRIORITY), Wish("B", "C", ANN), Answer(Verdict.HEAR, record(there="A")), ASKING
    )
    assert (settled.outcome, settled.reason) == (Outcome.RETRYING, Reason.OUTDATED)
    assert settled.link.wanted[INCIDENT, PRIORITY].base == "A"
    assert [draft.kind for draft in settled.drafts] == [ErrandKind.PRIORITY]


# A person decides.


@pytest.mark.parametrize(("chosen", "wanted"), [(CASE, "B"), (INCIDENT, "P4")])
def test_the_chosen_value_is_wanted_of_the_other_side(chosen: Side, wanted: str) -> None:
    decision = resolve(_disputed().link, PRIORITY, chosen, Actor("Eve"), ASKING)
    assert wants(decision, chosen.other, PRIORITY) == wanted
    assert decision.link.conflicts == {}
    assert [draft.by.name for draft in decision.drafts] == ["Eve"]


def test_a_value_without_a_counterpart_leaves_it_standing() -> None:
    decision = resolve(_disputed("ODD").link, PRIORITY, INCIDENT, ANN, ASKING)
    assert (decision.reason, PRIORITY in decision.link.conflicts) == (Reason.NOT_MAPPED, True)


def test_a_closed_case_is_not_written_and_pushes_nothing() -> None:
    closed = decide(_disputed().link, status(CLOSED, 8), CASE, ASKING).link
    assert resolve(closed, PRIORITY, CASE, ANN, ASKING).reason is Reason.CASE_CLOSED
    assert "priority to D" in texts(resolve(closed, PRIORITY, INCIDENT, ANN, ASKING), CASE)[0]


def test_a_change_that_meets_the_decision_on_its_way_is_a_conflict_again() -> None:
    decision = resolve(_disputed().link, PRIORITY, CASE, ANN, ASKING)
    assert decide(decision.link, priority("A", 9), INCIDENT, ASKING).reason is Reason.CONFLICT


def test_a_replay_of_what_was_on_its_way_is_told_of_the_conflict() -> None:
    decision = again(_disputed().link, errand(INCIDENT, PRIORITY), ANN, ASKING)
    assert (decision.outcome, decision.reason, decision.drafts) == (Outcome.HELD, Reason.CONFLICT, ())


# Resolution notes.


def _two_texts(rules: Rules) -> Decision:
    wanting = decide(link(), _note("the network", 5, BEN, "n1"), INCIDENT, rules).link
    return decide(wanting, _note("the disk", 6), CASE, rules)


def test_two_resolution_notes_are_a_conflict_and_a_cleared_one_is_none() -> None:
    assert _two_texts(ASKING).reason is Reason.CONFLICT
    wanting = decide(link(), _note("the network", 5, BEN, "n1"), INCIDENT, ASKING).link
    assert decide(wanting, _note("", 6), CASE, ASKING).reason is Reason.OVERRULED


@pytest.mark.parametrize("winner", [Winner.CASE, Winner.NEWEST])
def test_what_was_typed_on_the_case_stands_and_the_other_is_said_beside_it(winner: Winner) -> None:
    decision = _two_texts(ruled(Policy(resolution_note=winner)))
    assert wants(decision, CASE, NOTE) is None
    assert "the network" in texts(decision, CASE)[0]
    assert "the disk" in texts(decision, INCIDENT)[0]


def test_what_pagerduty_writes_over_is_said_there() -> None:
    rules = ruled(Policy(resolution_note=Winner.PAGERDUTY))
    decision = _two_texts(rules)
    assert decision.link.wanted[CASE, NOTE] == Wish("the network", "the disk", BEN)
    assert "the disk" in texts(decision, INCIDENT)[0]
    assert weigh(NOTE, CASE, "the cable", decision.link.wanted[CASE, NOTE], rules) is Verdict.HEAR
    assert weigh(NOTE, CASE, "", decision.link.wanted[CASE, NOTE], rules) is Verdict.WRITE


def test_the_text_that_lost_the_field_is_a_comment() -> None:
    disputed = _two_texts(ASKING).link
    for_the_case = resolve(disputed, NOTE, CASE, ANN, ASKING)
    assert "the network" in texts(for_the_case, CASE)[0]
    assert "the disk" in texts(for_the_case, INCIDENT)[0]
    for_pagerduty = resolve(disputed, NOTE, INCIDENT, ANN, ASKING)
    assert for_pagerduty.link.wanted[CASE, NOTE].value == "the network"
    assert "the disk" in texts(for_pagerduty, INCIDENT)[0]


@pytest.mark.parametrize("winner", list(Winner))
def test_what_is_decided_anew_meets_what_is_on_its_way_to_where_it_comes_from(winner: Winner) -> None:
    rules = ruled(Policy(priority=winner))
    wanting = decide(
        decide(link(), priority("P2"), CASE, rules).link.no_longer_want(INCIDENT, PRIORITY),
        priority("D", 6),
        INCIDENT,
        rules,
    ).link
    decision = again(wanting, errand(INCIDENT, PRIORITY), ANN, rules)
    assert len(decision.link.wanted) == (0 if winner is Winner.MANUAL else 1), "never both"
    assert decision.reason is {Winner.MANUAL: Reason.CONFLICT, Winner.PAGERDUTY: Reason.OVERRULED}.get(winner)


def test_what_is_decided_anew_is_what_a_person_chose_while_that_is_being_put_back() -> None:
    amending = link().saw(CASE, PRIORITY, "P4", at(6)).want(CASE, PRIORITY, Wish("P2", "P4", ANN, is_amends=True))
    decision = again(amending, errand(INCIDENT, PRIORITY), ANN, ruled(Policy()))
    assert wants(decision, INCIDENT, PRIORITY) == "B"
    assert decision.link.wanted[CASE, PRIORITY] == amending.wanted[CASE, PRIORITY]
