"""A person moves an integration to another account: links to incidents of the old one end, connectors are aimed at the new one.

First what would become of it, with everything looked up in the new account; then its old subscriptions; then all the rest at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from syncd.connections import key_age
from syncd.connections.joining.history import begun, only_asked
from syncd.connections.joining.moving import Given, Moved, looked_up
from syncd.connections.joining.setup import Setup, refuse_same_account
from syncd.connections.joining.terms import PROCESSED
from syncd.core.connection import Kind
from syncd.errors import Conflict, NotFound
from syncd.flow.finding import counted
from syncd.store import connection_log, connectors, diagnoses, hook_secrets, integrations, presets, removal, routes
from syncd.store.database import Tx
from syncd.store.evidence import leaving
from syncd.store.integrations import Agreed, Integration
from syncd.store.removal import Going

from .ending import Reach, end_links, reach
from .unsubscribing import unsubscribe

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of it."""

    moved: Moved
    reach: Reach
    subscriptions: Sequence[str]  # of ours, at the old account
    pasted: int  # hook secrets of subscriptions that a person made there

    @property
    def slug(self) -> str:
        return self.moved.old.slug

    @property
    def warnings(self) -> list[str]:
        """What is to be minded once it is done."""
        lost = [f"Left out, since the new account has none: {one}." for one in self.moved.lost]
        return [*self.moved.renewed.warnings, *lost]

    @property
    def says(self) -> str:
        named = f" ({self.reach.named})" if self.reach.links else ""
        links = counted(self.reach.links, "link ends", "links end")
        waiting = counted(self.reach.waiting, "change that waits comes", "changes that wait come")
        said = (
            f"{self.slug} moves from {self.moved.old.account_host} to {self.moved.host}. {links}{named}, and {waiting} to nothing: "
            f"each has a row. {self._connectors}{self._subscriptions}{self._lost} Cases and incidents stay as they are. Whoever "
            f"moves it consents: {PROCESSED}"
        )
        return " ".join((said, *self.moved.renewed.warnings))

    @property
    def _connectors(self) -> str:
        aimed = [f"{one.old.name} ({_names(one.old)} becomes {_called(one.new)})" for one in self.moved.aimed]
        return f"Connectors: {', '.join(aimed) or 'none'}."

    @property
    def _subscriptions(self) -> str:
        ours = (
            f" Subscription {', '.join(self.subscriptions)} is deleted at the old account."
            if self.subscriptions
            else ""
        )
        return ours + (" A subscription that a person made there has to be deleted there." if self.pasted else "")

    @property
    def _lost(self) -> str:
        return f" Without a counterpart there, and left out: {', '.join(self.moved.lost)}." if self.moved.lost else ""


def plan(setup: Setup, slug: str, given: Given, *, by: str) -> Plan:
    """Raises, and nothing is changed, when a connector has no service there. Whoever goes no further has begun nothing."""
    moved = looked_up(setup, slug, given, by)
    with only_asked(setup, slug, Kind.REINITIATED, by), setup.db.read() as tx:
        refuse_same_account(tx, slug, moved.host)
        kept = hook_secrets.listing(tx, slug)
        ours = [one.subscription for one in kept if one.subscription]
        return Plan(moved, reach(tx, Going(account=slug)), ours, len(kept) - len(ours))


def move(setup: Setup, planned: Plan, *, by: str) -> str:
    """What was done. Cut off in between, only subscriptions are gone, and the same order again does the rest."""
    moved, slug = planned.moved, planned.slug
    why = f"Its account {slug} was moved from {moved.old.account_host} to {moved.host} by {by}."
    with begun(setup, slug, Kind.REINITIATED, by):
        left = unsubscribe(setup, slug, planned.subscriptions).says
        with setup.db.write() as tx:
            now = setup.db.now(tx)
            count = end_links(tx, Going(account=slug), why, now)
            _refuse_changed(tx, planned)
            _store(tx, moved, by, now)
            ended = f"{counted(count, 'link', 'links')} ended.{left}"
            detail = f"Moved from {moved.old.account_host} to {moved.host}. {ended}"
            connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)
            connection_log.add(tx, slug, Kind.CONNECTED, now=now, by=by, detail=f"{moved.host}. Consented: {PROCESSED}")
    log.info("integration.moved", integration=slug, by=by, links=count)
    return (
        f"{slug} is {moved.host} from now on. {ended} What happens there is asked for every few seconds, until it has a webhook: "
        f"`syncd integrations webhook {slug} --create`."
    )


def _store(tx: Tx, moved: Moved, by: str, now: datetime) -> None:
    slug, old = moved.old.slug, moved.old
    there = integrations.lock(tx, slug) or old
    integrations.reseal(tx, slug, moved.sealed, {**there.settings, **moved.renewed.stored, **key_age.stored(now)})
    integrations.begin_anew(tx, slug, moved.host, moved.base_url, now)
    integrations.agree(tx, slug, Agreed(by, is_two_way=there.is_two_way, is_read_only=there.is_read_only), now)
    removal.forget_found(tx, slug, moved.old.account_host)
    leaving.take_back(tx, slug, moved.host)  # It may have been moved away from there before.
    diagnoses.begin(tx, slug, now)  # What its key may do is asked at once.
    for one in moved.aimed:
        connectors.aim(tx, one.new)
    if moved.presets:
        routes.hold(tx)
        looks = {**presets.all_of(tx), **{one.name: one for one in moved.presets}}
        routes.replace(tx, routes.all_of(tx), looks.values())


def _refuse_changed(tx: Tx, planned: Plan) -> None:
    """The questions took their time."""
    slug, moved = planned.slug, planned.moved
    there = integrations.lock(tx, slug)
    if there is None:
        raise NotFound(f"{slug} was removed meanwhile; `syncd integrations list` shows those there are.")
    mine = {one.name: one.services for one in connectors.all_of(tx).values() if one.integration == slug}
    is_same = mine == {one.old.name: one.old.services for one in moved.aimed}
    if not is_same or _told(there) != _told(moved.old):
        raise Conflict(f"{slug} or a connector of it was changed meanwhile, so it was not moved; try again.")
    refuse_same_account(tx, slug, moved.host)


def _told(it: Integration) -> tuple[str, str]:
    return it.account_host, it.base_url


def _names(it: connectors.Connector) -> str:
    return ", ".join(one.name for one in it.services)


def _called(it: connectors.Connector) -> str:
    return ", ".join(f"{one.name} ({one.id})" for one in it.services)
