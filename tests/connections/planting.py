"""Accounts whose credentials can be looked for afterwards: one by a service key, and one that a person agreed to by OAuth."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import httpx

from syncd.connections.grant import grant_of
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.connections.oauth import authorising
from syncd.connections.oauth.wanted import Place, wanted
from syncd.simulator import KEYS
from syncd.simulator.oauth import Client
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import NEEDED
from tests.parts.terms import TERMS

PAGER, AGREED = "pager", "agreed"
BACK = "https://syncd.test/oauth/callback"
CLIENT = Client("C-planted", "planted-client-secret-4711", "scoped", NEEDED, (BACK,))


def a_service_key(setup: Setup, url: str, cases: str = "cases") -> Mapping[str, str]:
    add_service_key(setup, PAGER, key=KEYS.payments, service_name="Payments", case_system=cases, where=url)
    return {"service key": KEYS.payments}


def an_agreed_account(setup: Setup, url: str) -> Mapping[str, str]:
    """CLIENT is registered over there already."""
    client = oauth.client_of(CLIENT.kind, CLIENT.id, CLIENT.secret)
    begun = authorising.begin(setup, wanted(setup, AGREED, client, Place(url), by="Ana", terms=TERMS), BACK)
    came = httpx.get(begun.url, trust_env=False).headers["location"]
    authorising.finish(setup, dict(parse_qsl(urlsplit(came).query)))
    return tokens_of(setup)


def tokens_of(setup: Setup) -> Mapping[str, str]:
    grant = grant_of(setup.credentials(setup.integration(AGREED)))
    assert grant is not None
    return {"client secret": CLIENT.secret, "access token": grant.access, "refresh token": grant.refresh}
