"""What a person does not name of an application is as the account is connected by, and its secret goes nowhere else for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining import accounts
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.oauth import authorising, connecting
from syncd.connections.oauth.application import Named, application
from syncd.connections.oauth.wanted import Place, wanted
from syncd.connections.vault import Vault, generate_key
from syncd.errors import Misconfigured, ReadOnly
from syncd.simulator import BOT_EMAIL, KEYS
from syncd.store import integrations
from syncd.systems.pagerduty.oauth import Client, Kind, client_of
from syncd.systems.trip import Trip
from tests.connections.oauth_site import ACME, SECRET, agreed, asked, begun, connect, register
from tests.connections.site import Site
from tests.parts.terms import TERMS

OTHER = "client-secret-of-acme-1111"


def by_application(site: Site) -> None:
    register(site.pagerduty, "app")
    connecting.connect_application(site.setup, asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL))


@pytest.mark.parametrize("kind", ["classic", "scoped"])
def test_nothing_has_to_be_named_of_what_an_account_is_connected_by(site: Site, kind: str) -> None:
    connect(site.setup, site.pagerduty, kind)
    assert application(site.setup, ACME, Named(), Place()) == (Client(Kind(kind), "C1", SECRET), Place())
    assert application(site.setup, ACME, Named("C1"), Place())[0] == Client(Kind(kind), "C1", SECRET)


def test_an_application_knows_its_account_and_who_it_writes_as_too(site: Site) -> None:
    by_application(site)
    client, place = application(site.setup, f" {ACME} ", Named(), Place())
    assert (client, place) == (Client(Kind.APP, "C1", SECRET), Place(subdomain="simulated"))
    it = wanted(site.setup, ACME, client, place, by="Ben")
    assert (it.account, it.email) == ("us.simulated", BOT_EMAIL)
    assert connecting.connect_application(site.setup, it).sender == BOT_EMAIL
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"


def test_an_account_whose_pages_are_elsewhere_is_agreed_to_again_too(site: Site) -> None:
    """As `syncd sim` is, or one behind an address of one's own: its pages say nothing of the subdomain that a token names."""
    site.pagerduty.account.web_url = site.pagerduty.account.api_url
    connect(site.setup, site.pagerduty)
    with site.db.read() as tx:
        assert integrations.all_of(tx)[ACME].account_host.startswith("127.0.0.1:")
    authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"


def test_what_is_named_stands_in_its_place(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    assert application(site.setup, ACME, Named(secret=f"{OTHER}\n"), Place())[0] == Client(Kind.SCOPED, "C1", OTHER)
    assert application(site.setup, ACME, Named(kind="classic"), Place())[0].kind is Kind.CLASSIC
    assert application(site.setup, ACME, Named("C2", OTHER), Place())[0] == Client(Kind.SCOPED, "C2", OTHER)
    with pytest.raises(Misconfigured, match="no client id or no secret"):
        application(site.setup, ACME, Named("C2"), Place())


def test_the_secret_that_is_kept_is_sent_to_no_other_address(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    same = Place(identity=f"{site.pagerduty.account.api_url}/")
    assert application(site.setup, ACME, Named(), same)[0].secret == SECRET
    elsewhere = Place(identity="https://sign-in.test")
    for named in (Named(), Named("C1")):
        with pytest.raises(Misconfigured, match="never sent to a new address; give it again together with --sign-in"):
            application(site.setup, ACME, named, elsewhere)
    assert application(site.setup, ACME, Named(secret=OTHER), elsewhere)[0].secret == OTHER


def test_where_nothing_is_known_it_is_asked_for_in_one_sentence(site: Site) -> None:
    with pytest.raises(
        Misconfigured, match=r"^No application is named; register one .* client id .*--client-id.* and secret\.$"
    ):
        application(site.setup, ACME, Named(), Place())
    where = site.pagerduty.account.api_url
    add_pagerduty(site.setup, ACME, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)
    with pytest.raises(
        Misconfigured, match=r"^acme is not connected by OAuth, so no application is known; register one "
    ):
        application(site.setup, ACME, Named(secret=SECRET), Place())
    assert application(site.setup, ACME, Named("C1", SECRET), Place())[0] == Client(Kind.SCOPED, "C1", SECRET)


def test_what_cannot_be_opened_any_more_is_named_again(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    lost = replace(site.setup, vault=Vault(generate_key()))
    with pytest.raises(Misconfigured, match="bring it back, or name the application of acme again, by its client id"):
        application(lost, ACME, Named(), Place())
    assert application(lost, ACME, Named("C1", SECRET), Place())[0] == Client(Kind.SCOPED, "C1", SECRET)


@pytest.mark.parametrize("where", ["eu", "https://api.eu.pagerduty.com"])
def test_the_region_of_an_application_is_that_of_its_address(site: Site, where: str) -> None:
    it = wanted(site.setup, ACME, client_of("app", "C1", SECRET), Place(where, subdomain="acme"), terms=TERMS)
    assert it.account == "eu.acme"


def test_a_token_that_may_only_read_is_told_what_helps_there(site: Site) -> None:
    by_application(site)
    for key in site.pagerduty.account.keys.values():
        if key.scopes is not None:
            key.scopes = tuple(one for one in key.scopes if not one.endswith(".write"))
    says = (
        "^This OAuth token may only read .*; give the application write access .*`syncd integrations authorise acme`.$"
    )
    with pytest.raises(Misconfigured, match=says) as refused:
        accounts.check(site.setup, ACME)
    assert "API Access Keys" not in str(refused.value)
    assert "--read-only" not in str(refused.value)
    with site.db.read() as tx:
        it = integrations.all_of(tx)[ACME]
    with pytest.raises(ReadOnly, match=says):  # As a worker meets it, who asks whether its token may write at all.
        site.connections.system(it).check_writing(Trip.begin("t", site.clock.monotonic))
