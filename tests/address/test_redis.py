"""An address of Redis is taken only if redis-py and Celery both read the same from it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from kombu.connection import Connection
from kombu.utils.url import url_to_parts
from redis import ConnectionPool

from syncd.address.redis import for_celery, is_redis

PASSWORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)


def both_read(address: str) -> tuple[dict[str, object], dict[str, object]]:
    """What each of the two makes of it, up to the connection itself."""
    pool = ConnectionPool.from_url(address)
    pool.connection_class(**pool.connection_kwargs)
    mine = pool.connection_kwargs
    spelled = for_celery(address)
    with Connection(spelled) as made:  # type: ignore[no-untyped-call]
        theirs = url_to_parts(spelled)
        number = theirs.query.get("virtual_host") if spelled.startswith("redis+socket") else made.virtual_host
    read = {"username": theirs.username, "password": theirs.password, "db": int((number or "0").strip("/") or 0)}
    return {"username": mine.get("username"), "password": mine.get("password"), "db": mine.get("db") or 0}, read


@given(PASSWORDS)
def test_a_password_arrives_at_both_wherever_it_stands(password: str) -> None:
    encoded = quote(password, safe="")
    for address in (
        f"redis://:{encoded}@h:6379/3",
        f"rediss://u:{encoded}@h/3",
        f"redis://h?db=3&username=u&password={encoded}",
        f"unix://:{encoded}@/run/a;b.sock?db=3",
        f"unix:///run/x.sock?db=3&password={encoded}",
    ):
        assert is_redis(address)
        mine, theirs = both_read(address)
        assert mine == theirs
        assert (mine["password"], mine["db"]) == (password, 3)


@given(PASSWORDS)
@example("12/34")
@example("1?2=3")
def test_one_that_is_not_encoded_is_refused_or_read_as_it_was_meant(password: str) -> None:
    assume("%" not in password)
    address = f"redis://:{password}@h:6379/0"
    if is_redis(address):
        read = ConnectionPool.from_url(address).connection_kwargs
        assert (read["password"], read["host"]) == (password, "h")


@given(st.text(max_size=20), st.sampled_from(["", "h/", "h?", "h/0?db=", "h:", ":p@h/0?ssl_cert_reqs="]))
def test_whatever_is_taken_is_read_by_both(rest: str, before: str) -> None:
    for scheme in ("redis", "rediss", "unix"):
        address = f"{scheme}://{before}{rest}"
        if is_redis(address):
            mine, theirs = both_read(address)
            assert mine["db"] == theirs["db"]


@pytest.mark.parametrize(
    "address",
    [
        "redis://:S3cr+t/9x@127.0.0.1:6379/0", "redis://:12/34@h", "redis://:12?34@h", "redis://:12#34@h", "redis://h/zero",
        "redis://h/1/", "redis://h?db=x", "redis://h?health_check_interval=3", "redis://h?ssl_cert_reqs=none",
        "rediss://h?ssl_cert_reqs=wrong", "unix://run/vk.sock", "unix://", "http://h", "redis://h:99999", "redis://h..x",
        "redis://h:6379/0?a@b",
    ],
)  # fmt: skip
def test_no_redis(address: str) -> None:
    assert not is_redis(address)


@pytest.mark.parametrize(
    "address",
    [
        "redis://h",
        "redis://h:6379/0?password=a@b",
        "rediss://h/0?ssl_cert_reqs=none&ssl_password=x",
        "redis://:p@ss@h/0",
    ],
)
def test_a_redis(address: str) -> None:
    assert is_redis(address)
    mine, theirs = both_read(address)
    assert mine["password"] == theirs["password"]
