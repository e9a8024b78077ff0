"""What a fact would become: whatever `decide` and `prepare` make of it, on a link that is open and in step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Seen, Side, Status
from syncd.core.errand import ErrandKind
from syncd.core.foreseen import SAMPLES, foresee, told
from syncd.core.policy import CaseReopened, Policy, PriorityMap, PriorityPair, Rules, Unacknowledged
from syncd.core.reasons import SENTENCES, Reason

MAP = PriorityMap(
    (PriorityPair("P1", "PHIGH", "High"), PriorityPair("P4", "PLOW", "Low"), PriorityPair("P5", "PLOW", "Low"))
)
CASE = Capabilities(has_closed=True, has_resolution_note=True, names_authors=True)
RULES = Rules(priorities=MAP, capabilities={Side.CASE: CASE, Side.INCIDENT: Capabilities()})
ONE_WAY = replace(
    RULES, capabilities={Side.CASE: CASE, Side.INCIDENT: Capabilities(can_be_read=False, takes_notes=False)}
)
ANN = Actor("Ann")


def _priority(value: str) -> FieldSeen:
    return FieldSeen(Field.PRIORITY, value, ANN)


def _words(seen: Seen, on: Side, rules: Rules = RULES) -> list[str]:
    return [one.words for one in foresee(seen, on, rules)]


@pytest.mark.parametrize(
    ("seen", "on", "words", "kind"),
    [
        (_priority("P1"), Side.CASE, "priority: High", ErrandKind.PRIORITY),
        (_priority("PLOW"), Side.INCIDENT, "priority: P4", ErrandKind.PRIORITY),
        (_priority("P9"), Side.CASE, "The value has no counterpart on the other side.", Reason.NOT_MAPPED),
        (_priority("PODD"), Side.INCIDENT, "The value has no counterpart on the other side.", Reason.NOT_MAPPED),
        (FieldSeen(Field.STATUS, Status.RESOLVED, ANN), Side.CASE, "status: resolved", ErrandKind.STATUS),
        (NoteSeen("N1", "Look.", ANN), Side.CASE, "a note: Ann (case): Look.", ErrandKind.NOTE),
        (CaseOpened("Slow", priority="P1"), Side.CASE, "an incident with priority High", ErrandKind.OPEN),
        (
            CaseOpened("Slow", priority="P9"),
            Side.CASE,
            "an incident without a priority: P9 is not mapped",
            Reason.NOT_MAPPED,
        ),
        (CaseOpened("Slow"), Side.CASE, "an incident", ErrandKind.OPEN),
    ],
)
def test_what_each_fact_becomes(seen: Seen, on: Side, words: str, kind: str) -> None:
    (one,) = foresee(seen, on, RULES)
    assert (one.words, one.kind, one.side) == (words, kind, on.other)
    assert one.is_unmapped is (kind == Reason.NOT_MAPPED)


def test_it_follows_what_a_team_has_chosen() -> None:
    unacknowledged = FieldSeen(Field.STATUS, Status.OPEN, ANN)
    reopened = replace(unacknowledged, is_reopening=True)
    chosen = replace(RULES, policy=Policy(Unacknowledged.IGNORE, CaseReopened.REOPEN))
    assert _words(unacknowledged, Side.INCIDENT) == ["status: open"]
    assert _words(unacknowledged, Side.INCIDENT, chosen) == [SENTENCES[Reason.BY_POLICY]]
    assert _words(reopened, Side.CASE)[0].startswith("a note: Ann reopened the case")
    assert _words(reopened, Side.CASE, chosen) == ["status: open"]


def test_a_service_key_takes_no_words_and_gives_the_usual_severity() -> None:
    assert foresee(NoteSeen("N1", "Look.", ANN), Side.CASE, ONE_WAY)[0].kind == Reason.ONE_WAY
    assert _words(CaseOpened("Slow", priority="P9"), Side.CASE, ONE_WAY) == [
        "an incident with the usual severity: P9 is not mapped"
    ]


def test_an_account_that_is_synced_one_way_changes_nothing_on_the_case() -> None:
    (one,) = foresee(FieldSeen(Field.STATUS, Status.RESOLVED, ANN), Side.INCIDENT, replace(RULES, is_two_way=False))
    assert one.kind == Reason.SYNC_OFF


@given(case=some.sampled_from(["P1", "P2", "P5"]), incident=some.sampled_from(["PHIGH", "PLOW", "PODD"]))
def test_a_priority_becomes_what_the_map_says(case: str, incident: str) -> None:
    for on, value in ((Side.CASE, case), (Side.INCIDENT, incident)):
        (one,) = foresee(_priority(value), on, RULES)
        there = MAP.across(on, value)
        assert (one.value, one.is_unmapped) == (there or "", there is None)


def test_every_sample_becomes_something_and_can_be_told() -> None:
    for on, _, seen in SAMPLES:
        for rules in (RULES, ONE_WAY):
            assert all(one.words and one.side is on.other for one in foresee(seen, on, rules))
            assert told(seen, on, rules)


def test_a_priority_that_was_taken_away_is_told_as_that() -> None:
    assert told(_priority(""), Side.INCIDENT, RULES) == "no priority any more"
