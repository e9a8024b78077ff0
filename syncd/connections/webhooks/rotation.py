"""A webhook gets another secret without a gap: a second subscription sends beside the first until it has proved itself.

PagerDuty gives one subscription no second secret. Whatever interrupts this leaves both at work, and a second run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.services import chosen
from syncd.connections.joining.setup import Setup, talking
from syncd.errors import Conflict, Misconfigured, Unavailable
from syncd.store import hook_secrets, integrations, reconciles, watches
from syncd.store.hook_secrets import HookSecret
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .guardian import LEASE
from .making import forget_gone, make_webhook, refuse_other_webhooks
from .missed import refused_since
from .overlap import described, overlaps
from .visit import WHY

log = structlog.get_logger(__name__)

PING_WITHIN = 30.0  # seconds
_LOOKS_EVERY = 0.5
_UNDER_WAY = timedelta(minutes=15)  # a hook that the old one was still trying to deliver is seldom older
_LABEL = "webhook"


@dataclass(frozen=True, slots=True)
class Rotated:
    """From one subscription to another."""

    old: str  # empty: there was none
    new: str
    is_made: bool = True  # else it was there already, and sends the same


@dataclass(frozen=True, slots=True)
class Rotation:
    setup: Setup
    slug: str
    public_url: str
    rest: Callable[[float], None]

    def run(self) -> Sequence[Rotated]:
        self._refuse_what_cannot_be()
        with talking():
            there = self._there()
            lost = self._lost(there)
            if not (lost or self._ours()):
                raise Conflict(
                    f"{self.slug} has no webhook subscription that syncd made; "
                    f"have one made: `syncd integrations webhook {self.slug} --create`."
                )
            known = {one.subscription for one in self._ours()}
            names = self._to_replace(there, is_any_lost=bool(lost))
            done = [self._replaced(one, is_known=one in known) for one in names]
            return [*done, *self._taken_over(lost)]

    def create(self, service: str = "") -> Sequence[Rotated]:
        """Have one made. One of ours that overlaps, and whose secret is lost, is taken over instead, as it is."""
        refuse_other_webhooks(self.setup, self.slug)
        if done := self._taken_over_instead(service):
            return done
        return [Rotated("", make_webhook(self.setup, self.slug, self.public_url, service=service))]

    def _taken_over_instead(self, service: str) -> Sequence[Rotated]:
        if not self.public_url or self.slug == BUILTIN:
            return []  # That is refused where it would be made.
        with talking():
            there = self._there()
            self._clean_up(there)
            lost = self._lost(there)
            if not lost:
                return []
            http, trip = self._http(), self.setup.trip(_LABEL)
            asked = chosen(account.list_services(http, trip), service).id if service else ""
            return self._taken_over([one for one in lost if overlaps(one, self._url, asked)])

    def _refuse_what_cannot_be(self) -> None:
        self.setup.pagerduty(self.slug)
        if not self.public_url:
            raise Misconfigured(
                "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL and try again."
            )

    def _lost(self, there: Mapping[str, Subscription]) -> list[Subscription]:
        """Made by us since the backup that was restored: it sends here, and the secret it signs with is gone."""
        ours = self._ours()
        known = {one.subscription for one in ours} | {one.replaces for one in ours}
        return [one for one in there.values() if self._is_described(one) and one.is_active and one.id not in known]

    def _to_replace(self, there: Mapping[str, Subscription], *, is_any_lost: bool) -> list[str]:
        """All of ours; after a run that was cut off, the ones that it had not finished and no others.

        Where others of ours send here whose secrets are lost, these take the place of those that were deleted.
        """
        ours = self._ours()
        names = [one.subscription for one in ours]
        begun = [one.replaces for one in ours if one.replaces]
        return begun or [one for one in names if one in there or not is_any_lost]

    def _taken_over(self, lost: Sequence[Subscription]) -> list[Rotated]:
        """Each is replaced as any other is; one whose events another of ours sends by now is deleted."""
        done = [self._taken(one) for one in lost]
        if done:
            forget_gone(self.setup, self.slug, self._there())
        return done

    def _taken(self, one: Subscription) -> Rotated:
        there = self._there()
        known = {mine.subscription for mine in self._ours()} & there.keys()
        beside = next((it for it in known if self._sends_all(there[it], one)), "")
        if not beside:
            return self._replaced(one.id, is_known=False)
        self._retire(one.id, beside)
        return Rotated(one.id, beside, is_made=False)

    def _sends_all(self, mine: Subscription, other: Subscription) -> bool:
        is_sending = mine.url == self._url and mine.is_active and not mine.is_disabled_by_pagerduty
        return is_sending and mine.filter_id in {"", other.filter_id}

    def _is_described(self, one: Subscription) -> bool:
        return one.url == self._url and one.description == described(self.slug)

    def _replaced(self, old: str, *, is_known: bool) -> Rotated:
        there = self._there()
        self._clean_up(there)
        new = self._successor(old, there, is_known=is_known)
        self._switch_on(new)
        if not self._proves_itself(new):
            self._give_up(new)
        self._retire(old, new)
        return Rotated(old, new)

    def _clean_up(self, there: Mapping[str, Subscription]) -> None:
        """What a run left behind that was cut off before it could keep the secret: it has never sent anything."""
        kept = {one.subscription for one in self._ours()}
        for one in there.values():
            if self._is_described(one) and not one.is_active and one.id not in kept:
                account.delete_subscription(self._http(), self.setup.trip(_LABEL), one.id)
        for mine in self._ours():
            if mine.replaces and mine.subscription not in there:
                self._forget(mine.subscription)

    def _successor(self, old: str, there: Mapping[str, Subscription], *, is_known: bool) -> str:
        begun = next((one.subscription for one in self._ours() if one.replaces == old), "")
        if begun:
            return begun
        if old not in there:
            raise Conflict(
                f"Webhook subscription {old} of {self.slug} was deleted in PagerDuty; "
                f"have another one made: `syncd integrations webhook {self.slug} --create`."
            )
        return self._made(there[old], is_known=is_known)

    def _made(self, old: Subscription, *, is_known: bool) -> str:
        """Not active until its secret is kept: what it sent before would be refused, and three refusals disable it."""
        service = old.filter_id if old.filter_type == "service_reference" else ""
        trip = self.setup.trip(_LABEL)
        made = account.create_subscription(
            self._http(), trip, self._url, service, described(self.slug), is_active=False
        )
        try:
            self._keep(made, old.id, is_known=is_known)
        except BaseException:
            account.delete_subscription(self._http(), self.setup.trip(_LABEL), made.id)
            raise
        return made.id

    def _keep(self, made: Subscription, old: str, *, is_known: bool = True) -> None:
        if not made.secret:
            raise Misconfigured("PagerDuty made the subscription without telling its secret; it was deleted again.")
        sealed = self.setup.vault.seal(f"hook:{self.slug}", {"secret": made.secret})
        db = self.setup.db
        with db.write() as tx:
            now = db.now(tx)
            if not hook_secrets.add_successor(tx, self.slug, sealed, made.id, old, now, is_known=is_known):
                raise Conflict(f"Somebody else is replacing webhook subscription {old} just now; see what came of it.")
            # Nobody finds fault with what is half done.
            watches.put_off(tx, self.slug, now + LEASE)

    def _switch_on(self, new: str) -> None:
        there = self._there().get(new)
        if there is None:
            self._forget(new)
            raise Conflict(f"Somebody has deleted the new webhook subscription {new} meanwhile; try again.")
        if not there.is_active:
            account.mend_subscription(self._http(), self.setup.trip(_LABEL), there)

    def _proves_itself(self, new: str) -> bool:
        if self._is_proven(new):
            return True
        account.ping_subscription(self._http(), self.setup.trip(_LABEL), new)
        until = self.setup.clock.monotonic() + PING_WITHIN
        while not self._is_proven(new):
            if self.setup.clock.monotonic() >= until:
                return False
            self.rest(_LOOKS_EVERY)
        return True

    def _is_proven(self, new: str) -> bool:
        with self.setup.db.read() as tx:
            secret = hook_secrets.get(tx, self.slug, new)
        return secret is not None and secret.proved_at is not None

    def _give_up(self, new: str) -> None:
        account.delete_subscription(self._http(), self.setup.trip(_LABEL), new)
        self._forget(new)
        raise Unavailable(
            f"The ping of the new subscription {new} did not arrive within {PING_WITHIN:.0f} s, so it was deleted again and the "
            f"old one goes on; see that a receiver runs and that {self._url} leads to it from the internet, and try again."
        )

    def _retire(self, old: str, new: str) -> None:
        """What the old one had not delivered goes with it, and is looked for."""
        account.delete_subscription(self._http(), self.setup.trip(_LABEL), old)
        db = self.setup.db
        with db.write() as tx:
            integrations.lock(tx, self.slug)
            now, successor = db.now(tx), hook_secrets.get(tx, self.slug, new)
            refused = refused_since(tx, self.slug, besides=new)
            hook_secrets.forget(tx, self.slug, old)
            if successor is not None and successor.replaces == old:
                begun = successor.created_at - _UNDER_WAY
                since = begun if refused is None else min(begun, refused)
                reconciles.ask(tx, self.slug, since, why=WHY, by="", now=now)
            watches.put_off(tx, self.slug, now)
        log.info("subscription.rotated", integration=self.slug, old=old, new=new)

    def _forget(self, subscription: str) -> None:
        with self.setup.db.write() as tx:
            hook_secrets.forget(tx, self.slug, subscription)

    def _ours(self) -> list[HookSecret]:
        with self.setup.db.read() as tx:
            return hook_secrets.ours(tx, self.slug)

    def _there(self) -> dict[str, Subscription]:
        return {one.id: one for one in account.list_subscriptions(self._http(), self.setup.trip(_LABEL))}

    def _http(self) -> Http:
        return self.setup.pagerduty(self.slug)

    @property
    def _url(self) -> str:
        return f"{self.public_url}/hooks/{self.slug}"
