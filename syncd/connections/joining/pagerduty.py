"""Connecting a PagerDuty account: what its key reaches, what kind of key it is, and the user our writes are made as."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from syncd.connections.probes import connecting
from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.core.diagnostics import Subject
from syncd.errors import Misconfigured, ReadOnly, Refused
from syncd.store import diagnoses
from syncd.store.integrations import Integration
from syncd.systems.http import Bearer
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.account import KeyKind

from . import acting, pasted
from .history import begun, only_asked
from .renewed import Renewed
from .setup import WHERE_IS_GIVEN, Setup, absolute, named, refuse_same_account, talking
from .terms import Joined, Terms

_OF_OAUTH = {"auth", "identity"}  # settings that an account connected by a key has not


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found on the other side, for the person who connects it."""

    slug: str
    key: KeyKind
    sender: str
    services: int
    warnings: tuple[str, ...] = ()
    host: str = ""  # acme.pagerduty.com
    region: str = ""
    users: int = 0
    abilities: tuple[str, ...] = ()
    may_write: bool = True

    @property
    def kind(self) -> str:
        """What a person calls the key."""
        return str(self.key) if self.may_write else "read-only"

    @property
    def told(self) -> Mapping[str, str]:
        return {
            "account": self.host,
            "region": self.region,
            "users": str(self.users),
            "services": str(self.services),
            "key": self.kind,
            "writes as": self.sender,
            "abilities": ", ".join(self.abilities),
        }


@dataclass(frozen=True, slots=True)
class _At:
    """Where an account is asked, with which key, and as whom."""

    api_key: str | Bearer
    email: str
    where: str
    ca_file: str
    is_read_only: bool = False  # a key that may only read will do
    naming: str = "name one of its users by --email"  # what to do where there is no such user


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
    at = _At(pasted.rest_key(api_key), "", where, absolute(ca_file))
    with only_asked(setup, slug, Kind.INITIATED, by):
        return _seen(setup, slug, at)


def _seen(setup: Setup, slug: str, at: _At) -> Seen:
    _diagnosed(setup, slug, at)
    with talking(WHERE_IS_GIVEN):
        http, trip = setup.http(at.api_key, "", at.where, at.ca_file, pays_as=slug), setup.trip("connect")
        kind, owner = account.whose_key(http, trip)
        users, services = account.list_users(http, trip), account.list_services(http, trip)
    host = next((found for one in users if (found := client.account_of(one.page))), "")
    with setup.db.read() as tx:
        refuse_same_account(tx, slug, host)
    region = client.region_of(client.base_url(at.where))
    return Seen(host, region, str(kind), users, services, "" if owner is None else owner.email)


def add_pagerduty(
    setup: Setup, slug: str, *, api_key: str, email: str, terms: Terms, where: str = "us", ca_file: str = ""
) -> Reached:
    slug = named(slug)
    setup.refuse_taken(slug)
    terms.refuse_without_consent()
    at = _at(api_key, email, where, absolute(ca_file), is_read_only=terms.is_read_only)
    with begun(setup, slug, Kind.INITIATED, terms.by):
        found = _diagnosed(setup, slug, at)
        with talking(WHERE_IS_GIVEN):
            reached, sender = _reach(setup, slug, at)
        acts_as = acting.setting(reached.key, is_on=terms.acts_as_person)
        setup.store(
            slug,
            system="pagerduty",
            side=Side.INCIDENT,
            base_url=client.base_url(where),
            settings={**_sent_as(sender), "ca_file": at.ca_file, **acts_as},
            credentials={"api_key": pasted.rest_key(api_key)},
            joined=Joined(terms.by, reached.host, f"{reached.host} ({reached.region}), {reached.kind} key.", terms),
        )
    with setup.db.write() as tx:
        found.keep(tx, slug, setup.db.now(tx))
    return replace(reached, warnings=(*reached.warnings, *found.warnings))


def _diagnosed(setup: Setup, slug: str, at: _At, worked: Collection[Subject] = ()) -> connecting.Found:
    """Before anything else is asked: which code it is that a key, or what it reaches, is refused with. `worked`: of a key that is in use
    already, what it could be asked for.
    """
    here = setup.http(at.api_key, at.email, at.where, at.ca_file, pays_as=slug)
    other = client.other_region(client.base_url(at.where))
    elsewhere = setup.http(at.api_key, at.email, other, at.ca_file) if other else None
    return connecting.diagnose(here, elsewhere, setup.trip("connect"), slug, worked)


def renewed(setup: Setup, it: Integration, api_key: str, email: str) -> Renewed:
    """With another key, and with another user where one is named."""
    at = replace(_of(it, api_key), email=email.strip() or it.settings["from"])
    found = _diagnosed(setup, it.slug, at)
    with talking():
        reached, sender = _reach(setup, it.slug, at)
    acts_as, given_up = acting.after(it, reached.key)
    no_oauth = dict.fromkeys(_OF_OAUTH & it.settings.keys(), "")
    return Renewed(
        {"api_key": pasted.rest_key(api_key)},
        {**no_oauth, **_sent_as(sender), **acts_as},
        (*reached.warnings, *given_up, *found.warnings),
        reached.host,
    )


