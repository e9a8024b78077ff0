"""Finding the master keys a process starts with, and proving that they are the ones this database was sealed with.

Only the embedded store makes a key by itself, in a file beside the database that only its owner may read.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store import keyring
from syncd.store.database import Database

from .vault import Vault, generate_key

_FILE = "master.key"


def open_vault(settings: Settings, db: Database) -> Vault:
    """Raises Misconfigured, naming key ids, when what is sealed here could not be unsealed."""
    given = settings.master_keys.get_secret_value().strip()
    with db.read() as tx:
        known = keyring.proofs(tx)
    vault = Vault(given or _own_key(settings.home / _FILE, known, is_embedded=db.is_sqlite))
    with db.write() as tx:
        keyring.hold(tx)
        known = keyring.proofs(tx)
        _compare(vault, known)
        if vault.key_ids[0] not in known:
            keyring.add(tx, vault.key_ids[0], vault.proof(vault.key_ids[0]), db.now(tx))
    return vault


def _own_key(path: Path, known: Mapping[str, bytes], *, is_embedded: bool) -> str:
    sealed_by = f"this database is sealed with master key {', '.join(known)}" if known else ""
    if not is_embedded:
        raise Misconfigured(
            f"No master key is set{' and ' + sealed_by if known else ''}; set SYNCD_MASTER_KEYS, or put a file called "
            "master_keys into the folder of secrets: id:key, the key 32 bytes in base64 (`openssl rand -base64 32`)."
        )
    kept = _read(path)
    if kept is None and known:
        raise Misconfigured(f"{path} is missing and {sealed_by}; bring the file back, or set SYNCD_MASTER_KEYS.")
    return kept or _make(path)


def _make(path: Path) -> str:
    """The key in the file afterwards: ours, or that of a process that was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{generate_key()}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, and only one of several can.
        with suppress(FileExistsError):
            os.link(making, path)
    finally:
        making.unlink()
    _settle(path.parent)
    return path.read_text(encoding="ascii").strip()


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


def _compare(vault: Vault, known: Mapping[str, bytes]) -> None:
    here = ", ".join(vault.key_ids)
    missing = [key_id for key_id in known if key_id not in vault.key_ids]
    if missing:
        raise Misconfigured(
            f"This database is sealed with master key {', '.join(missing)}, and the keys here are {here}; "
            "add it to master_keys (the first one seals, any unseals)."
        )
    wrong = [key_id for key_id, proof in known.items() if not vault.check(key_id, proof)]
    if wrong:
        raise Misconfigured(
            f"Master key {', '.join(wrong)} is another one than this database was sealed with, under the same id; "
            "bring the right one back, and give a new key a new id."
        )
