"""Collecting is switched on by somebody, who is on record; off, what has not begun is forgotten and what was collected stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining import collected
from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.builtin import BUILTIN, ensure_builtin
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict, ReadOnly
from syncd.flow.orders import removing
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connection_log
from syncd.store.evidence import collections
from tests.parts.terms import TERMS


@pytest.fixture
def acme(setup: Setup, pagerduty: Simulator) -> str:
    add_pagerduty(setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    return "acme"


def _asked(setup: Setup, slug: str, *, is_begun: bool) -> None:
    with setup.db.write() as tx:
        it = collections.ask(tx, slug, "users", due_at=None, since=None, by="Ana", now=setup.db.now(tx))
        assert it is not None
        if is_begun:
            taken = collections.take(tx, setup.db.now(tx), [slug])
            assert taken is not None
            assert collections.went_on(tx, taken, setup.db.now(tx)) is not None


def _to_come(setup: Setup) -> set[tuple[str, str]]:
    with setup.db.read() as tx:
        return collections.to_come(tx)


def test_it_is_off_until_somebody_wants_it_and_who_did_is_on_record(setup: Setup, acme: str) -> None:
    assert not setup.integration(acme).gives_evidence
    assert collected.switch(setup, acme, is_on=True, by="Ana")
    assert not collected.switch(setup, acme, is_on=True, by="Ben")
    assert setup.integration(acme).gives_evidence
    assert collected.switch(setup, acme, is_on=False, by="Ben")
    assert not setup.integration(acme).gives_evidence
    with setup.db.read() as tx:
        log = connection_log.listing(tx, acme, limit=2)
    assert [(row.by, row.detail) for row in log] == [
        ("Ben", "Collecting evidence was switched off."),
        ("Ana", "Collecting evidence was switched on."),
    ]


@pytest.mark.parametrize("is_begun", [False, True])
def test_off_what_has_not_begun_is_forgotten(setup: Setup, acme: str, is_begun: bool) -> None:
    collected.switch(setup, acme, is_on=True, by="Ana")
    _asked(setup, acme, is_begun=is_begun)
    collected.switch(setup, acme, is_on=False, by="Ana")
    assert bool(_to_come(setup)) is is_begun


def test_another_credential_leaves_it_on(setup: Setup, acme: str) -> None:
    collected.switch(setup, acme, is_on=True, by="Ana")
    rotate(setup, acme, KEYS.full)
    assert setup.integration(acme).gives_evidence


def test_an_account_that_is_removed_takes_what_waits_with_it(setup: Setup, acme: str) -> None:
    collected.switch(setup, acme, is_on=True, by="Ana")
    _asked(setup, acme, is_begun=True)
    removing.remove(setup, acme, by="Ana")
    assert _to_come(setup) == set()


def test_one_that_is_only_read_gives_evidence_and_is_never_written_to(setup: Setup, pagerduty: Simulator) -> None:
    terms = replace(TERMS, is_read_only=True)
    add_pagerduty(setup, "acme", api_key=KEYS.read_only, email="", terms=terms, where=pagerduty.account.api_url)
    assert collected.switch(setup, "acme", is_on=True, by="Ana")
    with pytest.raises(ReadOnly):
        setup.pagerduty("acme").send(setup.trip("x"), "PUT", "/incidents", json={})


def test_the_built_in_cases_give_none(setup: Setup) -> None:
    ensure_builtin(setup.db, "http://127.0.0.1:1")
    with pytest.raises(Conflict, match="is not a PagerDuty account"):
        collected.switch(setup, BUILTIN, is_on=True, by="Ana")
