"""By which application an account is connected: what a person does not name is that of an account which is connected by OAuth already."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from syncd.connections.grant import Grant, grant_of
from syncd.connections.joining.setup import Setup
from syncd.errors import Misconfigured, cause_of
from syncd.store import integrations
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import Client, Kind

from .wanted import Place

#: For whoever shows a person what there is to choose, and what the application needs.
KINDS, SCOPED, SCOPES = tuple(map(str, Kind)), str(Kind.SCOPED), oauth.NEEDED
_REGISTER = (
    "register one in PagerDuty under Integrations, App Registration, and give its client id (--client-id) and secret"
)


@dataclass(frozen=True, slots=True)
class Named:
    """As a person names it."""

    client_id: str = ""
    secret: str = field(default="", repr=False)
    kind: str = ""  # scoped, where nothing else is known


def application(setup: Setup, slug: str, named: Named, place: Place) -> tuple[Client, Place]:
    """The application, and where it is with what is known of that."""
    with setup.db.read() as tx:
        there = integrations.get(tx, slug.strip())
    named = replace(named, client_id=named.client_id.strip(), secret=named.secret.strip())
    before = _before(setup, there, named)
    if before is not None and named.client_id in {"", before.client.id}:
        return _again(there, before, named, place)
    if not named.client_id:
        raise Misconfigured(_nobody(slug, there))
    known = "" if before is None else before.account
    return oauth.client_of(named.kind or Kind.SCOPED, named.client_id, named.secret), _at(place, known)


def _before(setup: Setup, there: Integration | None, named: Named) -> Grant | None:
    """What it is connected with. That cannot be opened where its master key is lost; whoever names all of it needs it for nothing."""
    if there is None or not there.is_by_oauth:
        return None
    if named.client_id and named.secret:
        with suppress(Misconfigured):
            return grant_of(setup.credentials(there))
        return None
    try:
        return grant_of(setup.credentials(there))
    except Misconfigured as error:
        raise Misconfigured(
            f"{cause_of(str(error))}; bring it back, or name the application of {there.slug} again, by its client id (--client-id) and "
            "its secret."
        ) from error


def _again(there: Integration | None, before: Grant, named: Named, place: Place) -> tuple[Client, Place]:
    was = "" if there is None else str(there.settings.get("identity", ""))
    asked = place.identity.strip().rstrip("/")
    if not named.secret and asked and asked != was.rstrip("/"):
        raise Misconfigured(
            "The client secret that is kept is never sent to a new address; give it again together with --sign-in, as a file or in "
            "SYNCD_SECRET."
        )
    kind, secret = named.kind or before.client.kind, named.secret or before.client.secret
    return oauth.client_of(kind, before.client.id, secret), _at(place, before.account)


def _at(place: Place, known: str) -> Place:
    """`known`: like us.acme."""
    return replace(place, subdomain=place.subdomain.strip() or known.partition(".")[2])


def _nobody(slug: str, there: Integration | None) -> str:
    if there is None:
        return f"No application is named; {_REGISTER}."
    return f"{slug} is not connected by OAuth, so no application is known; {_REGISTER}."
