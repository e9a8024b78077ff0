"""Another master key in place of the one that seals: everything is sealed anew, in small batches, while the daemon runs.

Whoever is interrupted goes on where he stopped: what is still sealed with another key is seen in the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.settings import Settings
from syncd.store import keyring, sealed
from syncd.store.database import Database, Tx
from syncd.store.sealed import Place

from . import master_key
from .vault import Vault, generate_key, ring_of

BATCH = 20

Progress = Callable[[int, int], object]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    seals: bool  # what is sealed from now on
    values: int  # that only this key opens
    since: datetime | None  # None: it has never sealed anything here
    is_here: bool


@dataclass(frozen=True, slots=True)
class Resealed:
    key_id: str
    done: int
    faults: Sequence[str]  # each names a value that no key here opens
    needless: Sequence[str]  # keys that nothing needs any more


def listing(db: Database, vault: Vault) -> list[Key]:
    with db.read() as tx:
        since, counts = keyring.since(tx), _counts(tx, vault)
    ids = list(dict.fromkeys([*vault.key_ids, *since, *counts]))
    here, first = vault.key_ids, vault.first
    return [Key(one, one == first, counts.get(one, 0), since.get(one), one in here) for one in ids]


def rotate(settings: Settings, db: Database, vault: Vault, tell: Progress) -> Resealed:
    """With a new key, unless an exchange was begun and is still to be brought to its end."""
    _require_declared()
    with db.read() as tx:
        is_under_way = bool(set(_counts(tx, vault)) - {vault.first})
    if not is_under_way:
        _add_key(settings, db)
        vault.renew()
    done, faults = _reseal(db, vault, tell)
    return Resealed(vault.first, done, faults, _let_go(db, vault))


def remove(settings: Settings, db: Database, vault: Vault, key_id: str) -> None:
    """Out of the file of this daemon's own key. A backup from before the exchange needs it still."""
    if key_id not in vault.key_ids:
        raise NotFound(f"There is no master key {key_id} here; `syncd keys list` shows those there are.")
    with db.write() as tx:
        keyring.hold(tx)
        needed = _counts(tx, vault).get(key_id, 0)
        is_first = key_id == vault.first
        if needed or is_first:
            what = "it seals what is stored from now on" if is_first else f"{needed} sealed values need it"
            raise Conflict(f"Master key {key_id} cannot go, since {what}; run `syncd keys rotate` first.")
        master_key.rewrite(settings, lambda ring: {name: key for name, key in ring.items() if name != key_id})
        keyring.remove(tx, key_id)


def _require_declared() -> None:
    if unknown := sealed.undeclared():
        raise Misconfigured(
            f"Of {', '.join(unknown)} nobody knows what it is sealed for, so no key is exchanged; this is a fault of syncd."
        )


def _add_key(settings: Settings, db: Database) -> None:
    """First of all in the file: there the daemon's processes find it when they meet the first value it has sealed."""
    fresh = generate_key()
    with db.write() as tx:
        keyring.hold(tx)
        master_key.rewrite(settings, lambda ring: {**ring_of(fresh), **ring})
        (key_id,) = ring_of(fresh)
        keyring.add(tx, key_id, Vault(fresh).proof(key_id), db.now(tx))


def _reseal(db: Database, vault: Vault, tell: Progress) -> tuple[int, list[str]]:
    done, faults = 0, list[str]()
    with db.read() as tx:
        total = sum(count for key_id, count in _counts(tx, vault).items() if key_id != vault.first)
    for place in sealed.places():
        passed = 0
        while True:
            with db.write() as tx:
                moved, failed = _batch(tx, vault, place, passed)
            passed += len(failed)
            done += moved
            faults += failed
            if not moved and not failed:
                break
            tell(done, max(total, done))
    return done, faults


def _batch(tx: Tx, vault: Vault, place: Place, skip: int) -> tuple[int, list[str]]:
    """With whatever key is first now: somebody else may have begun another exchange, and both come to its end."""
    moved, failed = 0, list[str]()
    vault.renew()
    for value in sealed.others(tx, place, vault.beginning(), skip=skip, limit=BATCH):
        try:
            plain = vault.unseal(value.purpose, value.sealed)
        except Misconfigured as error:
            failed.append(str(error))
            continue
        sealed.replace(tx, place, value, vault.seal(value.purpose, plain))
        moved += 1
    return moved, failed


def _let_go(db: Database, vault: Vault) -> list[str]:
    """The database asks no longer for what nothing here needs."""
    with db.write() as tx:
        keyring.hold(tx)
        needed = {vault.first, *_counts(tx, vault)}
        needless = [one for one in dict.fromkeys([*keyring.proofs(tx), *vault.key_ids]) if one not in needed]
        for one in needless:
            keyring.remove(tx, one)
    return needless


def _counts(tx: Tx, vault: Vault) -> dict[str, int]:
    counts: dict[str, int] = {}
    for place in sealed.places():
        for value in sealed.values(tx, place):
            key_id = _key_of(vault, value.sealed)
            counts[key_id] = counts.get(key_id, 0) + 1
    return counts


def _key_of(vault: Vault, value: bytes) -> str:
    try:
        return vault.sealed_by(value)
    except Misconfigured:
        return "?"  # It is in no form we know; whoever seals it anew says which it is.
