"""Which credential an account is used with is told by four characters at most, and always of the one that is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.connections import in_use
from syncd.connections.joining.accounts import check, rotate
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.changing import move
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.connections.oauth import authorising
from syncd.errors import Misconfigured
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.simulator.casedesk import CaseDesk
from syncd.simulator.oauth import Client
from syncd.store import integrations
from syncd.store.integrations import IN_USE
from syncd.systems.pagerduty.oauth import NEEDED
from tests.connections.oauth_site import BACK, SECRET, agreed, connect
from tests.connections.oauth_site import begun as begun_by_oauth
from tests.connections.site import ACME, Site

OTHER = "u+another-key-of-4711"
DIGITS = st.text("0123456789", max_size=40)
AT = "2026-11-21T12:00:00+00:00"


def by_oauth(client_id: str, secret: str) -> Mapping[str, str]:
    return {
        "auth": "scoped",
        "client_id": client_id,
        "client_secret": secret,
        "account": "",
        "access_token": secret[::-1],
        "refresh_token": f"{secret}{client_id}",
        "obtained_at": AT,
        "expires_at": AT,
        "scope": "",
    }


def give(pagerduty: Simulator, secret: str) -> None:
    """Another key of the account; those there are end alike."""
    pagerduty.account.keys[secret] = replace(pagerduty.account.keys[KEYS.full], secret=secret)


def which(setup: Setup, slug: str) -> str:
    """And that it is of what is sealed."""
    it = setup.integration(slug)
    assert it.in_use == in_use.told(setup.credentials(it))
    return it.in_use


@given(secret=DIGITS, other=DIGITS)
def test_no_more_than_four_characters_are_ever_told(secret: str, other: str) -> None:
    for credentials in ({"api_key": secret}, {"routing_key": secret}, {"token": secret}, by_oauth(other, secret)):
        told = in_use.told(credentials)
        shown = "".join(one for one in told if one.isdigit())
        whose = other if "auth" in credentials else secret
        assert shown in {"", whose[-4:]}
        assert shown == "" or len(whose) >= 16, "four characters of a short one would be much of it"


def test_it_follows_every_other_credential(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    assert which(setup, acme) == f"API key …{KEYS.full[-4:]}"
    give(pagerduty, OTHER)
    rotate(setup, acme, OTHER)
    assert which(setup, acme) == "API key …4711"
    move(setup, acme, pagerduty.account.api_url.replace("127.0.0.1", "localhost"), KEYS.full)
    assert which(setup, acme) == f"API key …{KEYS.full[-4:]}"
    add_service_key(
        setup, "pager", key=KEYS.payments, service_name="P", case_system="cases", where=pagerduty.account.api_url
    )
    assert which(setup, "pager") == f"service key …{KEYS.payments[-4:]}"


def test_a_case_desk_has_a_token(setup: Setup, desk: CaseDesk) -> None:
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    assert which(setup, "desk") in {f"token …{desk.token[-4:]}", "token …"}


def test_of_oauth_it_is_the_application(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    assert which(site.setup, ACME) == "OAuth (scoped), client …", "its id is short here"
    rotate(site.setup, ACME, KEYS.full, email=BOT_EMAIL)
    assert which(site.setup, ACME) == f"API key …{KEYS.full[-4:]}"
    site.pagerduty.oauth.register(Client("C1", SECRET, "scoped", NEEDED, (BACK,)))
    authorising.finish(site.setup, agreed(begun_by_oauth(site.setup, site.pagerduty)))
    assert which(site.setup, ACME) == "OAuth (scoped), client …"


@pytest.mark.parametrize("is_refused", [False, True])
def test_one_that_an_earlier_release_stored_is_told_once_it_was_tested(
    setup: Setup, acme: str, pagerduty: Simulator, *, is_refused: bool
) -> None:
    with setup.db.write() as tx:
        it = setup.integration(acme)
        integrations.configure(tx, acme, {name: one for name, one in it.settings.items() if name != IN_USE})
    assert setup.integration(acme).in_use == ""
    if is_refused:
        pagerduty.people.revoke(KEYS.full)
        with pytest.raises(Misconfigured, match="PAG-100-B"):
            check(setup, acme)
    else:
        assert list(check(setup, acme).items())[1] == ("in use", f"API key …{KEYS.full[-4:]}")
    assert which(setup, acme) == f"API key …{KEYS.full[-4:]}"
