"""An application registered at the simulated PagerDuty, and a browser that agrees there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import httpx

from syncd.connections.joining.setup import Setup
from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import Begun
from syncd.connections.oauth.wanted import Place, Wanted, wanted
from syncd.simulator import Simulator
from syncd.simulator.oauth import Client
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import NEEDED
from tests.parts.terms import TERMS

ACME, SECRET = "acme", "client-secret-of-acme-0000"
BACK = "https://syncd.test/oauth/callback"


def register(sim: Simulator, kind: str = "scoped", scopes: tuple[str, ...] = ()) -> None:
    allowed = scopes or (("read", "write") if kind == "classic" else NEEDED)
    sim.oauth.register(Client("C1", SECRET, kind, allowed, (BACK,)))


def asked(setup: Setup, sim: Simulator, kind: str = "scoped", **more: str) -> Wanted:
    terms = None if more.pop("is_agreed", "yes") == "no" else TERMS
    place = Place(sim.account.api_url, subdomain="simulated" if kind == "app" else "")
    client = oauth.client_of(kind, "C1", more.pop("secret", SECRET))
    return wanted(setup, more.pop("slug", ACME), client, place, by="Ana", terms=terms, email=more.pop("email", ""))


def begun(setup: Setup, sim: Simulator, kind: str = "scoped", **more: str) -> Begun:
    return authorising.begin(setup, asked(setup, sim, kind, **more), BACK)


def agreed(begun: Begun) -> Mapping[str, str]:
    """What the browser comes back with."""
    answer = httpx.get(begun.url, trust_env=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def connect(setup: Setup, sim: Simulator, kind: str = "scoped") -> str:
    register(sim, kind)
    authorising.finish(setup, agreed(begun(setup, sim, kind)))
    return ACME
