"""PagerDuty's webhook signatures: v1, HMAC-SHA256 in hex over the raw body, several in one header while secrets change."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from syncd.errors import BadSignature, NoSecret
from syncd.systems.port import Hook

HEADER = "x-pagerduty-signature"
SUBSCRIPTION = "x-webhook-subscription"
_VERSION = "v1="
_MOST = 32  # signatures looked at; PagerDuty sends one for each active secret
_SLICE = 2047  # bytes; for more at once hashlib lets another thread run, and the event loop then has to wait for it


def verify(hook: Hook, secrets: Sequence[str]) -> None:
    usable = [secret for secret in secrets if secret]  # An empty secret would let anybody sign.
    if not usable:
        raise NoSecret("No webhook secret of this PagerDuty integration can be used; set or restore one.")
    header = hook.headers.get(HEADER, "")
    if not header:
        said = "The X-PagerDuty-Signature header is missing; only PagerDuty's own webhooks are taken here."
        raise BadSignature(said, hook.headers.get(SUBSCRIPTION, ""))
    given = [part.strip() for part in header.split(",")[:_MOST]]
    tokens = [part.removeprefix(_VERSION).encode() for part in given if part.startswith(_VERSION)]
    matches = [hmac.compare_digest(_sign(secret, hook.body), token) for secret in usable for token in tokens]
    if not any(matches):
        said = "No signature matches a secret held for this integration; compare the webhook's secret."
        raise BadSignature(said, hook.headers.get(SUBSCRIPTION, ""))


def _sign(secret: str, body: bytes) -> bytes:
    """The secret is text, though it looks like base64."""
    mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    whole = memoryview(body)
    for start in range(0, len(body), _SLICE):
        mac.update(whole[start : start + _SLICE])
    return mac.hexdigest().encode()
