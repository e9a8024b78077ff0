"""An errand's turn: what is still to be done, and what takes the place of what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.changes import Field, Side, Verb
from syncd.core.errand import Errand, ErrandKind
from syncd.core.link import FieldConflict, Link, LinkState, Wish
from syncd.core.prepare import Go, Withdraw, prepare
from syncd.core.reasons import Outcome, Reason

from .links import ACK, ANN, CASE, CLOSED, INCIDENT, OPEN, RESOLVED, RULES, errand, link

OPENING = Errand("1", "1", INCIDENT, ErrandKind.OPEN, Verb.OPEN, 0)


def _opening(case: str) -> Link:
    return replace(link(case), state=LinkState.OPENING, incident_id="")


def test_the_value_is_taken_when_its_turn_comes() -> None:
    wish = Wish(RESOLVED, OPEN, ANN)
    assert prepare(link().want(INCIDENT, Field.STATUS, wish), errand(INCIDENT, value=ACK), RULES) == Go(wish)


def test_a_wish_that_is_gone_needs_no_errand() -> None:
    assert prepare(link(), errand(INCIDENT), RULES) == Withdraw(link(), Outcome.SUPPRESSED, Reason.NOT_NEEDED)


def test_a_wish_that_became_a_conflict_waits_for_a_person() -> None:
    disputed = link().in_conflict(Field.PRIORITY, FieldConflict({CASE: "Ann", INCIDENT: "Ben"}, INCIDENT))
    waits = Withdraw(disputed, Outcome.HELD, Reason.CONFLICT)
    assert prepare(disputed, errand(INCIDENT, Field.PRIORITY), RULES) == waits
    undisputed = Withdraw(disputed, Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    assert prepare(disputed, errand(INCIDENT), RULES) == undisputed, "its status is in no conflict"


@pytest.mark.parametrize("side", [CASE, INCIDENT])
def test_what_was_kept_changes_no_case_once_its_account_is_synced_one_way(side: Side) -> None:
    wanted = link().want(side, Field.STATUS, Wish(ACK, OPEN, ANN))
    off = replace(RULES, is_two_way=False)
    gone = Withdraw(link(), Outcome.IGNORED, Reason.SYNC_OFF)
    assert (prepare(wanted, errand(side, value=ACK), off) == gone) is (side is CASE)
    said = Withdraw(link(), Outcome.IGNORED, Reason.SYNC_OFF)
    assert (prepare(link(), errand(side, ErrandKind.NOTE), off) == said) is (side is CASE)


def test_while_it_is_off_what_may_have_landed_is_looked_for_and_a_persons_own_value_put_back() -> None:
    off, wish = replace(RULES, is_two_way=False), Wish(ACK, OPEN, ANN)
    doubtful = replace(errand(CASE, value=ACK), is_doubtful=True)
    assert prepare(link().want(CASE, Field.STATUS, wish), doubtful, off) == Go(wish)
    amends = replace(wish, is_amends=True)
    assert prepare(link().want(CASE, Field.STATUS, amends), errand(CASE, value=ACK), off) == Go(amends)
    address = Errand("1", "1", CASE, ErrandKind.LINK, Verb.LINK, 0)
    assert prepare(link(), address, off) == Go()


def test_a_note_goes_whatever_happened_since() -> None:
    assert prepare(link(CLOSED, RESOLVED), errand(CASE, ErrandKind.NOTE), RULES) == Go()


@pytest.mark.parametrize(
    ("field", "wish", "words"),
    [
        (Field.STATUS, Wish(RESOLVED, OPEN, ANN), "Ann Ito (PagerDuty) resolved the incident. The case is closed"),
        (Field.STATUS, Wish(ACK, OPEN, ANN), "Ann Ito (PagerDuty) acknowledged the incident. The case is closed"),
        (Field.STATUS, Wish(OPEN, RESOLVED, ANN), "Ann Ito (PagerDuty) reopened the incident. The case is closed"),
        (Field.PRIORITY, Wish("P2", "P1", ANN), "set the incident's priority to"),
        (Field.RESOLUTION_NOTE, Wish("Disk.", "", ANN), "Ann Ito (PagerDuty): Resolution Note: Disk."),
    ],
)
def test_a_case_closed_meanwhile_takes_a_comment_instead(field: Field, wish: Wish, words: str) -> None:
    got = prepare(link(CLOSED).want(CASE, field, wish), errand(CASE, field), RULES)
    assert isinstance(got, Withdraw)
    assert (got.outcome, got.reason) == (Outcome.IGNORED, Reason.CASE_CLOSED)
    assert not got.link.wanted
    (draft,) = got.drafts
    assert (draft.side, draft.kind) == (CASE, ErrandKind.NOTE)
    assert words in draft.text


def test_what_our_own_write_undid_is_put_back_even_on_a_closed_case() -> None:
    amends = Wish("P1", "P2", ANN, is_amends=True)
    now = link(CLOSED).want(CASE, Field.PRIORITY, amends)
    assert prepare(now, errand(CASE, Field.PRIORITY), RULES) == Go(amends)


@pytest.mark.parametrize("value", [OPEN, ACK])
def test_an_incident_is_opened_for_a_case_that_is_not_over(value: str) -> None:
    assert prepare(_opening(value), OPENING, RULES) == Go()


@pytest.mark.parametrize("value", [RESOLVED, CLOSED])
def test_a_case_over_before_its_incident_opened_gets_none_and_a_row(value: str) -> None:
    got = prepare(_opening(value), OPENING, RULES)
    assert isinstance(got, Withdraw)
    assert (got.link.state, got.outcome, got.reason) == (LinkState.ENDED, Outcome.IGNORED, Reason.CASE_OVER)


def test_one_that_was_put_aside_and_may_have_been_opened_is_only_looked_for() -> None:
    aside = replace(OPENING, is_doubtful=True, is_put_aside=True)
    assert prepare(_opening(OPEN), aside, RULES) == Go(may_open=False)


def test_an_incident_that_an_earlier_attempt_may_have_opened_is_looked_for_first() -> None:
    assert prepare(_opening(RESOLVED), replace(OPENING, is_doubtful=True), RULES) == Go(may_open=False)


@pytest.mark.parametrize("kind", [kind for kind in ErrandKind if kind is not ErrandKind.OPEN])
def test_nothing_goes_out_on_a_link_that_has_ended(kind: ErrandKind) -> None:
    ended = replace(link(RESOLVED), state=LinkState.ENDED)
    got = prepare(ended, errand(INCIDENT, kind), RULES)
    assert isinstance(got, Withdraw)
    assert got.reason is Reason.CASE_OVER
