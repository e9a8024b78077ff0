"""What a webhook subscription did not tell, while somebody had changed or deleted it, is looked for once it is in order."""

from __future__ import annotations

import pytest

from syncd.connections.webhooks.making import make_webhook
from syncd.connections.webhooks.visit import EVERY
from syncd.simulator.account import Subscription
from tests.connections.site import ACME, NOON, Site


def _change_after_a_minute(site: Site, incident: str) -> None:
    site.clock.forward(60)
    site.pagerduty.people.note(incident, "Looking", "Ben Osei")
    site.lose()


def _heard(site: Site) -> str:
    site.clock.forward(1)
    incident = site.open()
    assert site.carry() == [True]
    return incident


@pytest.mark.parametrize("is_switched_off", [True, False])
def test_what_one_that_people_changed_did_not_tell_is_looked_for(
    site: Site, subscribed: Subscription, *, is_switched_off: bool
) -> None:
    incident = _heard(site)
    subscribed.events, subscribed.active = ("incident.triggered",), not is_switched_off
    _change_after_a_minute(site, incident)
    site.look()
    assert site.asked() == [("subscription", NOON + EVERY)], "from the look before"
    site.clock.forward(1)
    site.carry()
    site.look()
    assert len(site.asked()) == 1
    assert site.watch().lost_since is None


def test_what_was_not_told_between_a_deletion_and_another_subscription_is_looked_for(
    site: Site, subscribed: Subscription
) -> None:
    incident = _heard(site)
    del site.there[subscribed.id]
    site.look()
    _change_after_a_minute(site, incident)
    site.look()
    assert site.asked() == [], "it goes on being lost"
    site.clock.forward(1)
    make_webhook(site.setup, ACME, site.public_url)
    assert site.look(0), "at once"
    assert site.asked() == [("subscription", NOON + EVERY)]
    assert (site.watch().lost_since, site.watch().troubles) == (None, [])
    site.finish_looks()
    site.clock.forward(1)
    site.carry()
    site.look()
    assert len(site.asked()) == 1, "once"


def test_what_one_that_was_replaced_before_anybody_saw_that_it_was_gone_did_not_tell_is_looked_for(
    site: Site, subscribed: Subscription
) -> None:
    incident = _heard(site)
    del site.there[subscribed.id]
    _change_after_a_minute(site, incident)
    make_webhook(site.setup, ACME, site.public_url)
    site.finish_looks()
    assert site.look(0), "at once"
    assert site.asked() == [("subscription", NOON + EVERY)]


def test_what_was_sent_elsewhere_is_looked_for_at_every_look_and_once_that_is_put_right(
    site: Site, subscribed: Subscription
) -> None:
    incident = _heard(site)
    subscribed.url = "https://elsewhere.test"
    _change_after_a_minute(site, incident)
    site.look()
    _change_after_a_minute(site, incident)
    site.look()
    assert site.requests("/ping") == ["POST"]
    assert site.asked() == []
    site.lose()
    site.look(60)
    assert site.asked() == [("subscription", NOON + EVERY)], "and no ping comes"
    site.finish_looks()
    site.lose()
    subscribed.url = f"{site.public_url}/hooks/{ACME}"
    last = site.clock.now()
    site.look(60)
    assert site.asked()[1:] == [("subscription", last)]


def test_where_another_of_ours_goes_on_sending_nothing_is_lost(site: Site, subscribed: Subscription) -> None:
    subscribed.url = "https://other.test"
    other = site.there[make_webhook(site.setup, ACME, site.public_url)]
    site.look()
    assert site.rows() == [("watch", "failed", "subscription_elsewhere")]
    assert site.watch().lost_since is None
    del site.there[subscribed.id]
    site.look()
    assert (site.watch().lost_since, site.asked()) == (None, [])
    other.active = False
    site.look()
    assert len(site.asked()) == 1, "until that one stops too"
