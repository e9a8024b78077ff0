"""When the next try is, and what each error means. The waits are those the README prints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd import errors
from syncd.core.lifecycle import ErrandState
from syncd.core.reasons import Outcome, Reason
from syncd.core.retry import CAPS, LANDS_WITHIN, Verdict, after_error, backoff

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRANSIENT = (errors.Unreachable("away"), errors.Ambiguous("cut"), errors.RateLimited("slow down", retry_after=1))


def _after(error: errors.SideError, attempt: int = 1, jitter: float = 0.0, begun_at: datetime = NOON) -> Verdict:
    return after_error(error, attempt=attempt, begun_at=begun_at, now=NOON, jitter=jitter)


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_the_wait_is_drawn_below_its_cap_and_the_last_cap_goes_on_for_ever(attempt: int, jitter: float) -> None:
    cap = CAPS[min(attempt, len(CAPS)) - 1]
    assert timedelta(0) <= backoff(attempt, NOON, jitter) - NOON <= cap


@given(st.sampled_from(TRANSIENT), st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_what_may_pass_never_dies(error: errors.SideError, attempt: int, jitter: float) -> None:
    verdict = _after(error, attempt, jitter)
    assert verdict.state is ErrandState.WAITING
    assert verdict.next_at is not None
    assert verdict.next_at >= NOON


def test_after_an_ambiguous_end_the_next_try_looks_and_not_before_the_write_can_have_landed() -> None:
    verdict = _after(errors.Ambiguous("no answer"), begun_at=NOON - timedelta(seconds=10))
    assert verdict.is_doubtful
    assert verdict.next_at == NOON - timedelta(seconds=10) + LANDS_WITHIN


def test_a_connection_that_was_never_made_leaves_no_doubt() -> None:
    assert not _after(errors.Unreachable("refused")).is_doubtful


def test_a_rate_limit_is_honoured() -> None:
    verdict = _after(errors.RateLimited("429", retry_after=20))
    assert verdict.next_at == NOON + timedelta(seconds=20)
    assert verdict.reason is Reason.RATE_LIMITED


def test_many_rate_limits_do_not_put_off_for_hours() -> None:
    """Each says when there is room again; a storm of them was over long before the last try came round."""
    for attempt in range(1, 100):
        verdict = _after(errors.RateLimited("429", retry_after=20), attempt, 0.999)
        assert verdict.next_at is not None
        assert timedelta(seconds=20) <= verdict.next_at - NOON <= timedelta(seconds=30)


def test_a_refused_credential_holds_and_drops_nothing() -> None:
    verdict = _after(errors.Unauthorised("401"))
    assert (verdict.state, verdict.outcome, verdict.reason) == (
        ErrandState.HELD,
        Outcome.HELD,
        Reason.DISCONNECTED,
    )


def test_an_unknown_sender_holds_as_a_refused_credential_does() -> None:
    verdict = _after(errors.UnknownSender("nobody"))
    assert (verdict.state, verdict.reason) == (ErrandState.HELD, Reason.DISCONNECTED)


@pytest.mark.parametrize("reason", [Reason.OUTDATED, Reason.UNKNOWN_SENDER])
def test_what_is_postponed_is_tried_again_without_doubt(reason: Reason) -> None:
    verdict = _after(errors.Postponed("not now", reason=reason))
    assert (verdict.state, verdict.outcome, verdict.reason) == (ErrandState.WAITING, Outcome.RETRYING, reason)
    assert not verdict.is_doubtful


def test_an_address_that_is_not_open_is_tried_again() -> None:
    verdict = _after(errors.OffLimits("closed"))
    assert (verdict.state, verdict.reason, verdict.is_doubtful) == (ErrandState.WAITING, Reason.OFF_LIMITS, False)


@pytest.mark.parametrize("reason", ["forbidden", "gone", "refused", "nobody_on_call", "unknown_sender"])
def test_a_refusal_is_final_and_keeps_its_reason(reason: str) -> None:
    verdict = _after(errors.Refused("no", reason=reason))
    assert (verdict.state, verdict.outcome, verdict.reason) == (ErrandState.DEAD, Outcome.FAILED, Reason(reason))
