"""A webhook gets another secret without a gap: a second subscription sends beside the first until it has proved itself.

PagerDuty gives one subscription no second secret. Whatever interrupts this leaves both at work, and a second run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from syncd.errors import Conflict, Misconfigured, Unavailable
from syncd.store import hook_secrets, integrations, reconciles, watches
from syncd.store.hook_secrets import HookSecret
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .connect import Setup, talking
from .guardian import LEASE
from .missed import refused_since
from .visit import WHY

log = structlog.get_logger(__name__)

PING_WITHIN = 30.0  # seconds
_LOOKS_EVERY = 0.5
_UNDER_WAY = timedelta(minutes=15)  # a hook that the old one was still trying to deliver is seldom older
_LABEL = "webhook"


@dataclass(frozen=True, slots=True)
class Rotated:
    """From one subscription to another."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rotation:
    setup: Setup
    slug: str
    public_url: str
    rest: Callable[[float], None]

    def run(self) -> Sequence[Rotated]:
        self._refuse_what_cannot_be()
        with talking():
            return [self._replaced(one.subscription) for one in self._to_replace()]

    def _refuse_what_cannot_be(self) -> None:
        self.setup.pagerduty(self.slug)
        if not self.public_url:
            raise Misconfigured(
                "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL and try again."
            )
        if not self._ours():
            raise Conflict(
                f"{self.slug} has no webhook subscription that syncd made; "
                f"have one made: `syncd integrations webhook {self.slug} --create`."
            )

    def _to_replace(self) -> list[HookSecret]:
        """All of ours; after a run that was cut off, the ones that it had not finished and no others."""
        ours = self._ours()
        begun = {one.replaces for one in ours if one.replaces}
        return [one for one in ours if one.subscription in begun] or ours

    def _replaced(self, old: str) -> Rotated:
        there = self._there()
        self._clean_up(there)
        new = self._successor(old, there)
        self._switch_on(new)
        if not self._proves_itself(new):
            self._give_up(new)
        self._retire(old, new)
        return Rotated(old, new)

    def _clean_up(self, there: Mapping[str, Subscription]) -> None:
        """What a run left behind that was cut off before it could keep the secret: it has never sent anything."""
        kept = {one.subscription for one in self._ours()}
        for one in there.values():
            is_left = not one.is_active and one.url == self._url and one.description == self._description
            if is_left and one.id not in kept:
                account.delete_subscription(self._http(), self.setup.trip(_LABEL), one.id)
        for mine in self._ours():
            if mine.replaces and mine.subscription not in there:
                self._forget(mine.subscription)

    def _successor(self, old: str, there: Mapping[str, Subscription]) -> str:
        begun = next((one.subscription for one in self._ours() if one.replaces == old), "")
        if begun:
            return begun
        if old not in there:
            raise Conflict(
                f"Webhook subscription {old} of {self.slug} was deleted in PagerDuty; "
                f"have another one made: `syncd integrations webhook {self.slug} --create`."
            )
        return self._made(there[old])

    def _made(self, old: Subscription) -> str:
        """Not active until its secret is kept: what it sent before would be refused, and three refusals disable it."""
        service = old.filter_id if old.filter_type == "service_reference" else ""
        trip = self.setup.trip(_LABEL)
        made = account.create_subscription(self._http(), trip, self._url, service, self._description, is_active=False)
        try:
            self._keep(made, old.id)
        except BaseException:
            account.delete_subscription(self._http(), self.setup.trip(_LABEL), made.id)
            raise
        return made.id

    def _keep(self, made: Subscription, old: str) -> None:
        if not made.secret:
            raise Misconfigured("PagerDuty made the subscription without telling its secret; it was deleted again.")
        sealed = self.setup.vault.seal(f"hook:{self.slug}", {"secret": made.secret})
        db = self.setup.db
        with db.write() as tx:
            now = db.now(tx)
            if not hook_secrets.add_successor(tx, self.slug, sealed, made.id, old, now):
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
            if hook_secrets.forget(tx, self.slug, old) and successor is not None:
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

    @property
    def _description(self) -> str:
        return f"syncd {self.slug}"
