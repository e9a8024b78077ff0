"""One look at the webhook subscriptions of one account: what is wrong, what is done about it, and what is left.

What is wrong is written down before anything is done about it, so that a worker that dies leaves it to the next one; and by
whoever still has the watch alone, so that nothing is told or asked for twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from syncd import errors
from syncd.core.changes import Side
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.store import deliveries, inflow, integrations, links, reconciles, watches
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from syncd.store.hook_secrets import HookSecret
from syncd.store.watches import Watch
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Subscription
from syncd.systems.port import System
from syncd.systems.trip import Trip

from .trouble import MENDED_BY_US, STANDING, Trouble, compare, from_json, losing

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
SOON = timedelta(minutes=1)  # after a look that failed, and when a ping that was asked for must have arrived
WHY = "subscription"  # of the reconciles it asks for
_MENDED_AS = {
    Reason.SUBSCRIPTION_DISABLED: ("enable", Reason.SUBSCRIPTION_ENABLED),
    Reason.SUBSCRIPTION_DIFFERS: ("mend", Reason.SUBSCRIPTION_MENDED),
}


@dataclass(frozen=True, slots=True)
class _Lost:
    """What was not told, from some moment on."""

    since: datetime | None
    is_standing: bool  # more of it is being lost
    is_looked_for: bool

    def kept(self, now: datetime) -> datetime | None:
        """From where the next look for it has to begin."""
        if not self.is_standing:
            return None
        return now if self.is_looked_for else self.since


@dataclass(frozen=True, slots=True)
class Visit:
    """One look, from the list to what was done about it."""

    db: Database
    public_url: str  # empty: nobody told us where we are reached
    watch: Watch
    ours: Sequence[HookSecret]
    system: System
    http: Http
    trip: Trip

    @property
    def slug(self) -> str:
        return self.watch.integration

    def make(self) -> None:
        there = {one.id: one for one in account.list_subscriptions(self.http, self.trip)}
        before = from_json(self.watch.troubles)
        troubles = _since_first(before, self._troubles(there))
        lost = self._lost_since(before, troubles, there)
        if not self._write_down(before, troubles, lost):
            return
        left = [left for one in troubles if (left := self._mended(one, there)) is not None]
        pinged_at = self._ping(there, left)
        over = [one for one in _together(before, troubles) if one.key not in {it.key for it in left}]
        healed = [one for one in over if one.subscription in there]  # One that was deleted meanwhile was not mended.
        self._finish(left, healed, self._look_for(left, lost, there), pinged_at)

    def _troubles(self, there: Mapping[str, Subscription]) -> list[Trouble]:
        with self.db.read() as tx:
            now = self.db.now(tx)
        url = f"{self.public_url}/hooks/{self.slug}" if self.public_url else ""
        found = [*compare([one.subscription for one in self.ours], there, url, now)]
        mute = {one.subscription for one in found if one.reason is not Reason.SUBSCRIPTION_ELSEWHERE}
        return [*found, *(_silent(one, now) for one in self.ours if one.subscription not in mute and self._owes(one))]

    def _owes(self, one: HookSecret) -> bool:
        """A ping that was asked for at the last look."""
        asked = self.watch.pinged_at
        return asked is not None and one.created_at <= asked and (one.proved_at is None or one.proved_at < asked)

    def _lost_since(
        self, before: Sequence[Trouble], troubles: Sequence[Trouble], there: Mapping[str, Subscription]
    ) -> datetime | None:
        """From the last hook that was taken on, or from the look before: of several subscriptions one may go on sending."""
        lost = {one.key for one in self._losing(troubles, there)}
        if self.watch.lost_since is not None or not lost:
            return self.watch.lost_since
        checked = self.watch.checked_at
        if checked is not None and lost <= {one.key for one in before}:
            return checked
        with self.db.read() as tx:
            heard = inflow.last_heard(tx, self.slug)
        known = [one for one in (heard, checked) if one is not None]
        return min(known or [one.created_at for one in self.ours])

    def _losing(self, troubles: Sequence[Trouble], there: Mapping[str, Subscription]) -> list[Trouble]:
        return losing([one.subscription for one in self.ours], there, troubles)

    def _look_for(self, left: Sequence[Trouble], lost: datetime | None, there: Mapping[str, Subscription]) -> _Lost:
        """Once nothing stands in the way; while one is silent at every look, since nobody knows what stands there."""
        reasons = {one.reason for one in self._losing(left, there)}
        is_standing = bool(reasons & STANDING)
        return _Lost(lost, is_standing, lost is not None and (not is_standing or Reason.SUBSCRIPTION_SILENT in reasons))

    def _write_down(self, before: Sequence[Trouble], troubles: Sequence[Trouble], lost: datetime | None) -> bool:
        """False: somebody else has it by now. What is new is told, once."""
        known = {one.key for one in before}
        new = [one for one in troubles if one.key not in known]
        # Those that were mended since are told at the end.
        kept = [one.as_json() for one in _together(before, troubles)]
        with self.db.write() as tx:
            if not watches.write(tx, self.watch, troubles=kept, lost_since=lost):
                return False
            now = self.db.now(tx)
            deliveries.record_many(tx, [self._row(one, now) for one in new])
        for one in new:
            log.error("subscription.trouble", integration=self.slug, reason=str(one.reason), detail=one.detail)
        return True

    def _mended(self, one: Trouble, there: Mapping[str, Subscription]) -> Trouble | None:
        """What is left of it. Whatever a person has to do stays as it is."""
        if one.reason not in MENDED_BY_US:
            return one
        try:
            if one.reason is Reason.SUBSCRIPTION_DISABLED:
                account.enable_subscription(self.http, self.trip, one.subscription)
            else:
                account.mend_subscription(self.http, self.trip, there[one.subscription])
        except errors.Refused as refused:
            log.warning("subscription.not_mended", integration=self.slug, why=str(refused))
            return one.refused(str(refused))
        return None

    def _ping(self, there: Mapping[str, Subscription], left: Sequence[Trouble]) -> datetime | None:
        """Asked for where changes were not told, and again and again until one arrives. None: nobody needs one."""
        is_silent = any(one.reason is Reason.SUBSCRIPTION_SILENT for one in left)
        if not is_silent and (self.watch.pinged_at is not None or not self._has_changed_unheard()):
            return None
        with self.db.read() as tx:
            now = self.db.now(tx)
        try:
            for one in self.ours:
                if one.subscription in there:
                    account.ping_subscription(self.http, self.trip, one.subscription)
        except errors.Refused as refused:
            log.warning("subscription.not_pinged", integration=self.slug, why=str(refused))
            return None
        return now

    def _has_changed_unheard(self) -> bool:
        """The log has entries that make no hook, so this is a reason to ask for a ping and no proof."""
        checked = self.watch.checked_at
        if checked is None:
            return False
        with self.db.read() as tx:
            if inflow.has_come_after(tx, self.slug, checked):
                return False
        page = self.system.changed(self.trip, checked, "")
        with self.db.read() as tx:
            return bool(links.of_records(tx, self.slug, Side.INCIDENT, sorted({one.ref for one in page.seen})))

    def _finish(
        self, left: Sequence[Trouble], healed: Sequence[Trouble], lost: _Lost, pinged_at: datetime | None
    ) -> None:
        was_enabled = any(one.reason is Reason.SUBSCRIPTION_DISABLED for one in healed)
        with self.db.write() as tx:
            integrations.lock(tx, self.slug)
            now = self.db.now(tx)
            values = {
                "troubles": [one.as_json() for one in left],
                "checked_at": now,
                "lost_since": lost.kept(now),
                "enabled_at": now if was_enabled else self.watch.enabled_at,
                "pinged_at": pinged_at,
                "next_at": now + (EVERY if pinged_at is None else SOON),
            }
            if not watches.write(tx, self.watch, **values):
                return
            deliveries.record_many(tx, [self._healed_row(one, now) for one in healed if one.reason in _MENDED_AS])
            if lost.since is not None and lost.is_looked_for:
                reconciles.ask(tx, self.slug, lost.since, why=WHY, by="", now=now)
        for one in healed:
            log.info("subscription.in_order", integration=self.slug, was=str(one.reason), subscription=one.subscription)

    def _row(self, one: Trouble, now: datetime) -> Delivery:
        outcome = Outcome.RETRYING if one.reason in MENDED_BY_US else Outcome.FAILED
        return self._written(one, "watch", outcome, one.reason, now)

    def _healed_row(self, one: Trouble, now: datetime) -> Delivery:
        action, reason = _MENDED_AS[one.reason]
        return self._written(one, action, Outcome.APPLIED, reason, now)

    def _written(self, one: Trouble, action: str, outcome: Outcome, reason: Reason, now: datetime) -> Delivery:
        return Delivery(
            recorded_at=now,
            direction=deliveries.direction(Side.INCIDENT),
            change="subscription",
            action=action,
            outcome=outcome,
            reason=reason,
            detail=f"{SENTENCES[reason]} {one.detail}",
            integration=self.slug,
            source_system=self.slug,
            occurred_at=one.since,
        )


def _silent(one: HookSecret, now: datetime) -> Trouble:
    said = f"PagerDuty was asked for a ping of webhook subscription {one.subscription}, and none has come."
    return Trouble(Reason.SUBSCRIPTION_SILENT, one.subscription, said, now)


def _since_first(before: Iterable[Trouble], troubles: Iterable[Trouble]) -> list[Trouble]:
    known = {one.key: one.since for one in before}
    return [replace(one, since=known.get(one.key, one.since)) for one in troubles]


def _together(before: Iterable[Trouble], troubles: Iterable[Trouble]) -> list[Trouble]:
    """Each once, as it was seen last."""
    return list({one.key: one for one in (*before, *troubles)}.values())
