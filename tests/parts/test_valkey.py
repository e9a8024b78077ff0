"""The session's Valkey is real, empty for each test, and reached by redis-py's own spelling of its address."""

from __future__ import annotations

import redis


def test_redis_py_reaches_it_by_its_url(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("left-behind", "1")
        assert client.get("left-behind") == b"1"


def test_it_is_empty_again_for_the_next_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
