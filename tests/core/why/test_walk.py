"""Whatever is broken at once, the first gate in the order of gates is named; and each reason of a row has its gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.core.why.facts import Account, Apart, Change, Compared, Conflict, Facts, Hooks, Linked, Outage, Stage
from syncd.core.why.gate import ASKS, Gate
from syncd.core.why.placed import PLACES
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.core.why.walk import why

WHOLE = Facts(
    Linked(7, "CS-1", "Q1", LinkState.OPEN, connector="payments"),
    {Side.CASE: Account("cases", Side.CASE), Side.INCIDENT: Account("acme", Side.INCIDENT)},
    {},
)
WAITING = Change("priority", Side.INCIDENT, Stage.WAITING, ErrandKind.PRIORITY)
Break = Callable[[Facts], Facts]


def account(**values: object) -> Break:
    def broken(facts: Facts) -> Facts:
        there = replace(facts.accounts[Side.INCIDENT], **values)  # type: ignore[arg-type]  # any of its fields
        return replace(facts, accounts={**facts.accounts, Side.INCIDENT: there})

    return broken


def link(**values: object) -> Break:
    return lambda facts: replace(facts, link=replace(facts.link, **values))  # type: ignore[arg-type]  # any of its fields


def hooks(**values: object) -> Break:
    return lambda facts: replace(facts, hooks={Side.INCIDENT: Hooks(**values)})  # type: ignore[arg-type]  # any of its fields


#: What can be broken in general -> the gate that names it.
BROKEN: Mapping[str, tuple[Gate, Break]] = {
    "no writes": (Gate.STORED, lambda facts: replace(facts, outage=Outage("It is full.", "SYN-DATABASE-FULL"))),
    "failed": (Gate.LINKED, link(state=LinkState.FAILED, reason="Nobody is on call.")),
    "cut": (Gate.LINKED, link(is_cut=True)),
    "one way": (Gate.SWITCHED_ON, account(is_two_way=False)),
    "service key": (Gate.SWITCHED_ON, link(is_service_key=True)),
    "read only": (Gate.SWITCHED_ON, account(is_read_only=True)),
    "away": (Gate.CONNECTED, account(is_connected=False, code="PAG-100-B", reason="No.", cure="Give another.")),
    "paused link": (Gate.CONNECTED, link(why_paused="Paused by Ana.")),
    "paused": (Gate.CONNECTED, account(why_paused="Paused by Ana.")),
    "unread": (Gate.CONNECTED, account(is_unread=True)),
    "observed": (Gate.CONNECTED, account(is_observed=True)),
    "no hooks": (Gate.HEARD, hooks(trouble="It was deleted.", remedy="Make another.")),
    "unmade look": (Gate.HEARD, hooks(unmade="It could not be looked for.", mends_unmade="Look again.")),
    "no receiver": (Gate.HEARD, lambda facts: replace(facts, no_receiver="No receiver is running.")),
    "closed": (Gate.STATE, link(is_case_closed=True)),
    "conflict": (Gate.IN_ORDER, lambda facts: replace(facts, conflicts=[Conflict("priority", "P1", "HIGH")])),
}
#: Of these a change that was decided already knows nothing.
_OF_WHAT_COMES = {"one way", "service key", "no hooks", "unmade look", "no receiver", "closed"}


def broken(names: set[str], facts: Facts = WHOLE) -> Facts:
    for name in sorted(names):
        facts = BROKEN[name][1](facts)
    return facts


@given(st.sets(st.sampled_from(sorted(BROKEN))))
def test_in_general_the_first_gate_is_named(names: set[str]) -> None:
    verdict = why(broken(names))
    expected = min((BROKEN[name][0] for name in names), default=Gate.IN_STEP)
    assert (verdict.gate, verdict.stops) == (expected, bool(names))
    _is_usable(verdict)


@given(st.sets(st.sampled_from(sorted(BROKEN))))
def test_of_a_change_that_was_asked_about_the_first_gate_is_named(names: set[str]) -> None:
    verdict = why(replace(broken(names), about=WAITING))
    mine = [BROKEN[name][0] for name in names - _OF_WHAT_COMES]
    assert (verdict.gate, verdict.stops) == (min(mine, default=Gate.DELIVERED), True)
    _is_usable(verdict)


def _is_usable(verdict: Verdict) -> None:
    """Whoever has to act is told how."""
    assert verdict.sentence.endswith(".")
    assert verdict.who is not Who.YOU or verdict.remedy


def test_of_a_paused_link_whose_account_is_away_both_are_named() -> None:
    """The account is still read, so that the pause alone holds what comes from it."""
    away = account(is_connected=False, is_answering=True, code="PAG-1", reason="No.", cure="Give another.")
    verdict = why(link(why_paused="Paused by Ana.")(away(WHOLE)))
    assert verdict.sentence == "The link of CS-1 is paused by Ana; acme is disconnected besides (PAG-1)."
    assert verdict.remedy.endswith("but what goes to acme stays kept until that is connected again. Give another.")


def test_a_look_that_is_still_to_be_made_is_named_where_nothing_stops() -> None:
    verdict = why(hooks(looking="It is still being looked for.")(WHOLE))
    assert (verdict.gate, verdict.stops) == (Gate.IN_STEP, False)
    assert "It is still being looked for." in verdict.remedy


def test_a_change_that_is_wanted_comes_before_how_things_stand_and_that_before_what_is_on_purpose() -> None:
    dead = Change(
        "comment", Side.INCIDENT, Stage.DEAD, ErrandKind.NOTE, reason=Reason.REFUSED, detail="No.", delivery=4
    )
    parked = replace(dead, reason=Reason.PARKED, is_handled=True, delivery=5)
    by_key = link(is_service_key=True)(WHOLE)
    assert why(replace(by_key, changes=[dead, parked])).target == "4"
    assert why(replace(by_key, changes=[parked])).gate is Gate.SWITCHED_ON
    assert why(replace(WHOLE, changes=[parked])).target == "5"


@pytest.mark.parametrize(
    ("compared", "stops"),
    [
        (Compared(), False),
        (Compared(["status (case: open; incident: resolved)"], "`syncd links repair --since 1d --deep` helps."), True),
        (Compared(failed="Nobody answers."), True),
        (None, False),
    ],
)
def test_the_last_gate_says_whether_both_sides_were_read(compared: Compared | None, *, stops: bool) -> None:
    verdict = why(replace(WHOLE, compared=compared))
    assert (verdict.gate, verdict.stops) == (Gate.IN_STEP, stops)


def test_statuses_that_are_known_to_differ_are_told_without_reading() -> None:
    verdict = why(link(differs=[Apart("status", "open", "resolved")])(WHOLE))
    assert (verdict.gate, verdict.stops, verdict.command) == (Gate.IN_STEP, True, "syncd links compare 7")


def test_every_reason_has_its_gate_and_every_gate_its_question() -> None:
    assert set(PLACES) == set(Reason)
    assert set(ASKS) == set(Gate)


@pytest.mark.parametrize("reason", Reason)
def test_a_decision_is_told_at_the_gate_of_its_reason_with_what_helps(reason: Reason) -> None:
    place = PLACES[reason]
    names = {name for _, name, _, _ in Formatter().parse(place.remedy) if name}
    assert names <= {"delivery", "account", "connector", "pairs", "missing", "link", "case"}
    about = Change("comment", Side.INCIDENT, Stage.DECIDED, outcome=Outcome.IGNORED, reason=reason, delivery=4)
    verdict = why(replace(WHOLE, about=about))
    assert (verdict.gate, verdict.stops) == (place.gate, place.gate is not Gate.IN_STEP)
    assert "{" not in verdict.remedy
    _is_usable(verdict)


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.DEAD, Stage.HELD])
@pytest.mark.parametrize("reason", Reason)
def test_no_remedy_names_a_delivery_that_is_not_kept(reason: Reason, stage: Stage) -> None:
    about = Change("comment", Side.CASE, stage, outcome=Outcome.IGNORED, reason=reason)
    verdict = why(replace(WHOLE, about=about))
    assert "None" not in f"{verdict.remedy} {verdict.target}"
    assert verdict.act is not Act.REPLAY
    _is_usable(verdict)
