"""Rules: what matches, which of several decides, and that what is explained is what is decided."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import CaseOpened
from syncd.core.routing import Rule, Trait, decide, explain, matches

texts = st.text(alphabet="aAb*", max_size=4)
words = st.text(alphabet="aAb", max_size=4)
wants = st.dictionaries(st.sampled_from(Trait), st.lists(texts, min_size=1, max_size=2).map(tuple), max_size=2)
rules = st.lists(st.builds(lambda it: Rule("", "c", wants=it), wants), max_size=6).map(
    lambda found: [Rule(f"r{at}", f"c{at}", wants=one.wants) for at, one in enumerate(found)]
)
cases = st.builds(
    lambda title, priority, source, team, labels: CaseOpened(
        title, priority=priority, source=source, team=team, labels=tuple(labels)
    ),
    words,
    words,
    words,
    words,
    st.lists(words, max_size=3),
)


@given(rules, cases)
def test_the_first_that_matches_decides_and_what_is_explained_agrees(given_rules: list[Rule], case: CaseOpened) -> None:
    told = explain(given_rules, case)
    assert [one.rule for one in told] == given_rules
    assert decide(given_rules, case) == next((one.rule for one in told if one.is_match), None)
    assert all(one.why for one in told)


@given(rules, cases, st.randoms())
def test_what_stands_behind_the_rule_that_decides_changes_nothing(
    given_rules: list[Rule], case: CaseOpened, dice: object
) -> None:
    winner = decide(given_rules, case)
    if winner is None:
        assert decide(given_rules[::-1], case) is None
        return
    at = given_rules.index(winner)
    behind = given_rules[at + 1 :]
    dice.shuffle(behind)  # type: ignore[attr-defined]  # Hypothesis's own Random
    assert decide([*given_rules[: at + 1], *behind], case) == winner
    assert decide(given_rules[: at + 1], case) == winner
    assert decide([*given_rules[at + 1 :], winner], case) is not None


@given(rules, cases)
def test_what_one_rule_makes_of_a_case_no_other_rule_changes(given_rules: list[Rule], case: CaseOpened) -> None:
    assert [explain([one], case)[0] for one in given_rules] == list(explain(given_rules, case))


@given(texts, words)
def test_a_star_stands_for_anything_and_nothing_else_is_special(pattern: str, text: str) -> None:
    as_expression = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    assert matches(pattern, text) == bool(re.fullmatch(as_expression, text, re.IGNORECASE))


def test_no_pattern_keeps_a_worker_busy() -> None:
    begun = time.monotonic()
    assert not matches("*a" * 120 + "b", "a" * 60_000)
    assert time.monotonic() - begun < 5


PAGED = CaseOpened(
    "Checkout is slow", priority="P1", source="prometheus", team="Payments", labels=("env:prod", "tier-1")
)


@pytest.mark.parametrize(
    ("wanted", "is_match", "why"),
    [
        ({}, True, "it takes every case"),
        ({Trait.PRIORITY: ("P1",)}, True, "priority is P1"),
        ({Trait.PRIORITY: ("P2", "P3")}, False, "priority is P1, none of P2, P3"),
        ({Trait.TEAM: ("payments",)}, True, "team is Payments"),
        ({Trait.TEAM: ("pay",)}, False, "team is Payments, not pay"),
        ({Trait.LABELS: ("tier-2", "env:*")}, True, "labels are env:prod, tier-1"),
        ({Trait.LABELS: ("",)}, False, "labels are env:prod, tier-1, not empty"),
        ({Trait.TITLE: ("*CHECKOUT*",)}, True, "title is Checkout is slow"),
        ({Trait.SOURCE: ("[a-z]*",)}, False, "source is prometheus, not [a-z]*"),
        ({Trait.PRIORITY: ("P1",), Trait.TEAM: ("web",)}, False, "team is Payments, not web"),
        (
            {Trait.PRIORITY: ("P2",), Trait.TEAM: ("web",)},
            False,
            "priority is P1, not P2; team is Payments, not web",
        ),
    ],
)
def test_a_rule_says_why(wanted: dict[Trait, tuple[str, ...]], is_match: bool, why: str) -> None:
    (told,) = explain([Rule("r", "c", wants=wanted)], PAGED)
    assert (told.is_match, told.why) == (is_match, why)


@pytest.mark.parametrize("trait", Trait)
def test_an_empty_text_matches_a_field_that_is_empty(trait: Trait) -> None:
    rule = Rule("r", "c", wants={trait: ("",)})
    assert decide([rule], CaseOpened("")) == rule
    assert decide([rule], PAGED) is None
    assert explain([Rule("r", "c", wants={trait: ("x",)})], CaseOpened(""))[0].why.endswith("empty, not x")
