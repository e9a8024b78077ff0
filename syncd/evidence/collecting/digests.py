"""Digests of people's addresses, by a key that this installation makes once and seals: nobody who has the database alone can try them."""

from __future__ import annotations

import secrets as dice
from functools import partial

from syncd.connections.vault import Vault
from syncd.evidence.facts.users import digest
from syncd.store import keyring
from syncd.store.database import Database
from syncd.store.evidence import secrets

from .courses.cleaning import Digest

_NAME, _PURPOSE = "digest", "evidence:digest"


def digest_of(db: Database, vault: Vault) -> Digest:
    return partial(digest, key=_key(db, vault))


def _key(db: Database, vault: Vault) -> bytes:
    with db.read() as tx:
        kept = secrets.get(tx, _NAME)
    if kept is None:
        made = vault.seal(_PURPOSE, {"key": dice.token_hex(32)})
        with db.write() as tx:
            keyring.hold(tx)
            secrets.put(tx, _NAME, made)
            kept = secrets.get(tx, _NAME)
    if kept is None:
        message = "a key that was just stored is not there"
        raise AssertionError(message)
    return bytes.fromhex(vault.unseal(_PURPOSE, kept)["key"])
