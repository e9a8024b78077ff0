"""One subscription follows another without a gap: it sends beside it until it has proved itself.

PagerDuty gives one subscription no second secret. Whatever interrupts this leaves both at work, and a second run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from syncd.errors import Conflict, Unavailable
from syncd.store import hook_secrets, integrations, reconciles, watches
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .guardian import LEASE
from .missed import refused_since
from .subscriptions import Subscriptions
from .visit import WHY

log = structlog.get_logger(__name__)

PING_WITHIN = 30.0  # seconds
_LOOKS_EVERY = 0.5
_UNDER_WAY = timedelta(minutes=15)  # a hook that the old one was still trying to deliver is seldom older


@dataclass(frozen=True, slots=True)
class Succession:
    at: Subscriptions
    rest: Callable[[float], None]

    def replace(self, old: str, *, is_known: bool) -> str:
        """The one that follows; `is_known`: the secret of the old one is kept here."""
        there = self.at.there()
        self.at.clean_up(there)
        new = self._successor(old, there, is_known=is_known)
        self._switch_on(new)
        if not self._proves_itself(new):
            self._give_up(new)
        self.retire(old, new)
        return new

    def retire(self, old: str, new: str) -> None:
        """What the old one had not delivered goes with it, and is looked for."""
        self.at.delete(old)
        db, slug = self.at.setup.db, self.at.slug
        with db.write() as tx:
            integrations.lock(tx, slug)
            now, successor = db.now(tx), hook_secrets.get(tx, slug, new)
            refused = refused_since(tx, slug, besides=new)
            hook_secrets.forget(tx, slug, old)
            if successor is not None and successor.replaces == old:
                begun = successor.created_at - _UNDER_WAY
                since = begun if refused is None else min(begun, refused)
                reconciles.ask(tx, slug, since, why=WHY, by="", now=now)
            watches.put_off(tx, slug, now)
        log.info("subscription.rotated", integration=slug, old=old, new=new)

    def _successor(self, old: str, there: Mapping[str, Subscription], *, is_known: bool) -> str:
        begun = next((one.subscription for one in self.at.ours() if one.replaces == old), "")
        if begun:
            return begun
        if old not in there:
            raise Conflict(
                f"Webhook subscription {old} of {self.at.slug} was deleted in PagerDuty; "
                f"have another one made: `syncd integrations webhook {self.at.slug} --create`."
            )
        one = there[old]
        made = self.at.begin(
            one.filter_id,
            lambda new, sealed: self._keep(new, sealed, old, is_known=is_known),
            filter_type=one.filter_type,
        )
        return made.id

    def _keep(self, new: str, sealed: bytes, old: str, *, is_known: bool) -> None:
        db, slug = self.at.setup.db, self.at.slug
        with db.write() as tx:
            now = db.now(tx)
            if not hook_secrets.add_successor(tx, slug, sealed, new, old, now, is_known=is_known):
                raise Conflict(f"Somebody else is replacing webhook subscription {old} just now; see what came of it.")
            # Nobody finds fault with what is half done.
            watches.put_off(tx, slug, now + LEASE)

    def _switch_on(self, new: str) -> None:
        there = self.at.there().get(new)
        if there is None:
            self.at.forget(new)
            raise Conflict(f"Somebody has deleted the new webhook subscription {new} meanwhile; try again.")
        if not there.is_active:
            self.at.switch_on(there)

    def _proves_itself(self, new: str) -> bool:
        if self._is_proven(new):
            return True
        account.ping_subscription(self.at.http(), self.at.trip(), new)
        clock = self.at.setup.clock
        until = clock.monotonic() + PING_WITHIN
        while not self._is_proven(new):
            if clock.monotonic() >= until:
                return False
            self.rest(_LOOKS_EVERY)
        return True

    def _is_proven(self, new: str) -> bool:
        with self.at.setup.db.read() as tx:
            secret = hook_secrets.get(tx, self.at.slug, new)
        return secret is not None and secret.proved_at is not None

    def _give_up(self, new: str) -> None:
        self.at.delete(new)
        self.at.forget(new)
        raise Unavailable(
            f"The ping of the new subscription {new} did not arrive within {PING_WITHIN:.0f} s, so it was deleted again and the "
            f"old one goes on; see that a receiver runs and that {self.at.url} leads to it from the internet, and try again."
        )
