"""The secret that a source signs its hooks with: pasted by a person, or told by PagerDuty when it makes the subscription."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from syncd.connections.joining import pasted
from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.history import note
from syncd.connections.joining.services import chosen
from syncd.connections.joining.setup import Setup, existing, talking
from syncd.core.connection import Kind
from syncd.errors import Conflict, Misconfigured
from syncd.store import connectors, hook_secrets, integrations, reconciles, watches
from syncd.store.database import Tx
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .guardian import LEASE
from .missed import ask_before_a_secret, unseen_since
from .overlap import described, overlaps, second
from .subscriptions import Subscriptions
from .visit import EVERY, WHY


def add_hook_secret(setup: Setup, slug: str, secret: str, *, by: str = "") -> None:
    secret = pasted.hook_secret(secret)
    with setup.db.read() as tx:
        system = existing(tx, slug).system
    if system == "cases":
        raise Conflict(f"{slug} needs no webhook; the built-in cases live in this database.")
    _refuse_one_way(slug, system)
    with setup.db.write() as tx:
        _keep(setup, tx, slug, setup.vault.seal(f"hook:{slug}", {"secret": secret}))
    note(setup, slug, Kind.UPDATED, by=by, detail="A webhook secret was added.")


def make_webhook(setup: Setup, slug: str, public_url: str, *, service: str = "", by: str = "") -> str:
    """Have PagerDuty send us its events. Its secret is told once, so it is sealed at once."""
    refuse_other_webhooks(setup, slug)
    if not public_url:
        raise Misconfigured(
            "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL, or make the "
            "subscription in PagerDuty and paste its secret."
        )
    at = Subscriptions(setup, slug, public_url)
    with talking():
        service_id = chosen(account.list_services(at.http(), at.trip()), service).id if service else ""
        known = at.known()
        there = at.there()
        _refuse_second(setup, slug, there.values(), at.url, service_id)
        made = at.begin(service_id, lambda one, sealed: _keep_only(setup, slug, sealed, one, known))
        _switch_on(at, made)
    forget_gone(setup, slug, known, there)
    note(setup, slug, Kind.UPDATED, by=by, detail=f"Webhook subscription {made.id} was made.")
    return made.id


def forget_gone(setup: Setup, slug: str, known: Collection[str], there: Collection[str]) -> None:
    """Subscriptions of ours that somebody deleted over there sign nothing any more.

    `known`: those whose secrets were kept before it was asked which are `there`. Of one that was kept since that says nothing.
    """
    with setup.db.write() as tx:
        integrations.lock(tx, slug)
        gone = [
            one for one in hook_secrets.ours(tx, slug) if one.subscription in known and one.subscription not in there
        ]
        for one in gone:
            hook_secrets.forget(tx, slug, one.subscription)
        if gone:
            now, since = setup.db.now(tx), unseen_since(tx, slug, gone)
            watches.hasten(tx, slug, now)
            if since is not None:
                reconciles.ask(tx, slug, since, why=WHY, by="", now=now)


def _refuse_second(setup: Setup, slug: str, there: Iterable[Subscription], url: str, service_id: str) -> None:
    """Where two overlap, every event would be sent twice."""
    with setup.db.read() as tx:
        kept = {one.subscription for one in hook_secrets.ours(tx, slug)}
    for one in there:
        if overlaps(one, url, service_id):
            raise Conflict(second(slug, one, is_ours=one.id in kept or one.description == described(slug)))


def refuse_other_webhooks(setup: Setup, slug: str) -> None:
    with setup.db.read() as tx:
        system = existing(tx, slug).system
    _refuse_one_way(slug, system)
    if system not in {"pagerduty", BUILTIN}:
        raise Conflict(
            f"Only PagerDuty makes webhooks for syncd; make one to /hooks/{slug} in {slug} itself, and paste its "
            f"secret: `syncd integrations webhook {slug}`."
        )


def _refuse_one_way(slug: str, system: str) -> None:
    if system in integrations.SENT_ONLY:
        raise Conflict(f"{slug} needs no webhook; it only sends, and nothing comes back.")


def _keep_only(setup: Setup, slug: str, sealed: bytes, subscription: str, known: Collection[str]) -> None:
    """Of two runs that both found none there only one keeps what it made."""
    with setup.db.write() as tx:
        integrations.lock(tx, slug)
        if any(one.subscription not in known for one in hook_secrets.ours(tx, slug)):
            raise Conflict(
                f"Somebody else has had a webhook of {slug} made just now, so this one was deleted again; try again where it is "
                "needed beside that."
            )
        _keep(setup, tx, slug, sealed, subscription)


def _keep(setup: Setup, tx: Tx, slug: str, sealed: bytes, subscription: str = "") -> None:
    now = setup.db.now(tx)
    ask_before_a_secret(tx, slug, now)
    integrations.add_hook_secret(tx, slug, sealed, subscription, now)
    if subscription:
        # Nobody finds fault with what is half done.
        watches.begin(tx, slug, now + LEASE)
        watches.put_off(tx, slug, now + LEASE)


def _switch_on(at: Subscriptions, made: Subscription) -> None:
    """Since its secret is kept nobody polls any more: what changed until it sends is looked for afterwards."""
    try:
        at.switch_on(made)
    except BaseException:
        at.delete(made.id)
        at.forget(made.id)
        raise
    with at.setup.db.write() as tx:
        integrations.lock(tx, at.slug)
        kept, now = hook_secrets.get(tx, at.slug, made.id), at.setup.db.now(tx)
        if kept is not None and connectors.using(tx, at.slug):
            reconciles.ask(tx, at.slug, kept.created_at, why=WHY, by="", now=now, is_brief=True)
        watches.put_off(tx, at.slug, now + EVERY)
