"""Hooks were refused for want of their secret: once it is there, what they carried is looked for, since nobody sends them again."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.connections.webhooks.making import add_hook_secret
from syncd.connections.webhooks.missed import REFUSED
from syncd.connections.webhooks.rotation import Rotation
from syncd.flow import accept
from syncd.simulator.account import Subscription
from syncd.store import marks, reconciles
from tests.connections.site import ACME, PUBLIC, Site

WHOLE = "pasted-0123456789-secret"


def _refuse(site: Site) -> datetime:
    """A minute later than whatever was before; when it was."""
    site.clock.forward(60)
    accept.turn_away(site.db, site.connections.refresh(ACME), "The signature matches no secret.")
    return site.clock.now()


def _add(site: Site) -> None:
    site.clock.forward(60)
    add_hook_secret(site.setup, ACME, f"{WHOLE}-{site.clock.now()}")


def test_another_secret_asks_for_what_was_refused_from_the_first_on(site: Site, subscribed: Subscription) -> None:
    first = _refuse(site)
    _refuse(site)
    _add(site)
    assert site.asked() == [(REFUSED, first)]
    site.finish_looks()
    _add(site)
    assert len(site.asked()) == 1, "once"
    later = _refuse(site)
    _add(site)
    assert site.asked()[1:] == [(REFUSED, later)], "and a secret that was wrong as well helped nobody"


def test_where_nothing_was_refused_nothing_is_asked_for(site: Site, subscribed: Subscription) -> None:
    _add(site)
    assert site.asked() == []


def test_what_a_look_at_every_record_has_read_is_not_asked_for_again(site: Site, subscribed: Subscription) -> None:
    _refuse(site)
    site.clock.forward(60)
    with site.db.write() as tx:
        now = site.db.now(tx)
        since = marks.of(tx, ACME).read_until
        reconciles.ask(tx, ACME, since, why="daily", by="", now=now, is_deep=True)
    site.finish_looks()
    _add(site)
    assert len(site.asked()) == 1
    later = _refuse(site)
    _add(site)
    assert site.asked()[1:] == [(REFUSED, later)]


def test_a_secret_that_was_made_anew_asks_for_it_when_it_has_proved_itself(
    site: Site, subscribed: Subscription
) -> None:
    first = _refuse(site)
    site.clock.forward(1800)

    asked_before: list[object] = []

    def carry(seconds: float) -> None:
        asked_before.extend(site.asked())
        site.clock.forward(seconds)
        site.carry()

    Rotation(site.setup, ACME, PUBLIC, carry).run()
    assert asked_before == []
    assert site.asked() == [("subscription", first)]
    began = site.clock.now()
    site.finish_looks()
    Rotation(site.setup, ACME, PUBLIC, carry).run()
    assert site.asked()[1:] == [("subscription", began - timedelta(minutes=15))]
