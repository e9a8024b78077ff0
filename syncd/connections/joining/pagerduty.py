"""Connecting a PagerDuty account: what its key reaches, what kind of key it is, and the user our writes are made as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.core.changes import Side
from syncd.errors import Misconfigured
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.account import KeyKind

from . import pasted
from .renewed import Renewed
from .setup import WHERE_IS_GIVEN, Setup, absolute, named, talking


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found on the other side, for the person who connects it."""

    slug: str
    key: KeyKind
    sender: str
    services: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _At:
    """Where an account is asked, with which key, and as whom."""

    api_key: str
    email: str
    where: str
    ca_file: str


def add_pagerduty(
    setup: Setup, slug: str, *, api_key: str, email: str, where: str = "us", ca_file: str = ""
) -> Reached:
    slug = named(slug)
    setup.refuse_taken(slug)
    at = _at(api_key, email, where, absolute(ca_file))
    with talking(WHERE_IS_GIVEN):
        reached, sender = _reach(setup, slug, at)
    setup.store(
        slug,
        system="pagerduty",
        side=Side.INCIDENT,
        base_url=client.base_url(where),
        settings={**_sent_as(sender), "ca_file": at.ca_file},
        credentials={"api_key": at.api_key},
    )
    return reached


def renewed(setup: Setup, it: Integration, api_key: str, email: str) -> Renewed:
    """With another key, and with another user where one is named."""
    at = _at(api_key, email or it.settings["from"], it.base_url, it.settings.get("ca_file", ""))
    with talking():
        reached, sender = _reach(setup, it.slug, at)
    return Renewed({"api_key": at.api_key}, {**it.settings, **_sent_as(sender)}, reached.warnings)


def checked(setup: Setup, it: Integration) -> Mapping[str, str]:
    at = _at(setup.credentials(it)["api_key"], it.settings["from"], it.base_url, it.settings.get("ca_file", ""))
    with talking():
        reached, _ = _reach(setup, it.slug, at)
    warnings = {"mind": " ".join(reached.warnings)} if reached.warnings else {}
    return {"credential": "accepted", "services": str(reached.services), **warnings}


def _at(api_key: str, email: str, where: str, ca_file: str) -> _At:
    api_key, email = pasted.rest_key(api_key), email.strip()
    if not email:
        raise Misconfigured("No user is named for our writes; name one of PagerDuty's by --email.")
    return _At(api_key, email, where, ca_file)


def _reach(setup: Setup, slug: str, at: _At) -> tuple[Reached, account.User]:
    """What this key finds, and the user our writes are made as."""
    http, trip = setup.http(at.api_key, at.email, at.where, at.ca_file), setup.trip("connect")
    http.send(trip, "GET", "/abilities")
    kind, owner = account.whose_key(http, trip)
    sender = account.find_user(http, trip, at.email)
    if sender is None:
        raise Misconfigured(
            f"PagerDuty has no user with the e-mail address {at.email}; name one of its users by --email."
        )
    account.refuse_reader(http, trip)
    services = account.list_services(http, trip)
    return Reached(slug, kind, sender.email, len(services), _warnings(owner, sender)), sender


def _warnings(owner: account.User | None, sender: account.User) -> tuple[str, ...]:
    """`owner`: of a personal key."""
    found = []
    if owner is not None:
        found.append(f"This is {owner.name}'s personal key: it dies with that user. An account key does not.")
    if not sender.can_respond:
        found.append(f"{sender.name} may not respond to incidents ({sender.role}); PagerDuty will refuse our writes.")
    return tuple(found)


def _sent_as(sender: account.User) -> dict[str, str]:
    return {"from": sender.email, "from_user_id": sender.id, "from_name": sender.name}
