"""Signing with Ed25519, and knowing a key: in PEM, or by the SHA-256 of its public half as openssl writes it in DER."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from syncd.errors import Misconfigured, NotFound

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def fingerprint(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def pem(public: Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def read_public(text: bytes) -> Ed25519PublicKey | None:
    """None: it is no public key of this kind."""
    try:
        found = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, Ed25519PublicKey) else None


def public_in(path: Path) -> Ed25519PublicKey:
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no {path}; `syncd evidence key --to {path.name}` writes it where syncd runs."
        ) from error
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}); name another file with --key.") from error
    found = read_public(text)
    if found is None:
        raise Misconfigured(
            f"{path} has no Ed25519 public key in PEM; `syncd evidence key --to FILE` writes the right one."
        )
    return found


def spelt(given: str, by: str = "--fingerprint") -> str:
    """A fingerprint as people copy it, with colons, spaces and capitals. `by`: the option that it was given to."""
    found = re.sub(r"[\s:]", "", given).lower().removeprefix("sha256")
    if not _FINGERPRINT.fullmatch(found):
        raise Misconfigured(
            f"{by} takes a fingerprint, which is 64 hexadecimal digits, and {given[:70]!r} is none; `syncd evidence key` shows it where "
            "syncd runs."
        )
    return found


def is_signed(public: Ed25519PublicKey, signature: bytes, what: bytes) -> bool:
    try:
        public.verify(signature, what)
    except InvalidSignature:
        return False
    return True


class Signer:
    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.fingerprint = fingerprint(self.public)
        self.pem = pem(self.public)

    @classmethod
    def made(cls) -> Signer:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, secret: bytes) -> Signer:
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    def secret(self) -> bytes:
        return self._private.private_bytes_raw()

    def sign(self, what: bytes) -> bytes:
        return self._private.sign(what)
