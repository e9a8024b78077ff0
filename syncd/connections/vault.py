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

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from syncd.errors import CannotUnseal, Misconfigured
from syncd.settings import Settings

log = structlog.get_logger(__name__)

Proofs = Mapping[str, bytes]  # key id -> what only that very key can have made: those that this database knows

_VERSION = 1
_NONCE = 12
_KEY = 32
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_FORM = "write master_keys as id:key,id:key with each key 32 bytes in base64 (`openssl rand -base64 32` makes one)"


def generate_key() -> str:
    """A new master key in the form settings take."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(_KEY)).decode()}"


class Vault:
    """Of the keys that this database knows the first seals; any unseals what its id stands on."""

    def __init__(
        self,
        master_keys: str,
        reread: Callable[[], str | None] | None = None,
        proofs: Callable[[], Proofs] | None = None,
    ) -> None:
        """`reread`: where they come from can be read again, so that a key that is exchanged reaches who runs already.

        `proofs`: which keys the database knows, so that a file of another daemon's is not taken for ours.
        """
        self._ciphers = _ciphers(master_keys)
        self._reread, self._proofs = reread, proofs
        self._doubt = ""

    def renew(self) -> None:
        """Raises Misconfigured where the keys cannot be read any more, or are not this database's; those that are known stay."""
        self._renew(self._proofs() if self._proofs else None)

    def doubt(self) -> str:
        """Why what stands where the keys come from is not used; nothing where all is well."""
        with suppress(Misconfigured):
            self.renew()
        return self._doubt

    def require(self, known: Proofs) -> None:
        """Raises Misconfigured, naming key ids, unless each key that the database knows is here."""
        _require(self._ciphers, known)

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """With the configured keys alone; master_key.open_vault also makes and checks them."""
        return cls(settings.master_keys.get_secret_value())

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    @property
    def first(self) -> str:
        """The id of the key that seals."""
        return self._first(self._proofs() if self._proofs else None)

    def seal(self, purpose: str, plain: Mapping[str, str]) -> bytes:
        """`purpose` names the row it is for; the same one unseals it. Raises Misconfigured without a key that the database knows."""
        known = self._proofs() if self._proofs else None
        with suppress(Misconfigured):  # What is known seals as well.
            self._renew(known)
        return self._seal(self._first(known), purpose, json.dumps(dict(plain)).encode())

    def unseal(self, purpose: str, sealed: bytes) -> dict[str, str]:
        plain: dict[str, str] = json.loads(self._unseal(purpose, sealed))
        return plain

    def sealed_by(self, sealed: bytes) -> str:
        """The id of the key it was sealed with."""
        return _split(sealed)[1]

    def beginning(self) -> bytes:
        """How everything begins that the first key has sealed."""
        key_id = self.first
        return bytes((_VERSION, len(key_id))) + key_id.encode()

    def proof(self, key_id: str) -> bytes:
        """Something only this very key can have made; it tells nothing about the key."""
        return self._seal(key_id, f"keyring:{key_id}", key_id.encode())

    def check(self, key_id: str, proof: bytes) -> bool:
        return _is_proof(self._ciphers, key_id, proof)

    def _renew(self, known: Proofs | None) -> None:
        try:
            found = self._reread() if self._reread else None
            ciphers = _ciphers(found) if found else self._ciphers
            if known is not None:
                _require(ciphers, known)
        except Misconfigured as error:
            if str(error) != self._doubt:  # It is met again and again.
                log.warning("master_keys.refused", why=str(error))
            self._doubt = str(error)
            raise
        self._ciphers, self._doubt = ciphers, ""

    def _first(self, known: Proofs | None) -> str:
        """One that no other process could have is never it: what it sealed would be lost with this process."""
        ciphers = self._ciphers
        if known is None:
            return next(iter(ciphers))
        for key_id in ciphers:
            if key_id in known and _is_proof(ciphers, key_id, known[key_id]):
                return key_id
        raise Misconfigured(
            f"Nothing is sealed: this database is sealed with master key {', '.join(known)}, and this process has "
            f"{', '.join(ciphers)}; correct master_keys and start it anew."
        )

    def _seal(self, key_id: str, purpose: str, plain: bytes) -> bytes:
        header = bytes((_VERSION, len(key_id))) + key_id.encode()
        nonce = secrets.token_bytes(_NONCE)
        return header + nonce + self._ciphers[key_id].encrypt(nonce, plain, header + purpose.encode())

    def _unseal(self, purpose: str, sealed: bytes) -> bytes:
        key_id = self.sealed_by(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            self.renew()
            cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotUnseal(
                f"{purpose} was sealed with master key {key_id}, and the keys here are {', '.join(self.key_ids)}; "
                f"add {key_id} to master_keys."
            )
        return _decrypted(cipher, purpose, sealed)


def ring_of(master_keys: str) -> dict[str, str]:
    """Key id -> its entry, in the order in which they stand."""
    entries = [part.strip() for part in master_keys.split(",")]
    return dict(zip(_parsed(master_keys), entries, strict=True))


def _ciphers(master_keys: str) -> dict[str, AESGCM]:
    return {key_id: AESGCM(key) for key_id, key in _parsed(master_keys).items()}


def _require(ciphers: Mapping[str, AESGCM], known: Proofs) -> None:
    missing = [key_id for key_id in known if key_id not in ciphers]
    if missing:
        raise Misconfigured(
            f"This database is sealed with master key {', '.join(missing)}, and the keys here are {', '.join(ciphers)}; "
            "add it to master_keys (the first one seals, any unseals)."
        )
    wrong = [key_id for key_id, proof in known.items() if not _is_proof(ciphers, key_id, proof)]
    if wrong:
        raise Misconfigured(
            f"Master key {', '.join(wrong)} is another one than this database was sealed with, under the same id; "
            "bring the right one back, and give a new key a new id."
        )


def _is_proof(ciphers: Mapping[str, AESGCM], key_id: str, proof: bytes) -> bool:
    try:
        cipher = ciphers.get(_split(proof)[1])
        return cipher is not None and _decrypted(cipher, f"keyring:{key_id}", proof) == key_id.encode()
    except Misconfigured:
        return False


def _decrypted(cipher: AESGCM, purpose: str, sealed: bytes) -> bytes:
    header, key_id, nonce, ciphertext = _split(sealed)
    try:
        return cipher.decrypt(nonce, ciphertext, header + purpose.encode())
    except InvalidTag as error:
        raise CannotUnseal(
            f"{purpose} cannot be unsealed with master key {key_id}: it was altered, or another key now has this id; "
            f"bring back the {key_id} it was sealed with, or enter the credentials again."
        ) from error


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
