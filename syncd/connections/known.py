"""Every secret this daemon has, so that none of them leaves it: of the settings, of its own files, and all that is sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from pydantic import SecretStr

from syncd.address.showing import passwords_in
from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store import sealed
from syncd.store.database import Database

from .secrecy import secrets_of
from .vault import Vault

FEWEST = 6  # characters; a shorter one would be found in half of all words
_FILES = ("api.token", "master.key")
_VARIABLES = ("SYNCD_SECRET", "SYNCD_TOKEN", "SYNCD_API_TOKEN", "SYNCD_MASTER_KEYS")


def of_settings(settings: Settings, environ: Mapping[str, str]) -> set[str]:
    found = set(_of_settings(settings)) | {environ.get(name, "") for name in _VARIABLES}
    for name in _FILES:
        with suppress(OSError, UnicodeDecodeError):
            found.add((settings.home / name).read_text(encoding="utf-8").strip())
    # A ring of keys holds several, each behind its id.
    parts = {part.strip().partition(":")[2] for one in found for part in one.split(",") if ":" in part}
    return {one for one in found | parts if len(one) >= FEWEST}


def _of_settings(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value().strip()
            yield value
        if isinstance(value, str) and "://" in value:
            yield from passwords_in(value)


def of_vault(db: Database, vault: Vault | None) -> tuple[set[str], list[str]]:
    """What is sealed, and in a sentence each what could not be opened: that one is not known, and cannot be looked for."""
    found: set[str] = set()
    unknown: list[str] = []
    with db.read() as tx:
        values = [value for place in sealed.places() for value in sealed.values(tx, place)]
    for value in values:
        if vault is None:
            unknown.append(f"{value.purpose} cannot be unsealed, since there is no master key here.")
            continue
        try:
            found |= {one for one in secrets_of(vault.unseal(value.purpose, value.sealed)) if len(one) >= FEWEST}
        except Misconfigured as error:
            unknown.append(str(error))
    return found, unknown
