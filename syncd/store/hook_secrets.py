"""What a source signs its hooks with, one by one: which subscription has it, which it replaces, and when it last proved itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, or_, select, update

from .database import Tx
from .tables_of_accounts import hook_secrets, integrations


@dataclass(frozen=True, slots=True)
class HookSecret:
    id: int
    sealed: bytes
    subscription: str  # empty: a person made it and pasted its secret
    replaces: str
    proved_at: datetime | None
    created_at: datetime


_COLUMNS = (
    hook_secrets.c.id,
    hook_secrets.c.sealed,
    hook_secrets.c.subscription,
    hook_secrets.c.replaces,
    hook_secrets.c.proved_at,
    hook_secrets.c.created_at,
)


def listing(tx: Tx, slug: str) -> list[HookSecret]:
    """Oldest first."""
    statement = select(*_COLUMNS).where(hook_secrets.c.integration == slug).order_by(hook_secrets.c.id)
    return [HookSecret(*row) for row in tx.execute(statement)]


def ours(tx: Tx, slug: str) -> list[HookSecret]:
    """Of the subscriptions that we made."""
    return [one for one in listing(tx, slug) if one.subscription]


def newest(tx: Tx) -> dict[str, datetime]:
    """When each source was given the last of its secrets."""
    statement = select(hook_secrets.c.integration, func.max(hook_secrets.c.created_at)).group_by(
        hook_secrets.c.integration
    )
    return {row[0]: row[1] for row in tx.execute(statement)}


def add_successor(
    tx: Tx, slug: str, sealed: bytes, subscription: str, replaces: str, now: datetime, *, is_known: bool = True
) -> bool:
    """False when the one it was to replace is being replaced already, or, where its secret was known, is there no more."""
    # Of several who try at once only one may find that nobody else has.
    tx.execute(select(integrations.c.slug).where(integrations.c.slug == slug).with_for_update())
    there = listing(tx, slug)
    is_missing = is_known and replaces not in {one.subscription for one in there}
    if is_missing or replaces in {one.replaces for one in there}:
        return False
    values = {"sealed": sealed, "subscription": subscription, "replaces": replaces, "created_at": now}
    tx.execute(insert(hook_secrets).values(integration=slug, **values))
    return True


def prove(tx: Tx, secret_ids: Collection[int], now: datetime) -> None:
    mine = _in_order(hook_secrets.c.id.in_(secret_ids))
    tx.execute(update(hook_secrets).where(hook_secrets.c.id.in_(mine)).values(proved_at=now))


def _in_order(which: ColumnElement[bool]) -> Select[int]:
    """Whoever takes several takes the older first: a receiver proves two while one of them replaces the other."""
    return select(hook_secrets.c.id).where(which).order_by(hook_secrets.c.id).with_for_update()


def get(tx: Tx, slug: str, subscription: str) -> HookSecret | None:
    return next((one for one in ours(tx, slug) if one.subscription == subscription), None)


def forget(tx: Tx, slug: str, subscription: str) -> bool:
    """Its subscription is gone, and nobody waits to take its place any more. False: it was forgotten before."""
    of_account = hook_secrets.c.integration == slug
    is_either = or_(hook_secrets.c.replaces == subscription, hook_secrets.c.subscription == subscription)
    tx.execute(_in_order(and_(of_account, is_either)))
    tx.execute(update(hook_secrets).where(of_account, hook_secrets.c.replaces == subscription).values(replaces=""))
    return tx.execute(delete(hook_secrets).where(of_account, hook_secrets.c.subscription == subscription)).rowcount > 0


def accounts_with_subscriptions(tx: Tx) -> list[str]:
    is_ours = exists().where(hook_secrets.c.integration == integrations.c.slug, hook_secrets.c.subscription != "")
    return list(tx.scalars(select(integrations.c.slug).where(is_ours).order_by(integrations.c.slug)))
