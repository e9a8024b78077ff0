"""A webhook's secret is replaced while hooks come in: none is refused, and whoever is interrupted leaves both at work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.webhooks.making import make_webhook
from syncd.connections.webhooks.rotation import Rotation
from syncd.errors import Conflict, Misconfigured, Refused, Unavailable
from syncd.simulator.account import Subscription
from syncd.store import hook_secrets
from syncd.store.database import Database
from tests.connections.site import ACME, NOON, PUBLIC, Site


def _rotation(site: Site, rest: Callable[[float], None] | None = None) -> Rotation:
    """While it waits, time goes by and hooks are carried."""

    def carry(seconds: float) -> None:
        site.clock.forward(seconds)
        site.carry()

    return Rotation(site.setup, ACME, site.public_url, rest or carry)


def _kept(site: Site) -> list[tuple[str, str]]:
    with site.db.read() as tx:
        return [(one.subscription, one.replaces) for one in hook_secrets.listing(tx, ACME)]


def test_the_new_one_proves_itself_before_the_old_one_goes(site: Site, subscribed: Subscription) -> None:
    both: list[int] = []

    def rest(seconds: float) -> None:
        both.append(len(site.there))
        site.open()
        site.clock.forward(seconds)
        assert all(site.carry()), "each event comes by both, and neither is refused"

    (done,) = _rotation(site, rest).run()
    (left,) = site.there.values()
    assert both == [2]
    assert (done.old, done.new) == (subscribed.id, left.id)
    assert left.secrets != subscribed.secrets
    assert (left.url, left.active, left.filter_type) == (f"{PUBLIC}/hooks/acme", True, "account_reference")
    assert _kept(site) == [(left.id, "")]
    site.open()
    assert site.carry() == [True]
    assert site.findings() == []


def test_nothing_is_sent_before_its_secret_is_kept(site: Site, subscribed: Subscription) -> None:
    """What happens between the two would be refused, and three refusals disable a subscription."""
    before = len(site.pagerduty.journal.requests)
    _rotation(site).run()
    asked = list(site.pagerduty.journal.requests)[before:]
    made, switched_on, *_ = [one for one in asked if one.method in {"POST", "PUT"} and "webhook" in one.target]
    assert made.method == "POST"
    assert switched_on.method == "PUT"


def test_what_the_old_one_had_still_to_deliver_is_looked_for(site: Site, subscribed: Subscription) -> None:
    began = site.clock.now()
    _rotation(site).run()
    assert site.asked() == [("subscription", began - timedelta(minutes=15))]


def test_one_for_a_service_is_replaced_by_one_for_that_service(site: Site) -> None:
    site.connect()
    site.there.clear()
    old = make_webhook(site.setup, ACME, PUBLIC, service="Payments")
    service = site.there[old].filter_id
    _rotation(site).run()
    (left,) = site.there.values()
    assert (left.filter_type, left.filter_id) == ("service_reference", service)


def test_one_for_a_team_becomes_none_for_the_whole_account(site: Site, subscribed: Subscription) -> None:
    """As somebody set it in PagerDuty. The simulated account has no teams, and refuses another one for this."""
    subscribed.filter_type, subscribed.filter_id = "team_reference", "PTEAM01"
    with pytest.raises(Refused, match="Filter id is invalid"):
        _rotation(site).run()
    assert list(site.there.values()) == [subscribed]


def test_after_a_move_the_new_one_sends_to_the_new_address(site: Site, subscribed: Subscription) -> None:
    site.public_url = "https://moved.test"
    site.look()
    assert len(site.findings()) == 1
    _rotation(site).run()
    (left,) = site.there.values()
    assert left.url == "https://moved.test/hooks/acme"
    assert site.findings() == []


def test_without_a_ping_the_new_one_goes_and_the_old_one_stays(site: Site, subscribed: Subscription) -> None:
    def rest(seconds: float) -> None:
        site.clock.forward(seconds)
        site.lose()

    begun = site.clock.now()
    with pytest.raises(
        Unavailable, match=r"did not arrive within 30 s.*see that a receiver runs and that https://syncd"
    ):
        _rotation(site, rest).run()
    assert site.clock.now() - begun == timedelta(seconds=30)
    assert list(site.there) == [subscribed.id]
    assert _kept(site) == [(subscribed.id, "")]
    site.open()
    assert site.carry() == [True]


def test_a_ping_that_the_old_secret_signed_proves_nothing(site: Site, subscribed: Subscription) -> None:
    def rest(seconds: float) -> None:
        site.clock.forward(seconds)
        site.lose()
        site.pagerduty.webhooks.ping(subscribed)
        assert site.carry() == [True]

    with pytest.raises(Unavailable, match="did not arrive"):
        _rotation(site, rest).run()
    assert list(site.there) == [subscribed.id]


def test_whoever_is_interrupted_leaves_both_and_a_second_run_ends_it(site: Site, subscribed: Subscription) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _rotation(site, interrupted).run()
    assert len(site.there) == 2
    site.lose()
    site.open()
    assert site.carry() == [True, True]
    (said,) = site.findings()
    assert "`syncd integrations webhook acme --rotate`" in said
    new = next(name for name in site.there if name != subscribed.id)
    (done,) = _rotation(site).run()
    assert (done.old, done.new) == (subscribed.id, new)
    assert list(site.there) == [new]
    assert (_kept(site), site.findings()) == ([(new, "")], [])


def test_one_that_was_made_and_whose_secret_was_never_kept_is_taken_away(site: Site, subscribed: Subscription) -> None:
    left = site.there[make_webhook(site.setup, ACME, "https://other.test")]
    with site.db.write() as tx:
        hook_secrets.forget(tx, ACME, left.id)
    left.url, left.active = subscribed.url, False
    (done,) = _rotation(site).run()
    assert list(site.there) == [done.new]


def test_a_new_one_that_was_deleted_meanwhile_is_made_again(site: Site, subscribed: Subscription) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _rotation(site, interrupted).run()
    gone = next(name for name in site.there if name != subscribed.id)
    del site.there[gone]
    site.lose()
    (done,) = _rotation(site).run()
    assert done.new != gone
    assert _kept(site) == [(done.new, "")]


def test_what_cannot_be_replaced_is_refused_with_what_to_do(site: Site) -> None:
    made = site.connect()
    with pytest.raises(Conflict, match="not a PagerDuty account"):
        Rotation(site.setup, BUILTIN, PUBLIC, lambda _: None).run()
    with pytest.raises(Misconfigured, match="set SYNCD_PUBLIC_URL"):
        Rotation(site.setup, ACME, "", lambda _: None).run()
    site.there.clear()
    with pytest.raises(Conflict, match=r"was deleted in PagerDuty; have another one made: `syncd .* --create`"):
        _rotation(site).run()
    with site.db.write() as tx:
        hook_secrets.forget(tx, ACME, made.id)
    with pytest.raises(Conflict, match="no webhook subscription that syncd made"):
        _rotation(site).run()


def test_of_two_who_replace_the_same_one_only_one_may(db: Database, site: Site) -> None:
    site.connect()
    (old,) = site.there
    barrier = Barrier(2)

    def add(name: str) -> bool:
        barrier.wait()
        with db.write() as tx:
            return hook_secrets.add_successor(tx, ACME, b"sealed", name, old, NOON)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, ("ONE", "TWO"))) == [False, True]
    assert len(_kept(site)) == 2