def checked(setup: Setup, it: Integration) -> Mapping[str, str]:
    ca_file = it.settings.get("ca_file", "")
    credential = setup.credential(it)
    by_key, by_oauth = (
        f"`syncd integrations set {it.slug} --email ADDRESS`",
        f"`syncd integrations authorise {it.slug}`",
    )
    naming = f"name another by {by_key if isinstance(credential, str) else by_oauth}"
    at = _At(credential, it.settings["from"], it.base_url, ca_file, it.is_read_only, naming)
    with setup.db.read() as tx:
        worked = connecting.worked(tx, it.slug)
    try:
        found = _diagnosed(setup, it.slug, at, worked)
        with talking():
            reached, _ = _reach(setup, it.slug, at)
    except (Misconfigured, Refused):
        _doubt(setup, it.slug)
        raise
    setup.learn(it, reached.host)
    acts_as = {"acts as": f"the person who made the change; {it.settings['from']} where that cannot be"}
    mind = (*reached.warnings, *found.warnings)
    if found.warnings:
        _doubt(setup, it.slug)
    warnings = {"mind": " ".join(mind)} if mind else {}
    return {"credential": "accepted", **reached.told, **(acts_as if it.acts_as_person else {}), **warnings}


def _doubt(setup: Setup, slug: str) -> None:
    """Whoever tests an account only asks: a worker asks again within a minute, and tells and holds what has to be."""
    with setup.db.write() as tx:
        diagnoses.hasten(tx, slug, setup.db.now(tx))


def reached_by(
    setup: Setup, slug: str, bearer: Bearer, *, email: str, where: str, ca_file: str
) -> tuple[Reached, Mapping[str, str]]:
    """By an OAuth token: what it finds, and the settings that name who our writes are made as. A person's makes them as that person."""
    with talking(WHERE_IS_GIVEN):
        http = setup.http(bearer, "", where, ca_file, pays_as=slug)
        _, owner = account.whose_key(http, setup.trip("connect"))
        if owner is not None and email and email.strip().casefold() != owner.email.casefold():
            raise Misconfigured(
                f"{owner.email} has agreed, and writes are made as whoever agreed; leave --email out, or agree as {email}."
            )
        if owner is None and not email:
            raise Misconfigured("No user is named for our writes; name one of PagerDuty's by --email.")
        reached, sender = _reach(setup, slug, _At(bearer, owner.email if owner else email.strip(), where, ca_file))
    return reached, _sent_as(sender)


def _of(it: Integration, api_key: str) -> _At:
    ca_file = it.settings.get("ca_file", "")
    return _at(api_key, it.settings["from"], it.base_url, ca_file, is_read_only=it.is_read_only)


def _at(api_key: str, email: str, where: str, ca_file: str, *, is_read_only: bool) -> _At:
    api_key, email = pasted.rest_key(api_key), email.strip()
    if not email:
        raise Misconfigured("No user is named for our writes; name one of PagerDuty's by --email.")
    return _At(api_key, email, where, ca_file, is_read_only)


def _reach(setup: Setup, slug: str, at: _At) -> tuple[Reached, account.User]:
    """What this key finds, and the user our writes are made as."""
    http = setup.http(at.api_key, at.email, at.where, at.ca_file, pays_as=slug)
    trip = setup.trip("connect")
    abilities = account.list_abilities(http, trip)
    kind, owner = account.whose_key(http, trip)
    users = account.list_users(http, trip)
    sender = owner or account.called(users, at.email)  # Of a personal key PagerDuty takes no other name.
    if sender is None:
        raise Misconfigured(
            f"PagerDuty has no user with the e-mail address {at.email}; {at.naming}.", explained_by="SYN-PAG-SENDER"
        )
    may_write = _may_write(lambda: account.refuse_reader(http, trip), is_reading_enough=at.is_read_only)
    reached = Reached(
        slug,
        kind,
        sender.email,
        len(account.list_services(http, trip)),
        _warnings(owner, sender, at, may_write=may_write),
        client.account_of(sender.page),
        client.region_of(client.base_url(at.where)),
        len(users),
        tuple(abilities),
        may_write,
    )
    return reached, sender


def _may_write(refuse_reader: Callable[[], None], *, is_reading_enough: bool) -> bool:
    try:
        refuse_reader()
    except ReadOnly as error:
        if is_reading_enough:
            return False
        fix = "or let the account only be read: --read-only"
        raise Misconfigured(f"{str(error).rstrip('.')}, {fix}.", explained_by="SYN-PAG-READONLY") from error
    return True


def _warnings(owner: account.User | None, sender: account.User, at: _At, *, may_write: bool) -> tuple[str, ...]:
    """`owner`: of a personal key."""
    found = []
    if owner is not None and not isinstance(at.api_key, str):
        found.append(
            f"This token is {owner.name}'s: it ends with that user, and somebody has to agree again. An application's own does not."
        )
    elif owner is not None:
        found.append(f"This is {owner.name}'s personal key: it dies with that user. An account key does not.")
        if at.email.casefold() != owner.email.casefold():
            found.append(
                f"Everything is written as {owner.email}, its owner; {at.email} is not used with a personal key."
            )
    if not sender.can_respond:
        found.append(f"{sender.name} may not respond to incidents ({sender.role}); PagerDuty will refuse our writes.")
    if at.is_read_only:
        which = "could be written to with this key" if may_write else "cannot be written to with this key"
        found.append(f"The account is only read, and {which}: no incident is opened or changed by syncd.")
    return tuple(found)


def _sent_as(sender: account.User) -> dict[str, str]:
    return {"from": sender.email, "from_user_id": sender.id, "from_name": sender.name}
