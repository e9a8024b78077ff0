"""What is asked with an Idempotency-Key is done once. The key is written down before, and what came of it afterwards.

A process that dies in between leaves a key without an end: nobody can tell whether it was done, so it is never done again under it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from syncd.errors import Conflict, Misconfigured
from syncd.store import asked_once
from syncd.store.asked_once import Asked
from syncd.store.database import Database

KEPT = timedelta(hours=24)
LASTS = timedelta(minutes=3)  # no request takes longer: what has no end by then was cut off
LONGEST = 255  # characters
CODE = "SYN-API-IDEMPOTENCY"
_SOON = "The request with this Idempotency-Key is being done; send it again in a moment for its answer."


class UnderWay(Conflict):
    """The same is being done at this moment."""

    retry_after = 1.0


class Unrepeatable(Conflict):
    """It was done, or may have been, and what came of it cannot be told again."""


@dataclass(frozen=True, slots=True)
class Token:
    """A key as it is kept: of one caller, and for one request."""

    key: str
    request: str

    @classmethod
    def of(cls, caller: str, key: str, what: str, body: bytes) -> Token:
        if not 0 < len(key) <= LONGEST:
            raise Misconfigured(f"An Idempotency-Key has 1 to {LONGEST} characters.", explained_by=CODE)
        given = key.encode("utf-8", "surrogateescape")
        whose = hashlib.sha256(caller.encode() + b"\0" + given).hexdigest()
        # With the key, which is not kept: a body may have a password, that nobody is to find by trying.
        return cls(whose, hmac.new(given, what.encode() + b"\0" + body, hashlib.sha256).hexdigest())


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: bytes


def begin(db: Database, token: Token) -> Answered | None:
    """What was answered before; None: it is now to be done."""
    with db.write() as tx:
        now = db.now(tx)
        asked_once.forget(tx, now - KEPT, token.key)
        if asked_once.begin(tx, token.key, token.request, now):
            return None
        there = asked_once.get(tx, token.key)
    if there is None:
        raise UnderWay(_SOON)  # It came to nothing at this very moment.
    return _before(there, token, is_late=now - there.begun_at > LASTS)


def _before(there: Asked, token: Token, *, is_late: bool) -> Answered:
    if there.request != token.request:
        raise Misconfigured(
            "This Idempotency-Key came with another request; give each request a key of its own.", explained_by=CODE
        )
    if there.status is None and not is_late:
        raise UnderWay(_SOON)
    if there.status is None:
        raise Unrepeatable(
            "The request with this Idempotency-Key was cut off, and may have been done; look whether it was, and send it with "
            "another key if not."
        )
    if there.answer is None:
        raise Unrepeatable(
            "The request with this Idempotency-Key was done; its answer has a secret, which is not kept. Send it with another key."
        )
    return Answered(there.status, there.answer)


def end(db: Database, token: Token, answered: Answered, *, has_secret: bool = False) -> None:
    """What was refused has changed nothing, and may be asked again under its key."""
    with db.write() as tx:
        if is_refusal(answered.status):
            asked_once.let_go(tx, token.key)
        else:
            asked_once.end(tx, token.key, answered.status, None if has_secret else answered.body)


def is_refusal(status: int) -> bool:
    return 400 <= status < 500 or status == 503
