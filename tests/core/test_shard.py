"""A record's shard is stored with its rows, so it may never change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.shard import SHARDS, is_shard, shard_of


@pytest.mark.parametrize(("text", "shard"), [("", 0), ("PT4KHLK", 11), ("CS-1", 3), ("Ünïcode", 12)])
def test_it_is_the_same_in_every_release(text: str, shard: int) -> None:
    assert shard_of(text) == shard


@given(st.text())
def test_every_text_has_one_even_with_lone_surrogates(text: str) -> None:
    assert is_shard(shard_of(text))


def test_records_spread_over_all_of_them() -> None:
    assert {shard_of(f"CS-{number}") for number in range(500)} == set(range(SHARDS))


@pytest.mark.parametrize("value", [-1, SHARDS, True, "1", 1.0, None, [1]])
def test_nothing_else_is_a_shard(value: object) -> None:
    assert not is_shard(value)
