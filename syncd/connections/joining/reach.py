"""What a key of PagerDuty reaches: which account it is, what kind of key, and the user our writes are made as. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from syncd.connections.probes import connecting
from syncd.core.diagnostics import Subject
from syncd.errors import Misconfigured, ReadOnly, Refused
from syncd.store.integrations import CHOSEN_SENDER
from syncd.systems.http import Bearer, Http
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.account import KeyKind
from syncd.systems.trip import Trip

from . import pasted
from .setup import Setup


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
    is_only_read: bool = False  # then nobody has asked whether the key may write: that is asked by a write
    is_two_way: bool = False  # once it is stored: whether what happens there changes cases

    @property
    def kind(self) -> str:
        """What a person calls the key."""
        return f"{self.key} (only reading)" if self.is_only_read else str(self.key)

    @property
    def writer(self) -> str:
        return "nobody" if self.is_only_read else self.sender

    @property
    def told(self) -> Mapping[str, str]:
        return {
            "account": self.host,
            "region": self.region,
            "users": str(self.users),
            "services": str(self.services),
            "key": self.kind,
            "writes as": self.writer,
            "abilities": ", ".join(self.abilities),
        }


@dataclass(frozen=True, slots=True)
class At:
    """Where an account is asked, with which key, and as whom."""

    api_key: str | Bearer
    email: str
    where: str
    ca_file: str
    is_read_only: bool = False  # a key that may only read will do
    naming: str = "name one of its users by --email"  # what to do where there is no such user


def at_of(api_key: str, email: str, where: str, ca_file: str, *, is_read_only: bool) -> At:
    return At(pasted.rest_key(api_key), email.strip(), where, ca_file, is_read_only)


def diagnosed(setup: Setup, slug: str, at: At, worked: Collection[Subject] = ()) -> connecting.Found:
    """Before anything else is asked: which code it is that a key, or what it reaches, is refused with. `worked`: of a key that is in use
    already, what it could be asked for.
    """
    here = setup.http(at.api_key, at.email, at.where, at.ca_file, pays_as=slug)
    other = client.other_region(client.base_url(at.where))
    elsewhere = setup.http(at.api_key, at.email, other, at.ca_file) if other else None
    trip, is_by_oauth = setup.trip("connect"), not isinstance(at.api_key, str)
    return connecting.diagnose(here, elsewhere, trip, slug, worked, is_by_oauth=is_by_oauth)


@contextmanager
def by_code(slug: str, forbidden: str, *, is_by_oauth: bool = False) -> Iterator[None]:
    """What is refused is told by its code and cure; `forbidden` is the code of a 403."""
    try:
        yield
    except Refused as error:
        raise connecting.refused(error, slug, forbidden=forbidden, is_by_oauth=is_by_oauth) from error


def people_and_services(
    http: Http, trip: Trip, slug: str, *, is_by_oauth: bool = False
) -> tuple[KeyKind, account.User | None, Sequence[account.User], Sequence[account.Service]]:
    with by_code(slug, "PAG-101-A", is_by_oauth=is_by_oauth):
        kind, owner = account.whose_key(http, trip)
        users = account.list_users(http, trip)
    with by_code(slug, "SYN-PAG-SERVICES", is_by_oauth=is_by_oauth):
        services = account.list_services(http, trip)
    return kind, owner, users, services


def reach(setup: Setup, slug: str, at: At) -> tuple[Reached, account.User | None]:
    """What this key finds, and the user our writes are made as. None: it is only read, and nobody was named."""
    http = setup.http(at.api_key, at.email, at.where, at.ca_file, pays_as=slug)
    trip = setup.trip("connect")
    abilities = account.list_abilities(http, trip)
    is_by_oauth = not isinstance(at.api_key, str)
    kind, owner, users, services = people_and_services(http, trip, slug, is_by_oauth=is_by_oauth)
    sender = owner or _called(users, at)  # Of a personal key PagerDuty takes no other name.
    if not at.is_read_only:
        _refuse_reader(http, lambda: account.refuse_reader(http, trip, slug))
    reached = Reached(
        slug,
        kind,
        "" if sender is None else sender.email,
        len(services),
        _warnings(owner, sender, at),
        next((host for one in users if (host := client.account_of(one.page))), ""),
        client.region_of(client.base_url(at.where)),
        len(users),
        tuple(abilities),
        at.is_read_only,
    )
    return reached, sender


def _called(users: Sequence[account.User], at: At) -> account.User | None:
    if not at.email:
        if at.is_read_only:
            return None
        raise Misconfigured(
            "No user is named for our writes; name one of PagerDuty's by --email, or let the account only be read: --read-only."
        )
    sender = account.called(users, at.email)
    if sender is None:
        raise Misconfigured(
            f"PagerDuty has no user with the e-mail address {at.email}; {at.naming}.", explained_by="SYN-PAG-SENDER"
        )
    return sender


def _refuse_reader(http: Http, refuse_reader: Callable[[], None]) -> None:
    try:
        refuse_reader()
    except ReadOnly as error:
        fix = "" if http.has_bearer else ", or let the account only be read: --read-only"
        raise Misconfigured(f"{str(error).rstrip('.')}{fix}.", explained_by="SYN-PAG-READONLY") from error


def _warnings(owner: account.User | None, sender: account.User | None, at: At) -> tuple[str, ...]:
    """`owner`: of a personal key."""
    found = []
    if owner is not None and not isinstance(at.api_key, str):
        found.append(
            f"This token is {owner.name}'s: it ends with that user, and somebody has to agree again. An application's own does not."
        )
    elif owner is not None:
        found.append(f"This is {owner.name}'s personal key: it dies with that user. An account key does not.")
        if at.email and not at.is_read_only and at.email.casefold() != owner.email.casefold():
            found.append(
                f"Everything is written as {owner.email}, its owner; {at.email} is not used with a personal key."
            )
    if at.is_read_only:
        found.append("The account is only read: no incident is opened or changed by syncd.")
    elif sender is not None and not sender.can_respond:
        found.append(f"{sender.name} may not respond to incidents ({sender.role}); PagerDuty will refuse our writes.")
    return tuple(found)


def sent_as(sender: account.User | None, chosen: str) -> dict[str, str]:
    """`chosen`: by a person, also where the key writes as somebody else."""
    if sender is None:
        return {"from": "", "from_user_id": "", "from_name": "", CHOSEN_SENDER: chosen}
    return {"from": sender.email, "from_user_id": sender.id, "from_name": sender.name, CHOSEN_SENDER: chosen}
