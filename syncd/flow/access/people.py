"""Console users: added, given another password, disabled. Whatever changes who may sign in ends the sessions there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from shlex import quote

import structlog

from syncd.core.permissions import Role
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store import api_tokens, users
from syncd.store.database import Database, Tx
from syncd.store.users import User

from .passwords import hashed, require_good

log = structlog.stdlib.get_logger()
_NAME_MOST = 255


@dataclass(frozen=True, slots=True)
class Checked:
    name: str
    password: str = field(repr=False)  # hashed


def checked(name: str, password: str) -> Checked:
    """Before a transaction: hashing takes its time."""
    name = name.strip()
    if not name or len(name) > _NAME_MOST or not name.isprintable():
        raise Misconfigured(f"A user's name has 1 to {_NAME_MOST} characters, all of them printable.")
    require_good(password)
    return Checked(name, hashed(password))


def add(db: Database, *, name: str, role: Role, password: str, by: str) -> User:
    new = checked(name, password)
    with db.write() as tx:
        return put(tx, new, role=role, by=by, now=db.now(tx))


def put(tx: Tx, new: Checked, *, role: Role, by: str, now: datetime) -> User:
    if users.get(tx, new.name) is not None:
        raise Conflict(
            f"There is a user called {new.name} already; `syncd users passwd {quote(new.name)}` gives another password."
        )
    if any(one.name == new.name for one in api_tokens.listing(tx)):
        raise Conflict(f"There is or was a token called {new.name}; give the user another name.")
    users.add(tx, name=new.name, role=role, password=new.password, by=by, now=now)
    return _required(tx, new.name)


def require(db: Database, name: str) -> None:
    """Before anybody is asked for a password."""
    with db.read() as tx:
        _required(tx, name)


def change_password(db: Database, name: str, password: str, *, by: str) -> User:
    """Who is signed in under this name is signed out."""
    require_good(password)
    kept = hashed(password)
    with db.write() as tx:
        _required(tx, name)
        changed = _changed(tx, name, kept, db.now(tx))
    log.info("user.password_changed", user=name, by=by)
    return changed


def change_own_password(db: Database, known: User, password: str) -> User | None:
    """`known`: as it was when its password was checked. None: that has been changed since, and what it proved counts no more.

    An admin who takes a stolen password away must not be overtaken by whoever has stolen it.
    """
    require_good(password)
    kept = hashed(password)
    with db.write() as tx:
        if not users.is_still(tx, known):
            return None
        changed = _changed(tx, known.name, kept, db.now(tx))
    log.info("user.password_changed", user=known.name, by=known.name)
    return changed


def _changed(tx: Tx, name: str, kept: str, now: datetime) -> User:
    users.change_password(tx, name, kept, now)
    users.end_sessions(tx, name)
    return _required(tx, name)


def disable(db: Database, name: str, *, by: str) -> tuple[User, bool]:
    """The user, and whether this changed anything."""
    with db.write() as tx:
        _required(tx, name)
        is_changed = users.disable(tx, name, by=by, now=db.now(tx))
        users.end_sessions(tx, name)
        return _required(tx, name), is_changed


def _required(tx: Tx, name: str) -> User:
    found = users.get(tx, name)
    if found is None:
        raise NotFound(f"There is no user called {name}; see `syncd users list`.")
    return found
