"""Connecting a PagerDuty account: looked at, and stored once everything was asked, by a key or an OAuth token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.errors import Misconfigured
from syncd.systems.http import Bearer
from syncd.systems.pagerduty import account, client

from . import acting, pasted
from .history import begun, only_asked
from .reach import At, Reached, at_of, by_code, diagnosed, people_and_services, reach, sent_as
from .setup import WHERE_IS_GIVEN, Setup, absolute, named, refuse_same_account, talking
from .terms import Joined, Terms


@dataclass(frozen=True, slots=True)
class Seen:
    """What a key shows before anybody has decided anything."""

    host: str
    region: str
    kind: str
    users: Sequence[account.User]
    services: Sequence[account.Service]
    owner: str = ""  # of a personal key: the e-mail address of the user everything is written as

    @property
    def says(self) -> str:
        return f"Reached {self.host} ({self.region}). Users: {len(self.users)}; services: {len(self.services)}; key: {self.kind}."


def look(setup: Setup, slug: str, *, api_key: str, where: str, ca_file: str = "", by: str = "") -> Seen:
    """No account is stored; raises as connecting it would, and leaves the same in the connection log."""
    pasted.refuse_misplaced(api_key, name=slug, region=where)
    at = At(pasted.rest_key(api_key), "", where, absolute(ca_file))
    with only_asked(setup, slug, Kind.INITIATED, by):
        return _seen(setup, slug, at)


def _seen(setup: Setup, slug: str, at: At) -> Seen:
    diagnosed(setup, slug, at)
    with talking(WHERE_IS_GIVEN):
        http, trip = setup.http(at.api_key, "", at.where, at.ca_file, pays_as=slug), setup.trip("connect")
        kind, owner, users, services = people_and_services(http, trip, slug)
    host = next((found for one in users if (found := client.account_of(one.page))), "")
    with setup.db.read() as tx:
        refuse_same_account(tx, slug, host)
    region = client.region_of(client.base_url(at.where))
    return Seen(host, region, str(kind), users, services, "" if owner is None else owner.email)


def add_pagerduty(
    setup: Setup, slug: str, *, api_key: str, email: str, terms: Terms, where: str = "us", ca_file: str = ""
) -> Reached:
    pasted.refuse_misplaced(api_key, name=slug, e_mail_address=email, region=where)
    slug = named(slug)
    setup.refuse_taken(slug)
    terms.refuse_without_consent()
    at = at_of(api_key, email, where, absolute(ca_file), is_read_only=terms.is_read_only)
    with begun(setup, slug, Kind.INITIATED, terms.by):
        found = diagnosed(setup, slug, at)
        with talking(WHERE_IS_GIVEN):
            reached, sender = reach(setup, slug, at)
        acts_as = acting.setting(reached.key, is_on=terms.acts_as_person)
        setup.store(
            slug,
            system="pagerduty",
            side=Side.INCIDENT,
            base_url=client.base_url(where),
            settings={**sent_as(sender, at.email), "ca_file": at.ca_file, **acts_as},
            credentials={"api_key": pasted.rest_key(api_key)},
            joined=Joined(terms.by, reached.host, f"{reached.host} ({reached.region}), {reached.kind} key.", terms),
        )
    with setup.db.write() as tx:
        found.keep(tx, slug, setup.db.now(tx))
    return replace(reached, warnings=(*reached.warnings, *found.warnings))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an account is asked by a token, and whether it is to be read only."""

    where: str
    ca_file: str
    is_read_only: bool = False


def reached_by(
    setup: Setup, slug: str, bearer: Bearer, placed: Placed, *, email: str
) -> tuple[Reached, Mapping[str, str]]:
    """By an OAuth token: what it finds, and the settings that name who our writes are made as. A person's makes them as that person."""
    with talking(WHERE_IS_GIVEN):
        http = setup.http(bearer, "", placed.where, placed.ca_file, pays_as=slug)
        with by_code(slug, "PAG-101-A", is_by_oauth=True):
            _, owner = account.whose_key(http, setup.trip("connect"))
        if owner is not None and email and email.strip().casefold() != owner.email.casefold():
            raise Misconfigured(
                f"{owner.email} has agreed, and writes are made as whoever agreed; leave --email out, or agree as {email}."
            )
        if owner is None and not email and not placed.is_read_only:
            raise Misconfigured(
                "No user is named for our writes; name one of PagerDuty's by --email, or let the account only be read: --read-only."
            )
        named = owner.email if owner else email.strip()
        at = At(bearer, named, placed.where, placed.ca_file, is_read_only=placed.is_read_only)
        reached, sender = reach(setup, slug, at)
    return reached, sent_as(sender, email.strip())
