"""The webhook subscriptions of one account: those PagerDuty has, those whose secret is kept here, and how one is begun and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncd.connections.joining.setup import Setup
from syncd.errors import Misconfigured
from syncd.store import hook_secrets
from syncd.store.hook_secrets import HookSecret
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription
from syncd.systems.trip import Trip

from .overlap import described


@dataclass(frozen=True, slots=True)
class Subscriptions:
    setup: Setup
    slug: str
    public_url: str

    @property
    def url(self) -> str:
        return f"{self.public_url}/hooks/{self.slug}"

    def http(self) -> Http:
        return self.setup.pagerduty(self.slug)

    def trip(self) -> Trip:
        return self.setup.trip("webhook")

    def there(self) -> dict[str, Subscription]:
        return {one.id: one for one in account.list_subscriptions(self.http(), self.trip())}

    def ours(self) -> list[HookSecret]:
        with self.setup.db.read() as tx:
            return hook_secrets.ours(tx, self.slug)

    def known(self) -> set[str]:
        return {one.subscription for one in self.ours()}

    def is_described(self, one: Subscription) -> bool:
        return one.url == self.url and one.description == described(self.slug)

    def lost(self, there: Mapping[str, Subscription]) -> list[Subscription]:
        """Made by us since the backup that was restored: it sends here, and the secret it signs with is gone."""
        ours = self.ours()
        known = {one.subscription for one in ours} | {one.replaces for one in ours}
        return [one for one in there.values() if self.is_described(one) and one.is_active and one.id not in known]

    def begin(
        self, filter_id: str, keep: Callable[[str, bytes], None], *, filter_type: str = "service_reference"
    ) -> Subscription:
        """Not active until its secret is kept: what it sent before would be refused, and three refusals disable it.

        `keep` is handed its id and its sealed secret, which PagerDuty tells once.
        """
        made = account.create_subscription(
            self.http(),
            self.trip(),
            self.url,
            filter_id,
            described(self.slug),
            filter_type=filter_type,
            is_active=False,
        )
        try:
            keep(made.id, self._sealed(made.secret))
        except BaseException:
            self.delete(made.id)
            raise
        return made

    def _sealed(self, secret: str) -> bytes:
        if not secret:
            raise Misconfigured("PagerDuty made the subscription without telling its secret; it was deleted again.")
        return self.setup.vault.seal(f"hook:{self.slug}", {"secret": secret})

    def switch_on(self, one: Subscription) -> None:
        account.mend_subscription(self.http(), self.trip(), one)

    def clean_up(self, there: Mapping[str, Subscription]) -> None:
        """What was cut off before it could keep the secret: it has never sent anything."""
        kept = {one.subscription for one in self.ours()}
        for one in there.values():
            if self.is_described(one) and not one.is_active and one.id not in kept:
                self.delete(one.id)
        for mine in self.ours():
            if mine.replaces and mine.subscription not in there:
                self.forget(mine.subscription)

    def delete(self, subscription: str) -> None:
        account.delete_subscription(self.http(), self.trip(), subscription)

    def forget(self, subscription: str) -> None:
        with self.setup.db.write() as tx:
            hook_secrets.forget(tx, self.slug, subscription)
