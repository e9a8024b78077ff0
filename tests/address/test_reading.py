"""An address is taken only if its library can read it and takes nothing of a password for a host."""

from __future__ import annotations

import smtplib
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from syncd.address.reading import is_database, is_mail, is_web, split

PASSWORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)


@given(st.text(max_size=30))
@example(":")
def test_a_database_that_is_taken_is_read_by_sqlalchemy(rest: str) -> None:
    for address in (rest, f"postgresql://{rest}", f"postgresql://u:{rest}@h/x"):
        if is_database(address):
            made = make_url(address)
            assert "@" not in (made.host or "")


@given(PASSWORDS)
def test_a_password_that_is_encoded_is_always_taken_and_arrives(password: str) -> None:
    encoded = quote(password, safe="")
    assert is_database(f"postgresql://u:{encoded}@h:5432/x")
    assert make_url(f"postgresql://u:{encoded}@h:5432/x").password == password
    for address in (f"smtp://u:{encoded}@h:25", f"https://u:{encoded}@h/x"):
        assert is_mail(address) or is_web(address)
        there = split(address)
        assert there is not None
        assert unquote(there.password or "") == password


@given(PASSWORDS)
@example("?=")
@example("@?=")
@example("12/34")
def test_one_that_is_not_encoded_is_refused_or_read_as_it_was_meant(password: str) -> None:
    assume("%" not in password)
    address = f"postgresql://u:{password}@h/x"
    if is_database(address):
        assert (make_url(address).password, make_url(address).host) == (password, "h")
    for address, is_taken in ((f"smtp://u:{password}@h", is_mail), (f"https://u:{password}@h", is_web)):
        there = split(address)
        if (
            there is not None and is_taken(address) and not {"/", "?", "="} <= set(password)
        ):  # That one is an address with a query.
            assert (there.password, there.hostname) == (password, "h")


@pytest.mark.parametrize(
    "address",
    [
        "x", "postgresql://u:p@127.0.0.1:abc/x", "postgresql://u:S3cr@t9x@h/x", "postgresql://u:p@s/w@h/x",
        "postgresql://h:99999/x", "postgresql://h/x?password", "postgresql://h:5432/x?user=u&password=a@b",
        "sqlite://host/x", "postgresql://u:p@[::1/x", "postgresql://u:p\n@h/x",
    ],
)  # fmt: skip
def test_no_database(address: str) -> None:
    assert not is_database(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://h/x",
        "postgresql://u@corp:p/w@h/x",
        "postgresql:///x?host=/run/pg",
        "sqlite:////a:b@c.db",
        "mysql://h/x",
    ],
)
def test_a_database(address: str) -> None:
    assert is_database(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://[hooks/x",
        "https://u:12/34@h",
        "ftp://h",
        "https://",
        "https://h:x",
        "https://h..x",
        "http://h:0",
        "https://a\tb",
    ],
)
def test_no_web(address: str) -> None:
    assert not is_web(address)


@pytest.mark.parametrize("address", ["https://h/@room", "https://h:8443/x?to=a@b", "http://[::1]:80/x"])
def test_a_web(address: str) -> None:
    assert is_web(address)


@pytest.mark.parametrize(
    "address",
    ["smtp://mailer:Gq7/kk@127.0.0.1:2525", "smtp://mailer:12/kk@h", "smtp://h/x", "smtp://h?x=1", "smtp://", "h:25"],
)
def test_no_mail(address: str) -> None:
    assert not is_mail(address)


def test_mail_by_the_ports_that_are_usual() -> None:
    assert is_mail("smtps://u:p@h")
    assert is_mail("smtp://h:25/")
    assert smtplib.SMTP_SSL_PORT == 465
