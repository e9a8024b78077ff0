"""Proofs of the simulated authorisation server: id_tokens that it signs, and what a PKCE verifier amounts to."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from syncd.simulator.asked import Json


def challenge_of(verifier: str) -> str:
    return _written(hashlib.sha256(verifier.encode()).digest())


def signed(claims: Json) -> str:
    """A JWT by RS256."""
    told = ".".join(_written(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    return f"{told}.{_written(key().sign(told.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@cache
def key() -> rsa.RSAPrivateKey:
    """One for each process: it takes a tenth of a second to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
