"""Signing in with a name and a password: slowed after failures, and the same to everybody who fails, in words and in time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from syncd.core.permissions import Caller, Role
from syncd.errors import Rejected
from syncd.store import failed_sign_ins, signed_out, users
from syncd.store.database import Database
from syncd.store.failed_sign_ins import Failures
from syncd.store.users import User

from .passwords import NOBODYS, fits

log = structlog.stdlib.get_logger()

REMEMBERED = timedelta(minutes=15)
#: So many cost nothing: people mistype, and behind one address there may be an office.
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 30
LONGEST_S = 60.0  # slowed and never locked out: else anybody who knows a name could lock its owner out


class NotNow(Rejected):
    """Too many have failed; it is worth trying again after so many seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Attempt:
    """Counted as failed before it is tried: a hundred at once would else all be tried before the first is counted."""

    subject: str
    address: str


def begin(db: Database, name: str, address: str, counted_as: str = "") -> Attempt:
    """Raises NotNow. `name` is whatever was typed; it may be a password in the wrong field, so only its digest is kept.

    Counted by name and address together: else anybody who knows a name could keep its owner out from anywhere. `counted_as` is who
    has proved something before, a browser or a session: it has a count of its own, which nobody else can use up.
    """
    address = address[:255]
    attempt = Attempt(_digest(f"own:{counted_as}" if counted_as else f"stranger:{address}:{name}"), address)
    with db.write() as tx:
        failed_sign_ins.hold(tx)
        now = db.now(tx)
        failed_sign_ins.forget(tx, now - REMEMBERED)
        waits = (
            wait(failed_sign_ins.of_subject(tx, attempt.subject), FREE_BY_NAME, now),
            0.0 if counted_as else wait(failed_sign_ins.of_address(tx, attempt.address), FREE_BY_ADDRESS, now),
        )
        if not any(waits):
            failed_sign_ins.add(tx, attempt.subject, attempt.address, now)
    if any(waits):
        log.warning("console.sign_in_slowed", address=attempt.address, seconds=max(waits))
        raise NotNow(f"Too many sign-ins have failed; try again in {max(waits):.0f} s.", max(waits))
    return attempt


def wait(failures: Failures, free: int, now: datetime) -> float:
    """Seconds: doubled with every failure beyond the free ones, counted from the last."""
    beyond = failures.count - free
    if beyond < 0 or failures.last is None:
        return 0.0
    until = failures.last + timedelta(seconds=min(2.0 ** min(beyond, 16), LONGEST_S))
    return max((until - now).total_seconds(), 0.0)


def check(db: Database, name: str, password: str, attempt: Attempt) -> User | None:
    """Who it is. It takes as long for a name that nobody has."""
    with db.read() as tx:
        found = users.get(tx, name)
    is_right = fits(password, found.password if found else NOBODYS)
    if found is None or not is_right or found.disabled_at is not None:
        failed(attempt, found)
        return None
    forgive(db, attempt)
    return found


def failed(attempt: Attempt, known: User | None = None) -> None:
    """The line names only a user there is."""
    log.warning("console.sign_in_failed", address=attempt.address, user=known.name if known else None)


def forgive(db: Database, attempt: Attempt) -> None:
    with db.write() as tx:
        failed_sign_ins.forgive(tx, attempt.subject)


def known_browser(db: Database, name: str, carried: str, api_token: str) -> str:
    """What a browser is called that has signed in under this name, or with the API token, before; of others empty.

    It takes the same for a name that nobody has, and another password ends what was carried.
    """
    with db.read() as tx:
        found = users.get(tx, name)
    browser, _, proof = carried.partition(".")
    is_users = _same(proof, _proof(found.password if found else NOBODYS, browser)) and found is not None
    is_owners = _same(proof, _proof(api_token, browser)) and api_token != ""
    return browser if is_users or is_owners else ""


def to_carry(secret: str) -> str:
    """For a browser that has just proved that it has a user's password, or the API token. It proves nothing else, and opens nothing."""
    browser = secrets.token_urlsafe(16)
    return f"{browser}.{_proof(secret, browser)}"


def _proof(secret: str, browser: str) -> str:
    return hmac.new(
        secret.encode("utf-8", "surrogatepass"), f"known browser:{browser}".encode("utf-8", "surrogatepass"), "sha256"
    ).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())


def begin_session(db: Database, user: User, lasts: timedelta) -> str | None:
    """What the browser is to carry. Here only its digest is kept.

    None: since `user` was checked the password was changed, or the user disabled, and that has ended every session: this one too.
    """
    carried = secrets.token_urlsafe(32)
    with db.write() as tx:
        if not users.is_still(tx, user):
            log.warning("console.sign_in_overtaken", user=user.name)
            return None
        now = db.now(tx)
        users.begin_session(tx, _digest(carried), user.name, now=now, until=now + lasts)
    return carried


def of_session(db: Database, carried: str) -> Caller | None:
    with db.read() as tx:
        found = users.signed_in(tx, _digest(carried), db.now(tx))
    return None if found is None else Caller(found.name, Role(found.role))


def end_session(db: Database, carried: str) -> None:
    with db.write() as tx:
        users.end_session(tx, _digest(carried))


def sign_out(db: Database, nonce: str, until: datetime) -> None:
    """Of a session that was begun with the API token: no row stands for it while it lasts, so that one says when it is over."""
    with db.write() as tx:
        signed_out.add(tx, _digest(nonce), until=until, now=db.now(tx))


def is_signed_out(db: Database, nonce: str) -> bool:
    with db.read() as tx:
        return signed_out.has(tx, _digest(nonce))


def _digest(carried: str) -> str:
    return hashlib.sha256(carried.encode("utf-8", "surrogatepass")).hexdigest()
