"""A renewal that comes back with less than sync needs is noticed at that moment, told once, and stops nothing by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.connections import narrowing
from syncd.connections.doctor import account
from syncd.connections.doctor.account import Patient
from syncd.core.connection import Kind
from syncd.core.diagnostics import CATALOGUE
from syncd.core.reasons import Outcome, Reason
from syncd.store import connection_log, deliveries, diagnoses
from syncd.store.connection_log import Event
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import NEEDED, Given
from tests.connections.oauth_site import ACME, register
from tests.connections.site import Site

from .test_tokens import DAY, SOON, Bench

LESS = tuple(one for one in NEEDED if one not in {"users.read", "incidents.write"})
SAID = "PagerDuty renewed the OAuth token without incidents.write, users.read, which sync needs."


@pytest.fixture
def bench(site: Site) -> Bench:
    return Bench(site)


def renewed(bench: Bench, *scopes: str) -> None:
    """With what the application may have by now."""
    register(bench.site.pagerduty, scopes=scopes)
    process = bench.process()
    bench.site.clock.forward(DAY - SOON)
    http, trip = process.pagerduty(bench.account()), bench.trip()
    assert http.send(trip, "GET", "/abilities").status == 200


def put_off(bench: Bench) -> None:
    """As after a diagnosis that was in order."""
    with bench.site.db.write() as tx:
        now = bench.site.clock.now()
        due = diagnoses.take(tx, now, now + DAY)
        assert due is not None
        assert diagnoses.end(tx, due, now + 9 * DAY)


def told(bench: Bench) -> list[Event]:
    with bench.site.db.read() as tx:
        return [one for one in connection_log.listing(tx, ACME) if one.code == narrowing.CODE]


def test_less_is_noticed_at_the_renewal_and_told_once(bench: Bench) -> None:
    put_off(bench)
    renewed(bench, *LESS)
    (event,) = told(bench)
    assert (event.kind, event.at) == (Kind.ERRORED, bench.site.clock.now())
    assert event.detail == f"{SAID} {CATALOGUE[narrowing.CODE].cured(ACME)}"
    assert "`syncd integrations authorise acme`" in event.detail
    with bench.site.db.read() as tx:
        (row,) = deliveries.find(tx, {"integration": ACME, "reason": Reason.DIAGNOSED})
        assert diagnoses.known(tx)[ACME] <= bench.site.clock.now()
    assert (row["outcome"], row["action"]) == (Outcome.FAILED, "renew")
    assert narrowing.CODE in row["detail"]
    renewed(bench, *LESS)
    assert len(told(bench)) == 1
    assert bench.renewals() == 2


def test_what_is_granted_again_is_told_as_mended(bench: Bench) -> None:
    renewed(bench, *LESS)
    renewed(bench, *NEEDED)
    mended, _ = told(bench)
    assert mended.kind is Kind.CONNECTED
    assert mended.detail == "PagerDuty grants incidents.write, users.read again. It was SYN-PAG-SCOPE."
    with bench.site.db.read() as tx:
        assert len(deliveries.find(tx, {"integration": ACME, "reason": Reason.DIAGNOSED_WELL})) == 1


def test_all_that_is_needed_is_no_news(bench: Bench) -> None:
    renewed(bench, *NEEDED)
    assert told(bench) == []
    assert bench.renewals() == 1


def test_scopes_that_nothing_is_said_of_are_those_there_were(bench: Bench) -> None:
    grant = bench.grant()
    silent = grant.renewed(Given("another", "", 60, (), {}), grant.obtained_at + timedelta(days=1))
    assert (silent.scopes, silent.refresh) == (grant.scopes, grant.refresh)
    assert not narrowing.lacking(silent)
    classic = replace(grant, client=oauth.client_of("classic", "C1", "s"), scopes=("openid", "read"))
    assert narrowing.lacking(classic) == ["write"]


@pytest.mark.parametrize(("scopes", "code"), [(NEEDED, ""), (LESS, narrowing.CODE)], ids=["all", "less"])
def test_doctor_says_what_the_token_was_granted(bench: Bench, scopes: tuple[str, ...], code: str) -> None:
    renewed(bench, *scopes)
    it = Patient(bench.account(), (), bench.process().pagerduty(bench.account()), bench.trip())
    (line,) = account.scopes(it, bench.grant())
    assert (line.check, line.code) == ("OAuth scopes", code)
    assert list(account.scopes(it, None)) == []
