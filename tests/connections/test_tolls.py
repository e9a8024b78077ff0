"""Who pays for requests and events, and what an answer's headers teach: only PagerDuty counts by the minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from syncd.budget.allowance import EVENTS_LIMIT
from syncd.budget.process import ProcessBudget
from syncd.clock import StoppedClock
from syncd.connections.tolls import Tolls
from syncd.systems.toll import FREE, Purpose

BURST = 160  # of 960


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


@pytest.fixture
def tolls(clock: StoppedClock) -> Tolls:
    return Tolls(ProcessBudget(clock))


def _left(tolls: Tolls) -> dict[str, list[int]]:
    return {slug: [left[one] for one in Purpose] for slug, left in tolls.scarce().items()}


def test_only_pagerduty_is_paid_for_its_events_too(tolls: Tolls) -> None:
    assert tolls.of("cases", "cases") is tolls.of("desk", "casedesk") is FREE
    assert tolls.of("acme", "pagerduty") is tolls.of("acme", "pagerduty") is not FREE
    assert Tolls().of("acme", "pagerduty") is FREE
    assert tolls.of("pager", "events") is not FREE


def test_a_service_key_has_the_smaller_budget_that_its_events_have(clock: StoppedClock) -> None:
    tolls = Tolls(ProcessBudget(clock))
    assert tolls.of("pager", "events").pay(Purpose.STATUS, EVENTS_LIMIT // 6) == 0.0
    assert tolls.of("pager", "events").pay(Purpose.STATUS, 1) > 0.0
    assert tolls.of("other", "events").pay(Purpose.STATUS, 1) == 0.0, "each key has its own"
    large = Tolls(ProcessBudget(clock), events_limit=10_000)
    assert large.of("pager", "events").pay(Purpose.STATUS, 1_000) == 0.0


def test_each_account_has_a_budget_of_its_own(tolls: Tolls) -> None:
    assert tolls.of("acme", "pagerduty").pay(Purpose.STATUS, BURST) == 0.0
    assert tolls.of("acme", "pagerduty").pay(Purpose.STATUS, 1) > 0.0
    assert tolls.of("other", "pagerduty").pay(Purpose.STATUS, BURST) == 0.0


def test_what_may_still_be_sent_is_told_of_whom_is_counted(tolls: Tolls) -> None:
    tolls.of("acme", "pagerduty").pay(Purpose.STATUS, 3)
    assert tolls.remaining("acme", "pagerduty") == BURST - 3
    assert tolls.remaining("other", "pagerduty") == BURST, "also of one that nothing was ever sent to"
    assert tolls.remaining("desk", "casedesk") is None
    assert Tolls().remaining("acme", "pagerduty") is None


def test_an_account_is_scarce_from_its_first_refusal_until_half_of_it_is_there_again(
    tolls: Tolls, clock: StoppedClock
) -> None:
    acme = tolls.of("acme", "pagerduty")
    acme.pay(Purpose.STATUS, BURST)
    assert tolls.scarce() == {}
    acme.pay(Purpose.NOTE, 1)
    assert _left(tolls) == {"acme": [0, 0, 0, 0]}
    clock.forward(4)
    assert _left(tolls) == {"acme": [51, 11, 0, 0]}
    clock.forward(10)
    tolls.scarce()
    assert tolls.scarce() == {}


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "30"}, True),
        ({"ratelimit-limit": "960", "ratelimit-remaining": "900", "ratelimit-reset": "30"}, False),
        ({"ratelimit-limit": "960", "ratelimit-remaining": "0"}, False),
        ({"ratelimit-limit": "lots", "ratelimit-remaining": "0", "ratelimit-reset": "30"}, False),
        ({"ratelimit-limit": "960", "ratelimit-remaining": "0.0", "ratelimit-reset": "29.5"}, True),
        ({"ratelimit-limit": "9" * 30, "ratelimit-remaining": "0", "ratelimit-reset": "30"}, False),
        ({}, False),
    ],
)
def test_what_an_answer_says_is_left_is_believed_if_it_can_be_read(
    tolls: Tolls, headers: Mapping[str, str], *, waits: bool
) -> None:
    acme = tolls.of("acme", "pagerduty")
    acme.heard(200, headers)
    assert (acme.pay(Purpose.STATUS, 1) > 0.0) is waits


def test_a_429_closes_the_budget_for_as_long_as_it_says_or_a_little_when_it_does_not(
    tolls: Tolls, clock: StoppedClock
) -> None:
    acme, other = tolls.of("acme", "pagerduty"), tolls.of("other", "pagerduty")
    acme.heard(429, {"ratelimit-reset": "30"})
    other.heard(429, {})
    clock.forward(7)
    assert (acme.pay(Purpose.STATUS, 1) > 0.0, other.pay(Purpose.STATUS, 1) > 0.0) == (True, False)
    assert set(tolls.scarce()) == {"acme", "other"}
    clock.forward(25)
    assert acme.pay(Purpose.STATUS, 1) == 0.0


def test_what_is_limited_apart_is_paid_for_by_the_account_and_holds_back_nobody_else(tolls: Tolls) -> None:
    """Evidence asks for /oncalls, which has a limit of its own: reaching that one is no news of the account's."""
    account, apart = tolls.of("acme", "pagerduty"), tolls.apart("acme", "pagerduty", "oncalls")
    assert apart.pay(Purpose.EVIDENCE, 2) == 0.0
    assert tolls.remaining("acme", "pagerduty") == BURST - 2
    apart.heard(429, {"ratelimit-reset": "40"})
    assert apart.pay(Purpose.EVIDENCE, 1) > 30.0
    assert tolls.remaining("acme", "pagerduty") == BURST - 2
    assert account.pay(Purpose.STATUS, 1) == 0.0
    assert set(tolls.scarce()) == set()
    account.pay(Purpose.STATUS, BURST - 3)
    other = tolls.apart("acme", "pagerduty", "other")
    assert other.pay(Purpose.EVIDENCE, 1) > 0.0, "the account's own budget is spent"
    assert Tolls().apart("acme", "pagerduty", "oncalls") is FREE
