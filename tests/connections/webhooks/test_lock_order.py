"""Two who change one account at the same moment, on PostgreSQL: they wait for each other, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from syncd.connections.webhooks.making import forget_gone
from syncd.connections.webhooks.subscriptions import Subscriptions
from syncd.connections.webhooks.successor import Succession
from syncd.connections.webhooks.visit import Visit, _Lost
from syncd.simulator.account import Subscription
from syncd.store import hook_secrets, integrations
from syncd.store.database import Database, Tx
from syncd.systems.trip import Trip
from tests.connections.site import ACME, NOON, PUBLIC, Site
from tests.waiting import wait_until

NEW = "SUB-NEW"
_BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time.


def _lock_account(tx: Tx) -> None:
    integrations.lock(tx, ACME)


def _both(
    site: Site,
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    take: Callable[[Tx], object] = _lock_account,
) -> None:
    """Somebody has a row until each has come as far as it can; then whoever waited first goes on first."""
    with ThreadPoolExecutor(2) as pool:
        going = []
        with site.db.write() as tx:
            take(tx)
            for act in (first, second):
                going.append(pool.submit(act))
                wait_until(lambda: _blocked(site.db) == len(going))
        for one in going:
            one.result(30)


def _blocked(db: Database) -> int:
    with db.read() as tx:
        return int(tx.execute(_BLOCKED).scalar_one())


def _succession(site: Site) -> Succession:
    return Succession(Subscriptions(site.setup, ACME, PUBLIC), site.clock.forward)


def _end_of_a_look(site: Site) -> Callable[[], object]:
    """That found something that was not told, and asks for a look over it."""
    with site.db.read() as tx:
        integration, ours = integrations.get(tx, ACME), hook_secrets.ours(tx, ACME)
    assert integration is not None
    system, http = site.connections.system(integration), site.connections.pagerduty(integration)
    visit = Visit(site.db, PUBLIC, site.watch(), ours, system, http, Trip.begin("look", site.clock.monotonic))
    return lambda: visit._finish([], [], _Lost(NOON, is_standing=False, is_looked_for=True), None)


def _with_a_successor(site: Site, old: Subscription) -> None:
    with site.db.write() as tx:
        assert hook_secrets.add_successor(tx, ACME, b"sealed", NEW, old.id, NOON)


def test_the_end_of_a_rotation_and_the_end_of_a_look(site: Site, subscribed: Subscription) -> None:
    _with_a_successor(site, subscribed)
    _both(site, lambda: _succession(site).retire(subscribed.id, NEW), _end_of_a_look(site))
    assert [why for why, _ in site.asked()] == ["subscription"]
    with site.db.read() as tx:
        assert [one.subscription for one in hook_secrets.listing(tx, ACME)] == [NEW]


def test_the_beginning_of_a_rotation_and_the_end_of_a_look(site: Site, subscribed: Subscription) -> None:
    _both(
        site,
        lambda: _succession(site)._keep(NEW, b"sealed", subscribed.id, is_known=True),
        _end_of_a_look(site),
    )
    with site.db.read() as tx:
        assert hook_secrets.get(tx, ACME, NEW) is not None


def test_the_end_of_a_rotation_and_whoever_forgets_what_was_deleted(site: Site, subscribed: Subscription) -> None:
    _with_a_successor(site, subscribed)
    _both(
        site,
        lambda: _succession(site).retire(subscribed.id, NEW),
        lambda: forget_gone(site.setup, ACME, {subscribed.id, NEW}, {NEW}),
    )
    assert [why for why, _ in site.asked()] == ["subscription"]


def test_a_receiver_that_proves_two_secrets_and_whoever_replaces_the_one_by_the_other(
    site: Site, subscribed: Subscription
) -> None:
    _with_a_successor(site, subscribed)
    with site.db.read() as tx:
        old, new = [one.id for one in hook_secrets.listing(tx, ACME)]

    def prove() -> None:
        with site.db.write() as tx:
            hook_secrets.prove(tx, [new, old], NOON)

    def forget() -> None:
        with site.db.write() as tx:
            assert hook_secrets.forget(tx, ACME, subscribed.id)

    _both(site, prove, forget, take=lambda tx: hook_secrets.prove(tx, [old], NOON))
    with site.db.read() as tx:
        assert [(one.subscription, one.proved_at) for one in hook_secrets.listing(tx, ACME)] == [(NEW, NOON)]
