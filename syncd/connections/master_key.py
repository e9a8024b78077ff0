"""Finding the master keys a process starts with, and proving that they are the ones this database was sealed with.

Only the embedded store makes a key by itself, in a file beside the database that only its owner may read.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store import keyring
from syncd.store.database import Database
from syncd.store.folder import make_home

from .vault import Vault, generate_key, ring_of

_FILE = "master.key"


def open_vault(settings: Settings, db: Database) -> Vault:
    """Raises Misconfigured, naming key ids, when what is sealed here could not be unsealed."""
    given = settings.master_keys.get_secret_value().strip()
    own = "" if given else _own_key(settings.home / _FILE, _proofs(db), is_embedded=db.is_sqlite)
    vault = Vault(given or own, _source(settings), lambda: _proofs(db))
    with db.write() as tx:
        keyring.hold(tx)
        known = keyring.proofs(tx)
        vault.require(known)
        if vault.key_ids[0] not in known:
            keyring.add(tx, vault.key_ids[0], vault.proof(vault.key_ids[0]), db.now(tx))
    return vault


def looked_at(settings: Settings, db: Database) -> Vault | None:
    """As open_vault, for who only looks: none is made, nothing is written. None: there is no key, and nothing is sealed."""
    known = _proofs(db)
    given = settings.master_keys.get_secret_value().strip()
    kept = given or _kept_key(settings.home / _FILE, known, is_embedded=db.is_sqlite)
    if not kept:
        return None
    vault = Vault(kept, _source(settings), lambda: _proofs(db))
    vault.require(known)
    return vault


def doubt(settings: Settings, db: Database) -> str:
    """Why a process that starts now would not do so for its keys; nothing where it would."""
    try:
        looked_at(settings, db)
    except Misconfigured as error:
        return str(error)
    return ""


def existing_vault(settings: Settings) -> Vault | None:
    """With the keys there are; for who only looks, and makes none."""
    given = settings.master_keys.get_secret_value().strip() or _read(settings.home / _FILE)
    return Vault(given, _source(settings)) if given else None


def rewrite(settings: Settings, changed: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """The ring in our own file, which appears whole. In a transaction of its database, so that of several one is at it."""
    origin = settings.origins()["master_keys"]
    if settings.master_keys.get_secret_value().strip():
        raise Misconfigured(
            f"The master keys come from {origin}, which syncd does not write; put a new one before the others there, as "
            "id:key (`openssl rand -base64 32` makes the key), or take out one that is not needed, and start every part anew."
        )
    path = settings.home / _FILE
    ring = changed(ring_of(_read(path) or ""))
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    _write(making, ",".join(ring.values()))
    making.replace(path)
    _settle(path.parent)


def _source(settings: Settings) -> Callable[[], str | None]:
    """Our own file, or one that a folder of secrets has: those can change under us. The environment cannot."""
    origin = Path(settings.origins()["master_keys"])
    if not settings.master_keys.get_secret_value().strip():
        return lambda: _read(settings.home / _FILE)
    if origin.name == "master_keys" and origin.is_absolute():
        return lambda: _read_given(origin)
    return lambda: None


def _read_given(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read; give the daemon's user the right to.") from error


def _proofs(db: Database) -> Mapping[str, bytes]:
    with db.read() as tx:
        return keyring.proofs(tx)


def _own_key(path: Path, known: Mapping[str, bytes], *, is_embedded: bool) -> str:
    return _kept_key(path, known, is_embedded=is_embedded) or _make(path)


def _kept_key(path: Path, known: Mapping[str, bytes], *, is_embedded: bool) -> str | None:
    sealed_by = f"this database is sealed with master key {', '.join(known)}" if known else ""
    if not is_embedded:
        raise Misconfigured(
            f"No master key is set{' and ' + sealed_by if known else ''}; set SYNCD_MASTER_KEYS, or put a file called "
            "master_keys into the folder of secrets: id:key, the key 32 bytes in base64 (`openssl rand -base64 32`)."
        )
    kept = _read(path)
    if not kept and known:
        what = "missing" if kept is None else "empty"
        raise Misconfigured(f"{path} is {what} and {sealed_by}; bring the file back, or set SYNCD_MASTER_KEYS.")
    return kept


def _make(path: Path) -> str:
    """The key in the file afterwards: ours, or that of a process that was first."""
    make_home(path.parent)
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        _write(making, generate_key())
        # A link appears whole or not at all, and only one of several can.
        with suppress(FileExistsError):
            os.link(making, path)
    finally:
        making.unlink()
    _settle(path.parent)
    return path.read_text(encoding="ascii").strip()


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> str | None:
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise Misconfigured(f"{path} may be read by others than its owner; run `chmod 600 {path}`.")
            return file.read().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read; give the daemon's user the right to.") from error


def _settle(folder: Path) -> None:
    """What was sealed with the key must not outlive it in a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
