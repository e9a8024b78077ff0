"""API tokens: made and shown once, known afterwards by a digest, scoped, expiring, revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.permissions import TOKEN_DAYS, Caller, Role
from syncd.credential import OUR_TOKEN
from syncd.errors import Conflict, Misconfigured, NotFound, Rejected
from syncd.flow.finding import counted
from syncd.store import api_tokens, integrations, users
from syncd.store.api_tokens import ApiToken
from syncd.store.database import Database, Tx

_FORM = re.compile(rf"{OUR_TOKEN}([0-9a-f]{{12}})_([\w-]{{43}})", re.ASCII)
USED_EVERY = timedelta(minutes=1)
SOON = timedelta(days=14)  # it is told beforehand that one ends
_NAME_MOST = 255


class NoEntry(Rejected):
    """This token opens nothing, and its sentence says why to whoever holds it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Issued:
    row: ApiToken
    token: str  # it is shown now, and known to nobody here afterwards


def issue(
    db: Database,
    *,
    name: str,
    role: Role,
    scope: Sequence[str],
    by: str,
    lasts: timedelta | None = timedelta(days=TOKEN_DAYS),
) -> Issued:
    """`lasts`: None is for ever, and somebody has said so."""
    name = name.strip()
    if not name or len(name) > _NAME_MOST or not name.isprintable():
        raise Misconfigured(f"A token's name has 1 to {_NAME_MOST} characters, all of them printable.")
    if lasts is not None and lasts <= timedelta(0):
        raise Misconfigured("A token expires in the future; write --expires 90d, or --expires never.")
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with db.write() as tx:
        now = db.now(tx)
        _require_free(tx, name)
        _require_known(tx, scope)
        until = None if lasts is None else now + lasts
        row = ApiToken(token_id, name, _digest(secret), role, tuple(dict.fromkeys(scope)), now, by, until)
        api_tokens.add(tx, row)
    return Issued(row, f"{OUR_TOKEN}{token_id}_{secret}")


def ends_soon(one: ApiToken, now: datetime) -> bool:
    """Of one that is still good: whoever uses it needs another by then."""
    return one.state(now) == "good" and one.expires_at is not None and one.expires_at - now <= SOON


def told_end(one: ApiToken) -> str:
    if one.expires_at is None:
        return f"{one.name} never expires: it opens until it is revoked (`syncd tokens revoke {one.id}`)."
    return f"{one.name} expires at {one.expires_at:%Y-%m-%d %H:%M} UTC; make another before that."


def _require_free(tx: Tx, name: str) -> None:
    """What is recorded under a name was done by one token or one person, also after it is gone."""
    if any(one.name == name for one in api_tokens.listing(tx)):
        raise Conflict(f"There is or was a token called {name}; give this one another name.")
    if users.get(tx, name) is not None:
        raise Conflict(f"{name} is a user of the console; give the token another name.")


def _require_known(tx: Tx, scope: Sequence[str]) -> None:
    for slug in sorted(set(scope)):
        if integrations.lock(tx, slug) is None:  # Nor is it removed until this token is kept.
            raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")


def without(slug: str, those: Sequence[ApiToken]) -> str:
    """What becomes of tokens for an account that goes, for whoever removes it."""
    ending = [one.name for one in those if one.integrations == (slug,)]
    narrowed = [one.name for one in those if one.integrations != (slug,)]
    said = [
        f" Revoked: {counted(len(ending), 'token', 'tokens')} for it alone ({', '.join(ending)})." if ending else "",
        f" No longer for it: {counted(len(narrowed), 'token', 'tokens')} ({', '.join(narrowed)})." if narrowed else "",
    ]
    return "".join(said)


def caller(db: Database, given: str) -> Caller:
    """Whose token this is. Raises NoEntry."""
    form = _FORM.fullmatch(given)
    if form is None:
        raise NoEntry("The bearer token is missing or wrong.")
    token_id, secret = form.groups()
    with db.read() as tx:
        found, now = api_tokens.get(tx, token_id), db.now(tx)
    # An id alone tells nobody whether there is such a token.
    if found is None or not hmac.compare_digest(_digest(secret), found.digest):
        raise NoEntry("The bearer token is missing or wrong.")
    state = found.state(now)
    if state == "revoked":
        raise NoEntry(f"The token {found.name} was revoked; ask an admin for another.", "SYN-API-REVOKED")
    if state == "expired":
        raise NoEntry(f"The token {found.name} has expired; ask an admin for another.", "SYN-API-EXPIRED")
    return Caller(found.name, Role(found.role), frozenset(found.integrations), token_id=token_id)


def note_use(db: Database, token_id: str) -> None:
    """In a transaction of its own, and written at most once a minute."""
    with db.read() as tx:
        found, now = api_tokens.get(tx, token_id), db.now(tx)
    if found is None or (found.last_used_at is not None and now - found.last_used_at < USED_EVERY):
        return
    with db.write() as tx:
        api_tokens.used(tx, token_id, now=now, unless_since=now - USED_EVERY)


def revoke(db: Database, reference: str, *, by: str) -> tuple[ApiToken, bool]:
    """The token, and whether this changed anything."""
    with db.write() as tx:
        found = api_tokens.meant(tx, reference)
        if found is None:
            raise NotFound(f"There is no token {reference}; see `syncd tokens list`.")
        is_changed = api_tokens.revoke(tx, found.id, by=by, now=db.now(tx))
        return api_tokens.get(tx, found.id) or found, is_changed


def _digest(secret: str) -> bytes:
    """32 random bytes cannot be guessed, however fast a guess is checked; a slow hash would only slow every request down."""
    return hashlib.sha256(secret.encode()).digest()
