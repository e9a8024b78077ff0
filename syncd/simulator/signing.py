"""Signs what the simulators send: PagerDuty's v1 list, and Standard Webhooks 1.0."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def pagerduty(secrets: Iterable[str], body: bytes) -> str:
    """One v1 for each active secret; the secret is text, whatever it looks like."""
    return ",".join(f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}" for secret in secrets)


def standard(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`whsec_` and base64 hold the key bytes; the id and the time are signed with the body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
