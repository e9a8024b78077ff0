"""Passwords of console users: hashed so slowly that trying them costs whoever steals the table, and never compared as text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from syncd.errors import Misconfigured

FEWEST = 12  # characters
MOST = 1024  # hashing more is work for nothing
#: What OWASP asks of scrypt with 32 MiB: a quarter of a second, and no more memory than a small machine has for several.
_N, _R, _P = 2**15, 8, 3
_MEMORY = 64 * 1024 * 1024
_SALT = 16
HASHED_AT_ONCE = 2  # by whoever answers requests


def require_good(password: str) -> None:
    if len(password) < FEWEST:
        raise Misconfigured(f"The password has fewer than {FEWEST} characters; choose a longer one.")
    if len(password) > MOST:
        raise Misconfigured(f"The password has more than {MOST} characters; choose a shorter one.")


def hashed(password: str) -> str:
    salt = secrets.token_bytes(_SALT)
    return f"scrypt:{_N}:{_R}:{_P}:{_text(salt)}:{_text(_scrypt(password, salt, _N, _R, _P))}"


def fits(password: str, kept: str) -> bool:
    """What it was made with stands beside it, so that a later release can ask for more."""
    _, n, r, p, salt, digest = kept.split(":")
    made = _scrypt(password[: MOST + 1], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


#: Nobody's. A name that is unknown costs as much time as one that is known.
NOBODYS = f"scrypt:{_N}:{_R}:{_P}:{_text(bytes(_SALT))}:{_text(bytes(32))}"
