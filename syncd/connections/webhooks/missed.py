"""What an account changed and no hook of it told: from where a look for it has to begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.store import deliveries, hook_secrets, inflow, integrations, marks, reconciles, watches
from syncd.store.database import Tx
from syncd.store.hook_secrets import HookSecret

from .visit import WHY

REFUSED = "refused"  # of the looks that are asked for when a secret is added


def unseen_since(tx: Tx, slug: str, gone: Sequence[HookSecret]) -> datetime | None:
    """What they sent last. None: the guardian has seen that they are gone, and looks for what they did not tell."""
    watch = watches.all_of(tx).get(slug)
    if watch is not None and watch.lost_since is not None:
        return None
    known = [inflow.last_heard(tx, slug), None if watch is None else watch.checked_at]
    return min([at for at in known if at is not None] or [one.created_at for one in gone])


def refused_since(tx: Tx, slug: str, *, besides: str = "") -> datetime | None:
    """When the first hook was refused that no look has made up for yet, which none but another secret would have taken.

    Whoever added the secrets that are there has asked for those before, and a look that reads every record needs no hook.
    `besides` names the subscription of the secret that was added just now.
    """
    known = [one.created_at for one in hook_secrets.listing(tx, slug) if not besides or one.subscription != besides]
    return deliveries.first_rejected(tx, slug, max([*known, marks.of(tx, slug).read_until]))


def ask_before_a_secret(tx: Tx, slug: str, now: datetime) -> None:
    """What nobody tells any more once it is there: what hooks carried that lacked it, and what the next poll would have found."""
    was_polled = integrations.lock_if_polled(tx, slug)
    if (since := refused_since(tx, slug)) is not None:
        reconciles.ask(tx, slug, since, why=REFUSED, by="", now=now)
    if was_polled:
        reconciles.ask(tx, slug, marks.of(tx, slug).listed_until, why=WHY, by="", now=now)
