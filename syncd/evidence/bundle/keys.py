"""The keys of this installation: made when they are first needed, sealed in the vault, and replaced by a person."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence

from syncd.connections.vault import Vault
from syncd.store.database import Database
from syncd.store.evidence import signing_keys
from syncd.store.evidence.signing_keys import PSEUDONYMS, SIGNING, Kept

from .signing import Signer


def signer(db: Database, vault: Vault) -> Signer:
    """The key that signs now; the first time it is made."""
    return Signer.of(_opened(vault, _in_use(db, SIGNING) or _added(db, vault, Signer.made())))


def rotate(db: Database, vault: Vault) -> Signer:
    """Another key signs from now on. What the old one has signed is verified by its public half, which stays."""
    made = Signer.made()
    new = _sealed(vault, SIGNING, made.fingerprint, made.pem, made.secret(), db)
    with db.write() as tx:
        signing_keys.hold(tx)
        old = signing_keys.in_use(tx, SIGNING)
        if old is not None:
            signing_keys.retire(tx, old.fingerprint, db.now(tx))
        signing_keys.add(tx, new)
    return made


def listing(db: Database) -> Sequence[Kept]:
    """Those that sign or have signed, the oldest first."""
    with db.read() as tx:
        return signing_keys.all_of(tx, SIGNING)


def pseudonym_key(db: Database, vault: Vault) -> bytes:
    """One for good: with another the same person would have another pseudonym."""
    kept = _in_use(db, PSEUDONYMS)
    if kept is None:
        made = secrets.token_bytes(32)
        name = hashlib.sha256(b"pseudonyms:" + made).hexdigest()
        kept = _first(db, _sealed(vault, PSEUDONYMS, name, "", made, db))
    return _opened(vault, kept)


def _in_use(db: Database, kind: str) -> Kept | None:
    with db.read() as tx:
        return signing_keys.in_use(tx, kind)


def _added(db: Database, vault: Vault, made: Signer) -> Kept:
    return _first(db, _sealed(vault, SIGNING, made.fingerprint, made.pem, made.secret(), db))


def _first(db: Database, new: Kept) -> Kept:
    """It, or that of a process that was first."""
    with db.write() as tx:
        signing_keys.hold(tx)
        there = signing_keys.in_use(tx, new.kind)
        if there is None:
            signing_keys.add(tx, new)
        return there or new


def _sealed(vault: Vault, kind: str, name: str, public: str, secret: bytes, db: Database) -> Kept:
    sealed = vault.seal(f"evidence-key:{name}", {"secret": base64.b64encode(secret).decode()})
    with db.read() as tx:
        return Kept(kind, name, public, sealed, db.now(tx))


def _opened(vault: Vault, kept: Kept) -> bytes:
    return base64.b64decode(vault.unseal(f"evidence-key:{kept.fingerprint}", kept.sealed or b"")["secret"])
