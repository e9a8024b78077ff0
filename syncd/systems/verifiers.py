"""Standard Webhooks 1.0, the way case systems that have no signature of their own sign for us. By hand: several secrets, no surprises."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from syncd.errors import BadSignature, NoSecret

from .port import Hook

TOLERANCE_S = 300
_PREFIX = "whsec_"
_VERSION = "v1"
_SHORTEST_SECRET = 16  # bytes; the standard asks senders for 24, a few make do with less
_LONGEST_ID = 255
_MOST = 32  # signatures looked at


def standard_id(hook: Hook) -> str | None:
    """The message's id, the same in every retry. It is signed, so verify first."""
    message_id = hook.headers.get("webhook-id", "")
    return message_id if 0 < len(message_id) <= _LONGEST_ID else None


def verify_standard(hook: Hook, secrets: Sequence[str]) -> None:
    keys = [key for secret in secrets if (key := _key(secret)) is not None]
    if not keys:
        raise NoSecret("No webhook secret of this source can be used; give one of the form whsec_ and base64.")
    message_id, stamp = standard_id(hook), hook.headers.get("webhook-timestamp", "")
    if message_id is None or not message_id.isascii() or not message_id.isprintable():
        raise BadSignature("The webhook-id header is missing or no id; sign the hook by Standard Webhooks 1.0.")
    _check_time(stamp, hook.received_at)
    signed = f"{message_id}.{stamp}.".encode() + hook.body
    given = _signatures(hook.headers.get("webhook-signature", ""))
    matches = [hmac.compare_digest(_sign(key, signed), one) for key in keys for one in given]
    if not any(matches):
        raise BadSignature("No signature matches a secret held for this source; compare the secrets of both ends.")


def _key(secret: str) -> bytes | None:
    """None for what is no secret: a careless one must not become a short key that anybody guesses."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= _SHORTEST_SECRET else None


def _check_time(stamp: str, now: datetime) -> None:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise BadSignature("The webhook-timestamp header is missing or not in whole seconds.")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        raise BadSignature("The hook was signed more than five minutes from now; check the sender's clock and ours.")


def _signatures(header: str) -> list[bytes]:
    """Entries that are not v1, or nothing at all, are passed over: another entry may be good.

    A header that came twice reaches us joined by a comma and a space.
    """
    entries = [entry.strip(",").partition(",") for entry in header.split()[:_MOST]]
    return [signature.encode() for version, _, signature in entries if version == _VERSION and signature]


def _sign(key: bytes, signed: bytes) -> bytes:
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
