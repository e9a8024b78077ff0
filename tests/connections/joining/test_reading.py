"""An account that was connected to be only read: nothing is written there, not even to find out, until somebody says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining.accounts import check
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.reading import switch
from syncd.connections.joining.setup import Setup
from syncd.errors import Misconfigured
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connection_log
from tests.parts.terms import TERMS


def _join(setup: Setup, pagerduty: Simulator, key: str, email: str = BOT_EMAIL) -> None:
    terms, where = replace(TERMS, is_read_only=True), pagerduty.account.api_url
    add_pagerduty(setup, "acme", api_key=key, email=email, terms=terms, where=where)


def _methods(pagerduty: Simulator) -> set[str]:
    return {one.method for one in pagerduty.journal.requests}


def test_nothing_is_written_to_it_by_connecting_or_testing(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, KEYS.read_only)
    assert check(setup, "acme")["key"] == "account (only reading)"
    assert _methods(pagerduty) == {"GET"}


def test_nobody_has_to_be_named_for_writes_that_are_never_made(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, KEYS.read_only, email="")
    assert check(setup, "acme")["writes as"] == "nobody"
    with pytest.raises(Misconfigured, match="name one of PagerDuty's by --email"):
        switch(setup, "acme", is_on=False, by="Ana")


def test_it_is_written_to_once_its_key_may_and_somebody_wants_it(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, KEYS.read_only)
    with pytest.raises(Misconfigured, match="may only read"):
        switch(setup, "acme", is_on=False, by="Ana")
    assert setup.integration("acme").is_read_only
    pagerduty.account.keys[KEYS.read_only].kind = "full"
    assert switch(setup, "acme", is_on=False, by="Ana")
    assert not switch(setup, "acme", is_on=False, by="Ben")
    assert not setup.integration("acme").is_read_only
    assert switch(setup, "acme", is_on=True, by="Ben")
    with setup.db.read() as tx:
        log = connection_log.listing(tx, "acme", limit=2)
    assert [(row.by, row.detail) for row in log] == [
        ("Ben", "It is only read from now on."),
        ("Ana", "It is written to from now on, and not only read."),
    ]
    assert pagerduty.account.incidents == {}
