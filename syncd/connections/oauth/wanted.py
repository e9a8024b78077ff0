"""What is to be connected, and by which application; between the two halves of an authorisation it is one sealed dict of strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.connections.joining.pasted import refuse_misplaced
from syncd.connections.joining.setup import Setup, absolute, named
from syncd.connections.joining.terms import Terms
from syncd.errors import Conflict, Misconfigured
from syncd.store import integrations
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import client as rest
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import Client, Kind, Purpose


@dataclass(frozen=True, slots=True)
class Wanted:
    slug: str
    client: Client
    where: str  # the REST API's address
    identity: str  # the authorisation server's
    email: str = ""
    ca_file: str = ""
    account: str = ""  # of an application: us.acme
    by: str = ""
    redirect: str = ""  # where the person's browser is sent back to
    verifier: str = field(default="", repr=False)
    terms: Terms | None = None  # None: the account is there already, and stays on its own
    purpose: Purpose = oauth.SYNC

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is asked for."""
        return self.client.kind.asks(self.purpose)

    @property
    def is_application(self) -> bool:
        """It connects by its own secret, and nobody has to agree."""
        return self.client.kind is Kind.APP

    def sealable(self) -> dict[str, str]:
        return {
            "kind": str(self.client.kind),
            "client_id": self.client.id,
            "client_secret": self.client.secret,
            "where": self.where,
            "identity": self.identity,
            "email": self.email,
            "ca_file": self.ca_file,
            "by": self.by,
            "redirect": self.redirect,
            "verifier": self.verifier,
            "purpose": " ".join(_words(self.purpose)),
            **_kept(self.terms),
        }

    @classmethod
    def opened(cls, slug: str, kept: Mapping[str, str]) -> Wanted:
        client = Client(Kind(kept["kind"]), kept["client_id"], kept["client_secret"])
        names = ("where", "identity", "email", "ca_file", "by", "redirect", "verifier")
        said = kept.get("purpose", "").split()  # The release before wrote none.
        purpose = Purpose(_READS in said, _PROVES in said)
        return cls(slug, client, **{name: kept[name] for name in names}, terms=_read(kept), purpose=purpose)


_READS, _PROVES = "read_only", "evidence"


def _words(purpose: Purpose) -> list[str]:
    words = {_READS: purpose.is_read_only, _PROVES: purpose.has_evidence}
    return [word for word, holds in words.items() if holds]


def _kept(terms: Terms | None) -> dict[str, str]:
    """Who begins an authorisation has consented; without that it is not begun."""
    if terms is None:
        return {}
    return {"sync": "two-way" if terms.is_two_way else "one-way", "consents": terms.by}


def _read(kept: Mapping[str, str]) -> Terms | None:
    if "sync" not in kept:
        return None
    is_read_only = _READS in kept.get("purpose", "").split()
    return Terms(kept["consents"], has_consented=True, is_two_way=kept["sync"] == "two-way", is_read_only=is_read_only)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account is, as a person says it."""

    where: str = ""  # us, eu, an address, or nothing
    identity: str = ""
    ca_file: str = ""
    subdomain: str = ""


def wanted(
    setup: Setup,
    slug: str,
    client: Client,
    place: Place,
    *,
    email: str = "",
    by: str = "",
    terms: Terms | None = None,
) -> Wanted:
    """An account that is there already is connected anew, where it is: another address would be another account."""
    refuse_misplaced(client.secret, name=slug, e_mail_address=email, region=place.where, subdomain=place.subdomain)
    slug, there = named(slug), _there(setup, slug)
    if there is None:
        (terms or Terms(by, has_consented=False, is_two_way=False)).refuse_without_consent()
    where = rest.base_url(place.where) if place.where or there is None else there.base_url
    if there is not None and where != rest.base_url(there.base_url):
        raise Conflict(f"{slug} is at {there.base_url}; leave --where out, or give this account a name of its own.")
    settings: Mapping[str, str] = {} if there is None else there.settings
    identity = place.identity or settings.get("identity", "") or oauth.identity_of(_as_said(where))
    return Wanted(
        slug,
        client,
        where,
        identity,
        email.strip() or (_sender(there) if client.kind is Kind.APP else ""),
        absolute(place.ca_file) or settings.get("ca_file", ""),
        _account(client, _region_of(where), place.subdomain),
        by,
        terms=terms if there is None else None,
        purpose=_purpose(there, terms),
    )


def _sender(there: Integration | None) -> str:
    """An application writes as whoever was chosen, or as whoever it is by now."""
    return "" if there is None else there.chosen_sender or there.writes_as


def _purpose(there: Integration | None, terms: Terms | None) -> Purpose:
    """One that is added to be read only is added for evidence."""
    if there is not None:
        return Purpose(there.is_read_only, there.gives_evidence)
    is_read_only = terms is not None and terms.is_read_only
    return Purpose(is_read_only, is_read_only)


def _there(setup: Setup, slug: str) -> Integration | None:
    with setup.db.read() as tx:
        there = integrations.get(tx, slug)
    if there is not None and there.system != "pagerduty":
        raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
    return there


def _region_of(where: str) -> str:
    return next((region for region, url in rest.REGIONS.items() if url == where), "us")


def _as_said(where: str) -> str:
    """PagerDuty's own addresses have one authorisation server for all of them."""
    return "" if where in rest.REGIONS.values() else where


def _account(client: Client, region: str, subdomain: str) -> str:
    if client.kind is not Kind.APP:
        return ""
    if not subdomain.strip():
        raise Misconfigured(
            "An application acts in one account; name its subdomain by --subdomain, acme of acme.pagerduty.com."
        )
    return f"{region}.{subdomain.strip().partition('.')[0].lower()}"
