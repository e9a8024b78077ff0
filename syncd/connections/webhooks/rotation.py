"""What happens to all subscriptions of an account: each is replaced, and those whose secret is lost are taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.history import note
from syncd.connections.joining.services import chosen
from syncd.connections.joining.setup import Setup, talking
from syncd.core.connection import Kind
from syncd.errors import Conflict, Misconfigured, SideError
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription

from .making import forget_gone, make_webhook, refuse_other_webhooks
from .overlap import overlaps
from .subscriptions import Subscriptions
from .successor import Succession

log = structlog.get_logger(__name__)


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
    by: str = ""

    def run(self) -> Sequence[Rotated]:
        self._refuse_what_cannot_be()
        with talking():
            there, ours = self._at.there(), self._at.ours()
            lost = self._at.lost(there)
            if not (lost or ours):
                raise Conflict(
                    f"{self.slug} has no webhook subscription that syncd made; "
                    f"have one made: `syncd integrations webhook {self.slug} --create`."
                )
            known = {one.subscription for one in ours}
            names = self._to_replace(there, is_any_lost=bool(lost))
            done = [self._replaced(one, is_known=one in known) for one in names]
            return [*done, *self._taken_over(lost)]

    def create(self, service: str = "") -> Sequence[Rotated]:
        """Have one made. One of ours that overlaps, and whose secret is lost, is taken over instead, as it is."""
        refuse_other_webhooks(self.setup, self.slug)
        if done := self._taken_over_instead(service):
            return done
        made = make_webhook(self.setup, self.slug, self.public_url, service=service, by=self.by)
        self._ask_for_its_ping(made)
        return [Rotated("", made)]

    def _ask_for_its_ping(self, made: str) -> None:
        """Whoever had it made sees whether it arrives. What comes of asking changes nothing: the guardian asks where nothing is heard."""
        try:
            account.ping_subscription(self._at.http(), self._at.trip(), made)
        except SideError as error:
            log.warning("subscription.not_pinged", integration=self.slug, subscription=made, error=str(error))

    def _taken_over_instead(self, service: str) -> Sequence[Rotated]:
        if not self.public_url or self.slug == BUILTIN:
            return []  # That is refused where it would be made.
        with talking():
            there = self._at.there()
            self._at.clean_up(there)
            lost = self._at.lost(there)
            if not lost:
                return []
            services = account.list_services(self._at.http(), self._at.trip()) if service else ()
            asked = chosen(services, service).id if service else ""
            return self._taken_over([one for one in lost if overlaps(one, self._at.url, asked)])

    def _refuse_what_cannot_be(self) -> None:
        self.setup.pagerduty(self.slug)
        if not self.public_url:
            raise Misconfigured(
                "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL and try again."
            )

    def _to_replace(self, there: Mapping[str, Subscription], *, is_any_lost: bool) -> list[str]:
        """All of ours; after a run that was cut off, the ones that it had not finished and no others.

        Where others of ours send here whose secrets are lost, these take the place of those that were deleted.
        """
        ours = self._at.ours()
        names = [one.subscription for one in ours]
        begun = [one.replaces for one in ours if one.replaces]
        return begun or [one for one in names if one in there or not is_any_lost]

    def _taken_over(self, lost: Sequence[Subscription]) -> list[Rotated]:
        """Each is replaced as any other is; one whose events another of ours sends by now is deleted."""
        done = [self._taken(one) for one in lost]
        if done:
            known = self._at.known()
            forget_gone(self.setup, self.slug, known, self._at.there())
        return done

    def _taken(self, one: Subscription) -> Rotated:
        there = self._at.there()
        known = {mine.subscription for mine in self._at.ours()} & there.keys()
        beside = next((it for it in known if self._sends_all(there[it], one)), "")
        if not beside:
            return self._replaced(one.id, is_known=False)
        self._succession.retire(one.id, beside)
        note(self.setup, self.slug, Kind.UPDATED, by=self.by, detail=f"Webhook subscription {one.id} was deleted.")
        return Rotated(one.id, beside, is_made=False)

    def _sends_all(self, mine: Subscription, other: Subscription) -> bool:
        is_sending = mine.url == self._at.url and mine.is_active and not mine.is_disabled_by_pagerduty
        return is_sending and mine.filter_id in {"", other.filter_id}

    def _replaced(self, old: str, *, is_known: bool) -> Rotated:
        new = self._succession.replace(old, is_known=is_known)
        detail = f"Webhook subscription {new} has taken the place of {old}."
        note(self.setup, self.slug, Kind.UPDATED, by=self.by, detail=detail)
        return Rotated(old, new)

    @property
    def _at(self) -> Subscriptions:
        return Subscriptions(self.setup, self.slug, self.public_url)

    @property
    def _succession(self) -> Succession:
        return Succession(self._at, self.rest)
