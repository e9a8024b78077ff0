"""How an account's webhook stands, for its page: made and waiting for its ping, proved by it, or why there is none and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.store import hook_secrets
from syncd.store.database import Tx
from syncd.store.hook_secrets import HookSecret
from syncd.store.integrations import Integration

_POLLED = "PagerDuty is asked for what changed every 15 s instead."
_MAKE_IT = f"None was made, so that {_POLLED} Have it made by the button below."
_NO_ADDRESS = (
    f"None can be made, since public_url is not set and PagerDuty cannot reach this daemon: {_POLLED} Set SYNCD_PUBLIC_URL for every "
    "part, start them again, and have the webhook made by the button below."
)
_ONLY_READ = (
    "None is made, since the account is only read: its changes are found by looking. One that a person makes there is heard once its "
    "secret is pasted."
)
_PASTED = "Its secret was pasted, so its subscription is looked after by a person."


@dataclass(frozen=True, slots=True)
class WebhookLine:
    shape: str  # of its mark
    word: str
    says: str = ""


def webhook_lines(tx: Tx, it: Integration, public_url: str) -> Sequence[WebhookLine]:
    """Of a PagerDuty account; of others nothing is made."""
    if it.system != "pagerduty":
        return []
    kept = hook_secrets.listing(tx, it.slug)
    if not kept:
        return [_none(it, public_url)]
    return [_standing(one) for one in kept]


def _none(it: Integration, public_url: str) -> WebhookLine:
    if it.is_read_only:
        return WebhookLine("skip", "none", _ONLY_READ)
    return WebhookLine("wait", "none", _MAKE_IT if public_url else _NO_ADDRESS)


def _standing(one: HookSecret) -> WebhookLine:
    if not one.subscription:
        return WebhookLine("ok", "pasted", _PASTED)
    if one.proved_at is not None:
        return WebhookLine("ok", "proved", f"by the ping at {one.proved_at:%Y-%m-%d %H:%M:%S} UTC ({one.subscription})")
    return WebhookLine(
        "wait",
        "made, waiting for its ping",
        f"since {one.created_at:%Y-%m-%d %H:%M} UTC ({one.subscription}). Where none comes, see that a receiver runs and that "
        "the public URL leads to it from the internet.",
    )
