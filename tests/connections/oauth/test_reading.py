"""An account that is only read, for evidence, is connected by OAuth with scopes to read alone, and no write leaves us."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from syncd.connections.doctor import account
from syncd.connections.doctor.account import Patient
from syncd.connections.grant import grant_of
from syncd.connections.joining import accounts
from syncd.connections.oauth import authorising, connecting
from syncd.connections.oauth.wanted import Place, Wanted, wanted
from syncd.core.judging import State
from syncd.errors import Misconfigured, ReadOnly
from syncd.store import integrations
from syncd.store.integrations import EVIDENCE, Integration
from syncd.systems.pagerduty.oauth import NEEDED, READ, SYNC, Kind, Purpose, client_of
from syncd.systems.trip import Trip
from tests.connections.oauth_site import ACME, BACK, SECRET, agreed, connect, register
from tests.connections.site import Site
from tests.parts.terms import TERMS

READ_ONLY = replace(TERMS, is_read_only=True)
ALLOWED = {"classic": ("read",), "scoped": READ, "app": READ}


def asked(site: Site, kind: str) -> Wanted:
    place = Place(site.pagerduty.account.api_url, subdomain="simulated" if kind == "app" else "")
    return wanted(site.setup, ACME, client_of(kind, "C1", SECRET), place, by="Ana", terms=READ_ONLY)


def joined(site: Site, kind: str) -> Integration:
    register(site.pagerduty, kind, ALLOWED[kind])
    if kind == "app":
        connecting.connect_application(site.setup, asked(site, kind))
    else:
        authorising.finish(site.setup, agreed(authorising.begin(site.setup, asked(site, kind), BACK)))
    return there(site)


def there(site: Site) -> Integration:
    with site.db.read() as tx:
        found = integrations.get(tx, ACME)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["classic", "scoped", "app"])
def test_scopes_to_read_are_enough_and_nobody_is_named_for_writes(site: Site, kind: str) -> None:
    it = joined(site, kind)
    assert it.is_read_only
    assert accounts.check(site.setup, ACME)["writes as"] == "nobody"
    http, trip = site.connections.pagerduty(it), Trip.begin("t", site.clock.monotonic)
    with pytest.raises(ReadOnly):
        http.send(trip, "PUT", "/incidents/Q1", json={})
    assert {one.method for one in site.pagerduty.journal.requests if "/oauth/" not in one.target} == {"GET"}


@pytest.mark.parametrize("kind", ["classic", "scoped"])
def test_no_scope_to_write_is_asked_for(site: Site, kind: str) -> None:
    register(site.pagerduty, kind, ALLOWED[kind])
    begun = authorising.begin(site.setup, asked(site, kind), BACK)
    (scope,) = parse_qs(urlsplit(begun.url).query)["scope"]
    assert scope.split() == ["openid", *ALLOWED[kind]]
    assert "write" not in scope


def test_a_token_of_an_application_is_renewed_with_the_same_scopes(site: Site) -> None:
    joined(site, "app")
    site.clock.forward(86_400)
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"
    newest = [key for key in site.pagerduty.account.keys.values() if key.scopes is not None][-1]
    assert set(READ) <= set(newest.scopes or ())
    it = Patient(there(site), (), site.connections.pagerduty(there(site)), Trip.begin("d", site.clock.monotonic))
    (line,) = account.scopes(it, grant_of(site.setup.credentials(there(site))))
    assert line.state is State.OK


def test_an_application_that_may_not_read_at_all_is_refused(site: Site) -> None:
    register(site.pagerduty, "scoped", ("services.read", "users.read"))
    with pytest.raises(Misconfigured, match=r"and evidence needs abilities\.read as well"):
        authorising.finish(site.setup, agreed(authorising.begin(site.setup, asked(site, "scoped"), BACK)))
    with site.db.read() as tx:
        assert integrations.get(tx, ACME) is None


def test_what_else_is_lacking_is_told_by_the_check_and_connects(site: Site) -> None:
    register(site.pagerduty, "scoped", ("abilities.read", "services.read", "users.read"))
    authorising.finish(site.setup, agreed(authorising.begin(site.setup, asked(site, "scoped"), BACK)))
    assert there(site).is_read_only


def test_who_collects_evidence_besides_asks_for_both_when_somebody_agrees_again(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    with site.db.write() as tx:
        integrations.configure(tx, ACME, {**there(site).settings, EVIDENCE: True})
    register(site.pagerduty, "scoped", (*NEEDED, *READ))
    begun = authorising.begin(site.setup, asked(site, "scoped"), BACK)
    (scope,) = parse_qs(urlsplit(begun.url).query)["scope"]
    assert set(scope.split()) == {"openid", *NEEDED, *READ}
    authorising.finish(site.setup, agreed(begun))
    assert there(site).gives_evidence


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("purpose", [SYNC, Purpose(is_read_only=True), Purpose(has_evidence=True)])
def test_what_is_asked_for_suffices(kind: Kind, purpose: Purpose) -> None:
    assert kind.lacks(kind.asks(purpose), purpose) == ()
    assert (kind.unread(kind.asks(purpose)) == ()) is (purpose != SYNC or kind is Kind.CLASSIC)
