"""Acting as the person is switched on where PagerDuty takes a name, and refused in a sentence where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from syncd.connections.joining.accounts import check, rotate
from syncd.connections.joining.acting import switch
from syncd.connections.joining.builtin import BUILTIN, ensure_builtin
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict, Misconfigured
from syncd.simulator import BOT_EMAIL, KEYS, Fault, Simulator
from syncd.store import connection_log, integrations
from tests.parts.terms import TERMS


def _join(setup: Setup, pagerduty: Simulator, key: str = KEYS.full, *, is_on: bool = False) -> None:
    terms, where = replace(TERMS, acts_as_person=is_on), pagerduty.account.api_url
    add_pagerduty(setup, "acme", api_key=key, email=BOT_EMAIL, terms=terms, where=where)


def _is_on(setup: Setup) -> bool:
    return setup.integration("acme").acts_as_person


def _set(setup: Setup, more: Mapping[str, str]) -> None:
    with setup.db.write() as tx:
        integrations.configure(tx, "acme", {**setup.integration("acme").settings, **more})


def test_it_is_off_until_somebody_wants_it_and_who_did_is_on_record(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty)
    assert not _is_on(setup)
    assert switch(setup, "acme", is_on=True, by="Ana")
    assert not switch(setup, "acme", is_on=True, by="Ben")
    assert check(setup, "acme")["acts as"].startswith("the person who made the change")
    assert switch(setup, "acme", is_on=False, by="Ben")
    assert not _is_on(setup)
    assert setup.integration("acme").has_acted
    with setup.db.read() as tx:
        log = connection_log.listing(tx, "acme", limit=2)
    assert [(row.by, row.detail[-3:]) for row in log] == [("Ben", "ff."), ("Ana", "on.")]


def test_it_can_be_wanted_when_the_account_is_joined(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, is_on=True)
    assert _is_on(setup)


def test_a_personal_key_takes_no_name(setup: Setup, pagerduty: Simulator) -> None:
    with pytest.raises(Misconfigured, match="A personal key makes every write as its owner"):
        _join(setup, pagerduty, KEYS.user, is_on=True)
    _join(setup, pagerduty, KEYS.user)
    with pytest.raises(Misconfigured, match="A personal key makes every write as its owner"):
        switch(setup, "acme", is_on=True, by="Ana")


def test_a_personal_key_given_later_switches_it_off(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, is_on=True)
    assert "Acting as the person is switched off" in " ".join(rotate(setup, "acme", KEYS.user))
    assert not _is_on(setup)


def test_an_oauth_token_takes_no_name(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty, is_on=True)
    _set(setup, {"auth": "scoped"})
    assert not _is_on(setup)
    with pytest.raises(Misconfigured, match="An OAuth token makes every write as its owner"):
        switch(setup, "acme", is_on=True, by="Ana")


def test_a_key_that_may_not_read_users_finds_nobody(setup: Setup, pagerduty: Simulator) -> None:
    _join(setup, pagerduty)
    pagerduty.faults.lay(Fault(path="/users", status=403))
    with pytest.raises(Misconfigured, match="may not read users"):
        switch(setup, "acme", is_on=True, by="Ana")
    assert not _is_on(setup)


def test_a_case_system_has_nobody_to_act_as(setup: Setup) -> None:
    ensure_builtin(setup.db, "http://syncd.test")
    with pytest.raises(Conflict, match="is not a PagerDuty account"):
        switch(setup, BUILTIN, is_on=True, by="Ana")
