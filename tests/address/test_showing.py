"""However an address is spelled, its password is not in what is shown of it; and whatever a library finds in one is looked for."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qs, quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis import ConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from syncd.address.showing import passwords_in, shown, shown_in

PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E) | st.sampled_from("äß€ ")
#: Marked at both ends, so that a part that is left is seen.
PASSWORDS = st.text(PRINTABLE, max_size=12).map(lambda middle: f"Zq7{middle}Xw9")
SPELLINGS = (str, quote, lambda it: quote(it, safe=""), quote_plus)
AROUND = (
    "postgresql://u:{}@h/x",
    "postgresql+psycopg://u:{}@[::1]:5432/x?sslmode=require",
    "postgresql://u@corp:{}@h/x",
    "redis://:{}@h:6379/0",
    "rediss://u:{}@h:6379/0?ssl_cert_reqs=none",
    "unix://:{}@/run/x.sock?db=1",
    "smtp://u:{}@h:2525",
    "https://u:{}@hooks.example.com/services/T0",
)
IN_QUERIES = (
    "postgresql://h/x?user=u&password={}",
    "postgresql://h:5432/x?password={}&sslmode=require",
    "postgresql://h/x?sslmode=require&sslpassword={}&passfile=/run/x",
    "redis://h:6379/0?password={}",
    "redis://h/0?pass%77ord={}",
    "redis://h/0?pasword={}&db=1",
)


@given(PASSWORDS, st.sampled_from(SPELLINGS), st.sampled_from(AROUND))
def test_a_password_before_the_host_is_never_shown(password: str, spelled: object, around: str) -> None:
    address = around.format(spelled(password))  # type: ignore[operator]
    for seen in (shown(address), shown_in(address)) if " " not in address else (shown(address),):
        assert "Zq7" not in seen
        assert "Xw9" not in seen
        assert "***" in seen


@given(PASSWORDS, st.sampled_from(SPELLINGS[2:]), st.sampled_from(IN_QUERIES))
def test_nor_is_one_in_a_query(password: str, spelled: object, around: str) -> None:
    seen = shown(around.format(spelled(password)))  # type: ignore[operator]
    assert "Zq7" not in seen
    assert "Xw9" not in seen


@given(PASSWORDS.filter(lambda it: not {"#", " "} & set(it)), st.sampled_from(IN_QUERIES))
def test_nor_is_one_in_a_query_that_was_not_encoded(password: str, around: str) -> None:
    seen = shown(around.format(password))
    assert "Zq7" not in seen
    assert "Xw9" not in seen


@given(PASSWORDS, st.sampled_from(SPELLINGS), st.sampled_from((*AROUND, *IN_QUERIES)))
@example("Zq7#Xw9", str, IN_QUERIES[3])
def test_what_a_library_takes_for_the_password_is_looked_for(password: str, spelled: object, around: str) -> None:
    address = around.format(spelled(password))  # type: ignore[operator]
    found = passwords_in(address)
    with suppress(ArgumentError, ValueError):
        assert {make_url(address).password} <= found | {None}
        assert {str(make_url(address).query.get("password", ""))} <= found | {""}
    with suppress(ValueError):
        assert {ConnectionPool.from_url(address).connection_kwargs.get("password", "")} <= found | {""}
    assert set(parse_qs(address.partition("?")[2]).get("password", [])) <= found


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("postgresql+psycopg://syncd:hunter3@db/syncd", "postgresql+psycopg://syncd:***@db/syncd"),
        ("postgresql://h/x?user=u&password=S3crt9x", "postgresql://h/x?user=u&password=***"),
        ("redis://h:6379/0?password=S3cr@t", "redis://h:***"),
        ("rediss://:pw@cache:6379/0?ssl_cert_reqs=none", "rediss://:***@cache:6379/0?ssl_cert_reqs=none"),
        ("postgresql://u@h:5432/x?sslmode=require", "postgresql://u@h:5432/x?sslmode=require"),
        ("sqlite:////var/lib/syncd.db", "sqlite:////var/lib/syncd.db"),
        ("unix:///run/vk.sock?db=3", "unix:///run/vk.sock?db=3"),
        ("https://syncd.example.com:8443/x", "https://syncd.example.com:8443/x"),
        ("Ann <ann@example.com>", "Ann <ann@example.com>"),
        ("/run/a:b@c", "/run/a:b@c"),
    ],
)
def test_what_opens_nothing_is_shown(address: str, seen: str) -> None:
    assert shown(address) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("to redis://:S3cr+t/9x@h:6379/0 by a@b", "to redis://:***@h:6379/0 by a@b"),
        ("GET https://api.test:8443/x?limit=2&api_key=abc&q", "GET https://api.test:8443/x?limit=2&api_key=***&q"),
        ('{"at":"https://h/x","by":"a@b"}', '{"at":"https://h/x","by":"a@b"}'),
        ('{"at":"postgresql://u:p"w@h/x","by":"c"}', '{"at":"postgresql://u:***@h/x","by":"c"}'),
        ("'postgresql://u:pw@h/x' and 'redis://:p/w@h'", "'postgresql://u:***@h/x' and 'redis://:***@h'"),
    ],
)
def test_each_address_of_a_text_is_masked_and_no_more(text: str, seen: str) -> None:
    assert shown_in(text) == seen
