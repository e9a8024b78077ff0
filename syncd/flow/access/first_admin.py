"""The first admin comes in by a link that is printed on the machine itself: once, within a day, and only while there is no admin."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.core.deeds import FIRST_ADMIN, Deed, End, KnownAs, Way
from syncd.core.permissions import Role
from syncd.errors import Conflict, NotFound
from syncd.store import actions, first_admin_links, users
from syncd.store.database import Database, Tx
from syncd.store.users import User

from . import people

LASTS = timedelta(hours=24)
PATH = "/first-admin"
#: Nobody learns from it whether there ever was such a link.
_NO_SUCH = "This link opens nothing: it was used, is older than a day, or another has taken its place. `syncd users link` makes one."


@dataclass(frozen=True, slots=True)
class Link:
    address: str = field(repr=False)  # it is shown now, and known to nobody here afterwards
    until: datetime


def link(db: Database, site: str, *, by: str) -> Link:
    """Raises Conflict where there is an admin."""
    secret = secrets.token_urlsafe(32)
    with db.write() as tx:
        _refuse_second(tx)
        now = db.now(tx)
        first_admin_links.replace(tx, _digest(secret), by=by, now=now, until=now + LASTS)
    return Link(f"{site}{PATH}?link={secret}", now + LASTS)


def is_wanted(db: Database) -> bool:
    with db.read() as tx:
        return _admin(tx) is None


def require_good(db: Database, secret: str) -> None:
    """Raises NotFound, or Conflict where somebody was faster."""
    with db.read() as tx:
        _require_good(tx, secret, db.now(tx))


def take(db: Database, secret: str, *, name: str, password: str) -> User:
    """The admin. What is typed is checked before anything is hashed, and again when it is stored."""
    require_good(db, secret)
    checked = people.checked(name, password)
    with db.write() as tx:
        now = db.now(tx)
        digest = _require_good(tx, secret, now)
        if not first_admin_links.take(tx, digest):
            raise NotFound(_NO_SUCH)
        made = people.put(tx, checked, role=Role.ADMIN, by="a link for the first admin", now=now)
        first_admin_links.forget(tx)
        # In the very transaction that makes it.
        deed = Deed(made.name, KnownAs.USER, Way.CONSOLE, FIRST_ADMIN, f"POST {PATH}", {"name": made.name})
        actions.add(tx, deed, now, End.DONE, 303, "")
    return made


def _require_good(tx: Tx, secret: str, now: datetime) -> str:
    given = _digest(secret)
    found = [one for one in first_admin_links.standing(tx, now) if hmac.compare_digest(one.digest, given)]
    if not found:
        raise NotFound(_NO_SUCH)
    _refuse_second(tx)
    return found[0].digest


def _refuse_second(tx: Tx) -> None:
    there = _admin(tx)
    if there is not None:
        raise Conflict(
            f"There is an admin already, {there.name}; whoever else is to come in is added in Settings, or by `syncd users add`."
        )


def _admin(tx: Tx) -> User | None:
    return next((one for one in users.listing(tx) if one.role == Role.ADMIN and one.disabled_at is None), None)


def _digest(secret: str) -> str:
    """32 random bytes cannot be guessed, however fast a guess is checked."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
