"""What looks like a credential: keys as PagerDuty makes them, and none of the words and names that stand in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.credential import LIKE_A_KEY, looks_like_a_key, unkeyed
from syncd.simulator import KEYS

OF_KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-", min_size=18, max_size=18)


@pytest.mark.parametrize(
    "key",
    [
        KEYS.full,
        KEYS.user,
        KEYS.app,
        KEYS.checkout,
        "abcdefghij0123456789",
        "E7px6VVr3PVHZPJq51oa",
        "y_NbAkKc66ryYTWUXYEu",
    ],
)
def test_a_key_is_known_by_itself_in_an_address_and_in_a_sentence(key: str) -> None:
    assert looks_like_a_key(f" {key}")
    assert looks_like_a_key(f"https://{key}/")
    assert (
        unkeyed(f"There is no {key}, and {key!r} is none.") == f"There is no {LIKE_A_KEY}, and '{LIKE_A_KEY}' is none."
    )


@pytest.mark.parametrize(
    "word",
    [
        "two-way-sync-of-acme",
        "payments-production1",
        "internationalization",
        "abcdefghij0123456789@example.com",
        "abcdefghij0123456789.pagerduty.com",
        "https://api.eu.pagerduty.com",
        "2026-11-21T12:00:00Z",
        "SYN-PAG-SENDER",
        "u_payments",
        "us",
        "",
    ],
)
def test_a_name_or_a_word_is_none(word: str) -> None:
    assert not looks_like_a_key(word)
    sentence = f"There is no {word}; there were 2026 of them."
    assert unkeyed(sentence) == sentence


@given(OF_KEYS)
def test_whatever_begins_like_a_key_and_is_as_long_is_one(rest: str) -> None:
    assert looks_like_a_key(f"u+{rest}")
    assert unkeyed(f"u+{rest}") == LIKE_A_KEY
