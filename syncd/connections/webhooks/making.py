"""The secret that a source signs its hooks with: pasted by a person, or told by PagerDuty when it makes the subscription."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from syncd.connections.joining import pasted
from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.services import chosen
from syncd.connections.joining.setup import Setup, existing, talking
from syncd.errors import Conflict, Misconfigured
from syncd.store import hook_secrets, integrations, reconciles, watches
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .missed import ask_before_a_secret, unseen_since
from .overlap import described, overlaps, second
from .visit import WHY


def add_hook_secret(setup: Setup, slug: str, secret: str, *, subscription: str = "") -> None:
    secret = pasted.hook_secret(secret)
    with setup.db.write() as tx:
        if existing(tx, slug).system == "cases":
            raise Conflict(f"{slug} needs no webhook; the built-in cases live in this database.")
        sealed = setup.vault.seal(f"hook:{slug}", {"secret": secret})
        now = setup.db.now(tx)
        ask_before_a_secret(tx, slug, now)
        integrations.add_hook_secret(tx, slug, sealed, subscription, now)


def make_webhook(setup: Setup, slug: str, public_url: str, *, service: str = "") -> str:
    """Have PagerDuty send us its events. Its secret is told once, so it is sealed at once."""
    refuse_other_webhooks(setup, slug)
    if not public_url:
        raise Misconfigured(
            "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL, or make the "
            "subscription in PagerDuty and paste its secret."
        )
    url = f"{public_url}/hooks/{slug}"
    with talking():
        http = setup.pagerduty(slug)
        service_id = chosen(account.list_services(http, setup.trip("webhook")), service).id if service else ""
        there = account.list_subscriptions(http, setup.trip("webhook"))
        _refuse_second(setup, slug, there, url, service_id)
        made = account.create_subscription(http, setup.trip("webhook"), url, service_id, described(slug))
        _keep(setup, slug, made, lambda: account.delete_subscription(http, setup.trip("webhook"), made.id))
    forget_gone(setup, slug, {one.id for one in (*there, made)})
    return made.id


def forget_gone(setup: Setup, slug: str, there: Collection[str]) -> None:
    """Subscriptions of ours that somebody deleted over there sign nothing any more."""
    with setup.db.write() as tx:
        integrations.lock(tx, slug)
        gone = [one for one in hook_secrets.ours(tx, slug) if one.subscription not in there]
        for one in gone:
            hook_secrets.forget(tx, slug, one.subscription)
        if gone:
            now, since = setup.db.now(tx), unseen_since(tx, slug, gone)
            watches.hasten(tx, slug, now)
            if since is not None:
                reconciles.ask(tx, slug, since, why=WHY, by="", now=now)


def _refuse_second(setup: Setup, slug: str, there: Sequence[Subscription], url: str, service_id: str) -> None:
    """Where two overlap, every event would be sent twice."""
    with setup.db.read() as tx:
        kept = {one.subscription for one in hook_secrets.ours(tx, slug)}
    for one in there:
        if overlaps(one, url, service_id):
            raise Conflict(second(slug, one, is_ours=one.id in kept or one.description == described(slug)))


def refuse_other_webhooks(setup: Setup, slug: str) -> None:
    with setup.db.read() as tx:
        system = existing(tx, slug).system
    if system not in {"pagerduty", BUILTIN}:
        raise Conflict(
            f"Only PagerDuty makes webhooks for syncd; make one to /hooks/{slug} in {slug} itself, and paste its "
            f"secret: `syncd integrations webhook {slug}`."
        )


def _keep(setup: Setup, slug: str, made: Subscription, undo: Callable[[], None]) -> None:
    """A subscription whose secret is not sealed here would send hooks that nobody can prove."""
    if not made.secret:
        undo()
        raise Misconfigured("PagerDuty made the subscription without telling its secret; it was deleted again.")
    try:
        add_hook_secret(setup, slug, made.secret, subscription=made.id)
    except BaseException:
        undo()
        raise
