"""What happens to a webhook subscription over there is noticed, mended where that can be done, told once, and nothing stays lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from syncd.connections.joining.accounts import rotate
from syncd.connections.webhooks.guardian import LEASE
from syncd.connections.webhooks.making import make_webhook
from syncd.connections.webhooks.visit import EVERY, SOON
from syncd.flow.look import RECONCILE
from syncd.flow.orders import restraint
from syncd.simulator import KEYS, Fault
from syncd.simulator.account import Subscription
from syncd.store import arrivals, integrations
from syncd.store.arrivals import NewArrival
from syncd.systems.pagerduty.events import ACTED_UPON
from tests.connections.site import ACME, NOON, Site

DISABLED = ("watch", "retrying", "subscription_disabled")
ENABLED = ("enable", "applied", "subscription_enabled")


def test_one_that_is_in_order_is_looked_at_now_and_then_by_one_worker_alone(
    site: Site, subscribed: Subscription
) -> None:
    assert site.watch().checked_at == NOON + EVERY
    assert not site.look(0)
    assert not site.look(299)
    assert site.look(1)
    assert not site.look(0)
    assert (site.rows(), site.findings(), site.asked()) == ([], [], [])


def test_one_that_pagerduty_disabled_is_enabled_and_exactly_what_it_lost_is_looked_for(
    site: Site, subscribed: Subscription
) -> None:
    site.clock.forward(60)
    site.disable()
    site.open()
    assert site.carry() == []
    assert subscribed.is_disabled(site.clock.now())
    assert site.look()
    assert not subscribed.is_disabled(site.clock.now())
    assert site.asked() == [("subscription", NOON)], "the last hook that was taken came at noon"
    assert site.rows() == [DISABLED, ENABLED]
    (row, _) = site.whole_rows()
    assert (row["direction"], row["integration"]) == ("inbound", ACME)
    assert subscribed.id in row["detail"]
    site.clock.forward(1)
    assert site.carry() == [True], "a ping was asked for, since nothing had been heard"
    assert site.look()
    assert site.rows() == [DISABLED, ENABLED]
    assert len(site.asked()) == 1


def test_one_of_an_account_that_is_only_observed_is_enabled_again_too_since_hooks_are_what_it_is_observed_by(
    site: Site, subscribed: Subscription
) -> None:
    assert restraint.observe(site.db, ACME, by="Ana")
    site.clock.forward(60)
    site.disable()
    assert site.look()
    assert not subscribed.is_disabled(site.clock.now())
    assert site.rows() == [DISABLED, ENABLED]
    site.clock.forward(1)
    assert site.carry() == [True], "a ping was asked for"


def test_that_it_was_disabled_is_a_finding_until_a_hook_comes_or_a_day_is_over(
    site: Site, subscribed: Subscription
) -> None:
    site.disable()
    site.look()
    (said,) = site.findings()
    assert said.startswith(
        "PagerDuty had disabled a webhook subscription of acme; it was enabled again at 2026-11-21 12:10"
    )
    assert "`syncd deliveries list --outcome rejected`" in said
    site.clock.forward(timedelta(hours=23))
    assert len(site.findings()) == 1
    site.clock.forward(timedelta(hours=1))
    assert site.findings() == []
    site.disable()
    site.look()
    site.clock.forward(1)
    site.open()
    assert len(site.findings()) == 1
    assert site.carry() == [True]
    assert site.findings() == []


@pytest.mark.parametrize(
    "fault", [Fault(path="*/enable", status=503), Fault(path="*/enable", status=503, applied=True)]
)
def test_a_look_that_breaks_off_in_the_middle_is_ended_by_the_next_one(
    site: Site, subscribed: Subscription, fault: Fault
) -> None:
    """Whether it was enabled before the answer was lost or not."""
    site.disable()
    site.pagerduty.faults.lay(fault)
    assert site.look()
    assert (site.rows(), site.asked()) == ([DISABLED], [])
    assert not site.look(SOON.total_seconds() - 1)
    assert site.look(1)
    assert site.rows() == [DISABLED, ENABLED]
    assert site.asked() == [("subscription", NOON)]


def test_a_worker_that_was_too_slow_tells_and_asks_for_nothing(site: Site, subscribed: Subscription) -> None:
    site.disable()
    site.clock.forward(EVERY)
    slow = site.guardian()
    watch = slow._taken()
    assert watch is not None
    assert site.look(LEASE.total_seconds())
    before = (site.rows(), site.asked(), site.watch())
    slow._look_at(watch)
    assert (site.rows(), site.asked(), site.watch()) == before


def test_one_that_was_deleted_is_told_once_and_another_one_ends_it(site: Site, subscribed: Subscription) -> None:
    del site.there[subscribed.id]
    site.look()
    site.look()
    assert site.rows() == [("watch", "failed", "subscription_gone")]
    (said,) = site.findings()
    assert said.endswith(
        f"{subscribed.id} was deleted in PagerDuty. Have another one made: `syncd integrations webhook acme --create`."
    )
    assert site.there == {}, "its secret would be another: that is for a person to decide"
    make_webhook(site.setup, ACME, site.public_url)
    assert site.findings() == []
    site.look()
    assert site.watch().troubles == []


def test_one_that_sends_elsewhere_is_told_and_left_as_it_is(site: Site, subscribed: Subscription) -> None:
    site.public_url = "https://moved.test"
    site.look()
    site.look()
    assert site.rows() == [("watch", "failed", "subscription_elsewhere")]
    (said,) = site.findings()
    assert (
        "sends to https://syncd.test/hooks/acme, and this daemon is reached at https://moved.test/hooks/acme." in said
    )
    assert "`syncd integrations webhook acme --rotate`" in said
    site.public_url = ""
    site.look()
    assert site.findings() == [], "a worker that does not know its address finds no fault with another"


@pytest.mark.parametrize("is_switched_off", [True, False])
def test_one_that_people_changed_is_put_right_and_keeps_what_they_added(
    site: Site, subscribed: Subscription, *, is_switched_off: bool
) -> None:
    subscribed.events, subscribed.active = ("incident.triggered", "incident.delegated"), not is_switched_off
    site.look()
    assert subscribed.active
    assert set(subscribed.events) == {*ACTED_UPON, "incident.delegated"}
    assert site.rows() == [
        ("watch", "retrying", "subscription_differs"),
        ("mend", "applied", "subscription_mended"),
    ]
    assert ("switched off" if is_switched_off else "incident.resolved") in site.whole_rows()[0]["detail"]
    assert site.findings() == []


def test_what_the_key_may_not_mend_is_a_finding_until_another_key_may(site: Site, subscribed: Subscription) -> None:
    site.disable()
    site.pagerduty.account.keys[KEYS.full].kind = "read_only"
    for _ in range(3):
        site.look()
    assert site.rows() == [DISABLED]
    (said,) = site.findings()
    assert "It cannot be put right from here: " in said
    assert "`syncd integrations rotate acme`" in said
    assert site.asked() == []
    rotate(site.setup, ACME, KEYS.user)
    site.look()
    assert site.rows() == [DISABLED, ENABLED]
    assert site.asked() == [("subscription", NOON)]


def _change_unheard(site: Site) -> None:
    incident = site.open()
    site.pagerduty.people.acknowledge(incident, "Ben Osei")
    site.lose()


def test_where_changes_are_not_told_a_ping_decides_whether_hooks_reach_us(site: Site, subscribed: Subscription) -> None:
    _change_unheard(site)
    site.look()
    assert site.requests("/ping") == ["POST"]
    assert (site.rows(), site.findings()) == ([], []), "a suspicion is no finding"
    site.lose()
    site.look(60)
    assert site.rows() == [("watch", "failed", "subscription_silent")]
    (said,) = site.findings()
    assert "was asked for a ping" in said
    assert site.asked() == [("subscription", NOON)]


def test_silence_is_looked_over_again_and_again_until_a_ping_arrives(site: Site, subscribed: Subscription) -> None:
    _change_unheard(site)
    for after in (300, 60, 60):
        site.look(after)
        site.lose()
    assert len(site.rows()) == 1
    site.finish_looks()
    site.look(60)
    assert site.asked() == [("subscription", NOON), ("subscription", site.clock.now() - SOON)]
    site.clock.forward(1)
    assert site.carry() == [True]
    site.look(60)
    assert (site.findings(), site.watch().pinged_at) == ([], None)


def test_a_ping_that_arrives_ends_the_suspicion(site: Site, subscribed: Subscription) -> None:
    _change_unheard(site)
    site.look()
    site.clock.forward(1)
    assert site.carry() == [True]
    site.look(60)
    assert (site.rows(), site.findings(), site.asked(), site.requests("/ping")) == ([], [], [], ["POST"])


def test_changes_of_nobody_here_and_changes_that_were_told_raise_no_suspicion(
    site: Site, subscribed: Subscription
) -> None:
    site.pagerduty.people.open("Not ours", "Ana Lima")
    site.lose()
    site.look()
    site.clock.forward(1)
    site.open()
    assert site.carry() == [True]
    site.look()
    assert site.requests("/ping") == []


def test_a_disconnected_account_is_not_asked(site: Site, subscribed: Subscription) -> None:
    with site.db.write() as tx:
        now = site.db.now(tx)
        integrations.disconnect(tx, ACME, code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    before = len(site.pagerduty.journal.requests)
    assert site.look()
    assert len(site.pagerduty.journal.requests) == before


def test_an_account_out_of_reach_is_asked_again_soon(site: Site, subscribed: Subscription) -> None:
    site.disable()
    site.pagerduty.faults.lay(Fault(path="/webhook_subscriptions", status=503))
    assert site.look()
    assert site.rows() == []
    assert site.look(60)
    assert site.rows() == [DISABLED, ENABLED]


def test_one_that_was_made_after_the_pings_owes_none(site: Site, subscribed: Subscription) -> None:
    _change_unheard(site)
    site.look()
    site.clock.forward(1)
    assert site.carry() == [True]
    site.there[subscribed.id].url = "https://other.test"
    make_webhook(site.setup, ACME, site.public_url)
    site.there[subscribed.id].url = f"{site.public_url}/hooks/{ACME}"
    site.look(60)
    assert site.findings() == []


def test_what_we_tell_ourselves_is_no_hook_that_has_come(site: Site, subscribed: Subscription) -> None:
    site.disable()
    site.look()
    site.clock.forward(1)
    hint = NewArrival(ACME, None, RECONCILE, "Q1", b"{}", site.clock.now(), 1)
    with site.db.write() as tx:
        arrivals.add_many(tx, [hint])
    assert len(site.findings()) == 1


def test_each_trouble_is_one_line_of_the_log_at_error_level(site: Site, subscribed: Subscription) -> None:
    with capture_logs() as said:
        site.disable()
        site.look()
        del site.there[subscribed.id]
        site.look(60)
        site.look()
    alerts = [one for one in said if one["log_level"] == "error"]
    assert [(one["event"], one["integration"], one["reason"]) for one in alerts] == [
        ("subscription.trouble", ACME, "subscription_disabled"),
        ("subscription.trouble", ACME, "subscription_gone"),
    ]


def test_one_that_was_disabled_and_then_deleted_is_not_said_to_be_enabled_again(
    site: Site, subscribed: Subscription
) -> None:
    site.disable()
    site.pagerduty.faults.lay(Fault(path="*/enable", status=503))
    site.look()
    del site.there[subscribed.id]
    site.look(60)
    site.look()
    assert site.rows() == [DISABLED, ("watch", "failed", "subscription_gone")]
    assert site.watch().enabled_at is None
    assert len(site.findings()) == 1


def test_one_that_was_switched_off_and_then_deleted_is_not_said_to_be_mended(
    site: Site, subscribed: Subscription
) -> None:
    subscribed.active = False
    site.pagerduty.faults.lay(Fault(path="*/webhook_subscriptions/P*", status=503))
    site.look()
    del site.there[subscribed.id]
    site.look(60)
    site.look()
    assert site.rows() == [
        ("watch", "retrying", "subscription_differs"),
        ("watch", "failed", "subscription_gone"),
    ]
