"""Seals and unseals credentials with the master keys. It keeps nothing and knows no table.

Sealed = version, length of the key's id, the key's id, nonce, ciphertext. All but the last two, and the purpose, are
authenticated with it: what was sealed for one row cannot be put into another.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from syncd.errors import CannotUnseal, Misconfigured
from syncd.settings import Settings

_VERSION = 1
_NONCE = 12
_KEY = 32
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_FORM = "write master_keys as id:key,id:key with each key 32 bytes in base64 (`openssl rand -base64 32` makes one)"


def generate_key() -> str:
    """A new master key in the form settings take."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(_KEY)).decode()}"


class Vault:
    """The first key seals; any unseals what its id stands on."""

    def __init__(self, master_keys: str, reread: Callable[[], str | None] | None = None) -> None:
        """`reread`: where they come from can be read again, so that a key that is exchanged reaches who runs already."""
        self._ciphers = _ciphers(master_keys)
        self._reread = reread

    def renew(self) -> None:
        """Raises Misconfigured where the keys cannot be read any more; those that are known stay."""
        found = self._reread() if self._reread else None
        if found:
            self._ciphers = _ciphers(found)

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """With the configured keys alone; master_key.open_vault also makes and checks them."""
        return cls(settings.master_keys.get_secret_value())

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    def seal(self, purpose: str, plain: Mapping[str, str]) -> bytes:
        """`purpose` names the row it is for; the same one unseals it."""
        with suppress(Misconfigured):  # What is known seals as well.
            self.renew()
        return self._seal(self.key_ids[0], purpose, json.dumps(dict(plain)).encode())

    def unseal(self, purpose: str, sealed: bytes) -> dict[str, str]:
        plain: dict[str, str] = json.loads(self._unseal(purpose, sealed))
        return plain

    def sealed_by(self, sealed: bytes) -> str:
        """The id of the key it was sealed with."""
        return _split(sealed)[1]

    def beginning(self) -> bytes:
        """How everything begins that the first key has sealed."""
        key_id = self.key_ids[0]
        return bytes((_VERSION, len(key_id))) + key_id.encode()

    def proof(self, key_id: str) -> bytes:
        """Something only this very key can have made; it tells nothing about the key."""
        return self._seal(key_id, f"keyring:{key_id}", key_id.encode())

    def check(self, key_id: str, proof: bytes) -> bool:
        try:
            return self._unseal(f"keyring:{key_id}", proof) == key_id.encode()
        except Misconfigured:
            return False

    def _seal(self, key_id: str, purpose: str, plain: bytes) -> bytes:
        header = bytes((_VERSION, len(key_id))) + key_id.encode()
        nonce = secrets.token_bytes(_NONCE)
        return header + nonce + self._ciphers[key_id].encrypt(nonce, plain, header + purpose.encode())

    def _unseal(self, purpose: str, sealed: bytes) -> bytes:
        header, key_id, nonce, ciphertext = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            self.renew()
            cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotUnseal(
                f"{purpose} was sealed with master key {key_id}, and the keys here are {', '.join(self.key_ids)}; "
                f"add {key_id} to master_keys."
            )
        try:
            return cipher.decrypt(nonce, ciphertext, header + purpose.encode())
        except InvalidTag as error:
            raise CannotUnseal(
                f"{purpose} cannot be unsealed with master key {key_id}: it was altered, or another key now has this id; "
                f"bring back the {key_id} it was sealed with, or enter the credentials again."
            ) from error


def ring_of(master_keys: str) -> dict[str, str]:
    """Key id -> its entry, in the order in which they stand."""
    entries = [part.strip() for part in master_keys.split(",")]
    return dict(zip(_parsed(master_keys), entries, strict=True))


def _ciphers(master_keys: str) -> dict[str, AESGCM]:
    return {key_id: AESGCM(key) for key_id, key in _parsed(master_keys).items()}


def _split(sealed: bytes) -> tuple[bytes, str, bytes, bytes]:
    """Header, key id, nonce, ciphertext."""
    start = 2 + sealed[1] if len(sealed) > 1 else 0
    if not sealed or sealed[0] != _VERSION or len(sealed) < start + _NONCE:
        raise CannotUnseal("A sealed value is not in a form this release knows; enter the credentials again.")
    header = sealed[:start]
    key_id = header[2:].decode("ascii", "replace")
    return header, key_id, sealed[start : start + _NONCE], sealed[start + _NONCE :]


def _parsed(master_keys: str) -> dict[str, bytes]:
    """Never quotes what it was given."""
    keys: dict[str, bytes] = {}
    for place, entry in enumerate((part.strip() for part in master_keys.split(",")), start=1):
        key_id, colon, text = entry.partition(":")
        # Without a colon the whole entry may be a key.
        if not colon or not _ID.fullmatch(key_id):
            raise Misconfigured(f"Master key number {place} has no id of a-z, 0-9, - and _; {_FORM}.")
        if key_id in keys:
            raise Misconfigured(f"Two master keys are called {key_id}; give each an id of its own.")
        keys[key_id] = _decoded(key_id, text)
    return keys


def _decoded(key_id: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True)
    except binascii.Error as error:
        raise Misconfigured(f"Master key {key_id} is not base64; {_FORM}.") from error
    if len(key) != _KEY:
        raise Misconfigured(f"Master key {key_id} has {len(key)} bytes; {_FORM}.")
    return key
