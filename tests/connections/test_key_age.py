"""A key grows old from when it was given: another one is new, the same one given again is not, and tokens have no age."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update

from syncd.connections import key_age
from syncd.connections.doctor import account
from syncd.connections.doctor.account import Patient
from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.changing import move, send_as
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.core.judging import State
from syncd.flow.notices.causes import Kind, causes
from syncd.flow.status.condition import condition
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connection_log, integrations
from syncd.store.integrations import Integration
from syncd.store.tables_of_accounts import integrations as table
from syncd.systems.trip import Trip
from tests.connections.oauth_site import connect
from tests.connections.site import ACME, NOON, Site
from tests.parts.terms import TERMS

OTHER = "u+another-key-of-4711"


def join(site: Site) -> None:
    add_pagerduty(site.setup, ACME, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=_where(site.pagerduty))


def _where(sim: Simulator) -> str:
    return sim.account.api_url


def give(sim: Simulator) -> None:
    sim.account.keys[OTHER] = replace(sim.account.keys[KEYS.full], secret=OTHER)


def there(site: Site) -> Integration:
    with site.db.read() as tx:
        found = integrations.get(tx, ACME)
    assert found is not None
    return found


def since(site: Site) -> datetime | None:
    with site.db.read() as tx:
        age = key_age.of(tx, there(site), site.clock.now())
    return None if age is None else age.since


def said(site: Site) -> list[str]:
    """By status, doctor and notices."""
    with site.db.read() as tx:
        told = [one.what for one in causes(tx, site.clock.now()).values() if one.kind is Kind.OLD_KEY]
        report = key_age.keys_told(tx, there(site), site.clock.now())
    it = Patient(there(site), (), site.connections.pagerduty(there(site)), Trip.begin("d", site.clock.monotonic))
    warned = [one.finding for one in account.age(it, site.db, site.clock.now()) if one.state is State.WARN and one.code]
    status = [one.what for one in condition(site.db).findings if key_age.CODE in one.what]
    assert len(status) == len(warned) == len(told) == ("to be replaced" in report)
    return [*status, *warned, *told]


def test_it_is_told_from_the_ninetieth_day_on_with_the_command_that_mends_it(site: Site) -> None:
    join(site)
    site.clock.forward(timedelta(days=90, seconds=-1).total_seconds())
    assert said(site) == []
    site.clock.forward(1)
    status, doctor, notice = said(site)
    assert (
        status
        == "acme: The API key …0000 has been in use for 90 days, since 2026-11-21, and is to be replaced every 90 days. (SYN-PAG-KEY-AGE)"
    )
    assert "for 90 days" in doctor
    assert notice == "acme: the API key …0000 has been in use since 2026-11-21, and is to be replaced."
    (remedy,) = [one.remedy for one in condition(site.db).findings if key_age.CODE in one.what]
    assert "`syncd integrations rotate acme`" in remedy


def test_another_key_is_new_and_the_same_one_is_not(site: Site) -> None:
    join(site)
    give(site.pagerduty)
    site.clock.forward(3600)
    rotate(site.setup, ACME, KEYS.full)
    send_as(site.setup, ACME, "ana.lima@example.com", "Ana")
    move(site.setup, ACME, _where(site.pagerduty) + "/", KEYS.full)
    assert since(site) == NOON
    rotate(site.setup, ACME, OTHER)
    assert since(site) == site.clock.now()
    site.clock.forward(3600)
    move(site.setup, ACME, _where(site.pagerduty), KEYS.full)
    assert since(site) == site.clock.now()


def test_the_log_says_whether_it_was_another_key(site: Site) -> None:
    join(site)
    give(site.pagerduty)
    rotate(site.setup, ACME, KEYS.full)
    rotate(site.setup, ACME, OTHER)
    with site.db.read() as tx:
        told = [one.detail for one in connection_log.listing(tx, ACME) if one.kind == "updated"]
    assert told == ["Another credential was given.", "The same credential was given again."]


def test_of_an_account_from_an_earlier_release_its_log_tells(site: Site) -> None:
    join(site)
    give(site.pagerduty)
    forget(site)
    assert since(site) == NOON
    site.clock.forward(3600)
    rotate(site.setup, ACME, OTHER)
    forget(site)
    assert since(site) == site.clock.now()


def forget(site: Site) -> None:
    settings = {name: one for name, one in there(site).settings.items() if name != "key_since"}
    with site.db.write() as tx:
        tx.execute(update(table).where(table.c.slug == ACME).values(settings=settings))


def test_tokens_are_renewed_by_themselves_and_have_no_age(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    site.clock.forward(timedelta(days=200).total_seconds())
    assert since(site) is None
    with site.db.read() as tx:
        assert key_age.keys_told(tx, there(site), site.clock.now()).startswith("It is connected by OAuth")
        assert not [one for one in causes(tx, site.clock.now()).values() if one.kind is Kind.OLD_KEY]


def test_a_key_in_place_of_tokens_is_new(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    site.clock.forward(3600)
    rotate(site.setup, ACME, KEYS.full, email=BOT_EMAIL)
    assert since(site) == site.clock.now()
