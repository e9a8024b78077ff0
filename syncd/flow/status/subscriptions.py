"""How the webhook subscriptions that we made are, for whoever asks for the status: read from what the guardian wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.connections.webhooks.trouble import Trouble, from_json
from syncd.core.reasons import Reason
from syncd.flow.finding import Finding
from syncd.store import hook_secrets, inflow, watches
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.watches import Watch

TOLD_FOR = timedelta(days=1)  # that one was enabled again, unless a hook has come since
_KEY = "a key that may: `syncd integrations rotate {slug}`"
_BY_OAUTH = "an application that may: `syncd integrations authorise {slug}`"
_REMEDIES = {
    Reason.SUBSCRIPTION_DISABLED: "Enable it in PagerDuty, or give syncd {key}.",
    Reason.SUBSCRIPTION_DIFFERS: "Put it right in PagerDuty, or give syncd {key}.",
    Reason.SUBSCRIPTION_GONE: "Have another one made: `syncd integrations webhook {slug} --create`.",
    Reason.SUBSCRIPTION_ELSEWHERE: (
        "Correct SYNCD_PUBLIC_URL, or have it made anew for that address: `syncd integrations webhook {slug} --rotate`."
    ),
    Reason.SUBSCRIPTION_SILENT: (
        "See that a receiver runs and that the subscription's address leads to it from the internet; meanwhile the account "
        "is looked over every minute."
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    troubles: Sequence[tuple[str, Trouble]]  # with the account's name
    enabled: Sequence[tuple[str, datetime]]  # lately, and no hook has come since
    half_rotated: Sequence[str]


def read(tx: Tx, now: datetime) -> Seen:
    watched = watches.all_of(tx)
    ours = {slug: hook_secrets.ours(tx, slug) for slug in hook_secrets.accounts_with_subscriptions(tx)}
    names = {slug: {one.subscription for one in secrets} for slug, secrets in ours.items()}
    return Seen(
        [(slug, one) for slug, it in watched.items() for one in from_json(it.troubles) if _is_of(one, names.get(slug))],
        [(slug, it.enabled_at) for slug, it in watched.items() if it.enabled_at and _is_untold(tx, it, now)],
        [slug for slug, secrets in ours.items() if any(one.replaces for one in secrets)],
    )


def _is_of(one: Trouble, names: set[str] | None) -> bool:
    """One that was replaced a moment ago is nobody's trouble any more."""
    return one.subscription in (names or set())


def _is_untold(tx: Tx, it: Watch, now: datetime) -> bool:
    at = it.enabled_at
    return at is not None and now - at < TOLD_FOR and not inflow.has_come_after(tx, it.integration, at)


def findings(seen: Seen, accounts: Sequence[Integration] = ()) -> list[Finding]:
    by_oauth = {one.slug for one in accounts if one.is_by_oauth}
    return [
        *(
            Finding(f"{slug}: {it.detail}", remedy(slug, it, is_by_oauth=slug in by_oauth))
            for slug, it in seen.troubles
        ),
        *(_enabled(slug, at) for slug, at in seen.enabled),
        *(_half_rotated(slug) for slug in seen.half_rotated),
    ]


def remedy(slug: str, it: Trouble, *, is_by_oauth: bool) -> str:
    key = (_BY_OAUTH if is_by_oauth else _KEY).format(slug=slug)
    return _REMEDIES[it.reason].format(slug=slug, key=key)


def _enabled(slug: str, at: datetime) -> Finding:
    return Finding(
        f"PagerDuty had disabled a webhook subscription of {slug}; it was enabled again at {at:%Y-%m-%d %H:%M} UTC, what "
        "it had lost is looked for, and no hook has come since.",
        "See why hooks were refused: `syncd deliveries list --outcome rejected`.",
    )


def _half_rotated(slug: str) -> Finding:
    return Finding(
        f"The webhook secret of {slug} is being replaced; the old one and the new one are both good meanwhile.",
        f"Where nobody is at it any more, finish it: `syncd integrations webhook {slug} --rotate`.",
    )
