"""A user, as `GET /users` gives one. Addresses and numbers are never kept: contact methods are counted by their kind, and of the
address that a user signs in with a digest is kept, made with a key of the installation, so that lists of people can be compared.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .reading import Json, ids, kind, objects, text, text_or

ADMIN, OWNER = "admin", "owner"
KINDS = ("email", "phone", "sms", "push", "whatsapp")
DIGEST = "email_digest"  # under which it stands in what is kept
_KIND = {"push_notification": "push"}


@dataclass(frozen=True, slots=True)
class NotificationRule:
    kind: str  # by which kind of contact method; empty: not read
    urgency: str | None  # high or low; None: not read


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    role: str
    address: str = ""  # a digest; empty: it has none
    teams: tuple[str, ...] | None = ()
    contacts: Mapping[str, int] | None = field(default_factory=dict)  # how many of each kind; None: not read
    notified: tuple[NotificationRule, ...] | None = ()
    is_invited: bool | None = False  # the invitation is still open; None: not read


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the organisation's own list of people."""

    id: str  # the digest of an address


def digest(address: str, key: bytes) -> str:
    """The same for an address however it is written; without the key nobody finds out by trying."""
    return hmac.digest(key, address.strip().casefold().encode(), "sha256").hex()[:32]


def user_of(given: Json, key: bytes = b"") -> User:
    """`key`: where it still has its address. One that is kept has the digest in its place."""
    email = text_or(given, "email")
    invited = given.get("invitation_sent")
    return User(
        id=text(given, "id"),
        name=text_or(given, "name", text_or(given, "summary", text(given, "id"))),
        role=text(given, "role"),
        address=digest(email, key) if email else text_or(given, DIGEST),
        teams=ids(given, "teams"),
        contacts=_contacts(given),
        notified=_notified(given),
        is_invited=invited if isinstance(invited, bool) else None,
    )


def _contacts(given: Json) -> Mapping[str, int] | None:
    """A reference has the kind in its type, so that no address has to be asked for."""
    methods = objects(given, "contact_methods")
    return None if methods is None else dict(Counter(_kind(one) for one in methods))


def _kind(given: Json) -> str:
    found = kind(given, "_contact_method")
    return _KIND.get(found, found)


def _notified(given: Json) -> tuple[NotificationRule, ...] | None:
    rules = objects(given, "notification_rules")
    return None if rules is None else tuple(_rule(one) for one in rules)


def _rule(given: Json) -> NotificationRule:
    """A reference does not tell the urgency."""
    method = given.get("contact_method")
    return NotificationRule(
        kind=_kind(method) if isinstance(method, Mapping) else "",
        urgency=text(given, "urgency") if given.get("urgency") is not None else None,
    )
