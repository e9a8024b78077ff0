"""An integration is moved to another account: what led to the old one ends with its rows, and connectors are aimed at the new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from syncd.clock import StoppedClock
from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.moving import Given
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import LinkState
from syncd.core.policy import PriorityPair
from syncd.core.reasons import Reason
from syncd.core.routing import Preset, Rule
from syncd.core.services import Service
from syncd.errors import Conflict, Misconfigured, SyncdError
from syncd.flow.book import Book
from syncd.flow.orders import moving
from syncd.flow.orders.reaching import reach
from syncd.flow.turn import Origin, Turn
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Fault, Simulator, serve, simulator
from syncd.simulator.account import Priority
from syncd.store import (
    connection_log,
    connectors,
    hook_secrets,
    integrations,
    links,
    marks,
    presets,
    reconciles,
    routes,
)
from syncd.store.database import Database
from syncd.store.tables import deliveries
from tests.connections.site import ACME, NOON, PUBLIC, Site
from tests.parts.loopback import LOOPBACK
from tests.parts.meanwhile import Meanwhile
from tests.parts.terms import TERMS

OLD, NEW = "simulated.pagerduty.com", "globex.pagerduty.com"


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    clock = StoppedClock(NOON)
    db = Database(database_url, clock, is_alone=True)
    ensure_builtin(db, PUBLIC)
    vault = Vault(generate_key())
    with simulator(seed=3, clock=clock) as pagerduty, serve(pagerduty.app) as pagerduty.account.api_url:
        made = Site(
            Setup(db, vault, clock, LOOPBACK), clock, pagerduty, Connections(db, vault, clock, outgoing=LOOPBACK)
        )
        made.connect()
        add_connector(made.setup, "checkout", integration=ACME, service="Checkout", case_system="cases")
        yield made
    db.close()


@pytest.fixture
def globex(site: Site) -> Iterator[Simulator]:
    """Another account, whose services have the same names and other ids."""
    with simulator(seed=9, clock=site.clock) as made, serve(made.app) as made.account.api_url:
        made.account.web_url = f"https://{NEW}"
        yield made


def given(globex: Simulator, **services: str) -> Given:
    return Given(KEYS.full, where=globex.account.api_url, services=services)


def move(site: Site, wanted: Given) -> str:
    return moving.move(site.setup, moving.plan(site.setup, ACME, wanted, by="Ana"), by="Ana")


def account(site: Site) -> integrations.Integration:
    with site.db.read() as tx:
        found = integrations.get(tx, ACME)
    assert found is not None
    return found


def last_said(site: Site) -> tuple[str, str]:
    with site.db.read() as tx:
        last = connection_log.listing(tx, ACME)[0]
    return last.kind, last.detail


def told_since(site: Site, before: int) -> list[str]:
    with site.db.read() as tx:
        return [one.kind for one in reversed(connection_log.listing(tx, ACME)) if one.id > before]


def last_id(site: Site) -> int:
    with site.db.read() as tx:
        return connection_log.listing(tx, ACME)[0].id


def service_of(globex: Simulator, name: str) -> str:
    return next(one.id for one in globex.account.services.values() if one.name == name)


def renamed(globex: Simulator) -> str:
    """What the old account calls Checkout."""
    number = service_of(globex, "Checkout")
    globex.account.services[number] = replace(globex.account.services[number], name="Till")
    return number


def test_a_case_desks_own_priorities_go_on_by_rank_where_no_name_is_the_same(site: Site, globex: Simulator) -> None:
    with CaseDesk(clock=site.clock) as desk, serve(desk.app) as url:
        desk.cases.priorities = ("Blocker", "Low")
        add_casedesk(site.setup, "desk", base_url=url, token=desk.token)
        called = [f"{case}={name}" for case, name in (("Low", "P2"), ("Blocker", "P1"))]
        add_connector(site.setup, "d", integration=ACME, service="Checkout", case_system="desk", priorities=called)
        with site.db.write() as tx:
            bare = replace(connectors.all_of(tx)["d"], name="bare", priorities=[])
            connectors.add(tx, bare, site.clock.now())
        globex.account.priorities.clear()
        globex.account.priorities.update(
            {one: Priority(one, name, "") for one, name in (("G1", "Outage"), ("G2", "Minor"))}
        )
        move(site, given(globex))
    with site.db.read() as tx:
        found = connectors.all_of(tx)
    assert [(one["case"], one["name"]) for one in found["d"].priorities] == [("Blocker", "Outage"), ("Low", "Minor")]
    assert found["bare"].priorities == [], "none were mapped"


def test_what_becomes_of_it_is_told_and_nothing_is_changed(site: Site, globex: Simulator) -> None:
    site.open()
    (subscription,) = site.there
    before, last = account(site), last_id(site)
    says = moving.plan(site.setup, ACME, given(globex), by="Ana").says
    assert says.startswith(f"acme moves from {OLD} to {NEW}. 1 link ends (")
    assert "0 changes that wait come to nothing: each has a row." in says
    assert f"Connectors: checkout (Checkout becomes Checkout ({service_of(globex, 'Checkout')}))." in says
    assert f"Subscription {subscription} is deleted at the old account." in says
    assert account(site) == before
    assert subscription in site.there
    assert told_since(site, last) == [], "whoever only looks has begun nothing"


def test_links_end_and_all_else_begins_anew(site: Site, globex: Simulator) -> None:
    incident = site.open()
    with site.db.write() as tx:
        reconciles.ask(tx, ACME, site.clock.now(), why="asked", by="Ana", now=site.clock.now())
    site.clock.forward(60)
    (subscription,) = site.there
    says = move(site, given(globex))
    went = f"1 link ended. Subscription {subscription} was deleted at PagerDuty."
    assert says.startswith(f"acme is {NEW} from now on. {went} What happens there is asked for")
    moved = account(site)
    assert (moved.account_host, moved.base_url) == (NEW, globex.account.api_url)
    assert (moved.consented_by, moved.is_two_way) == ("Ana", True)
    assert site.there == {}
    with site.db.read() as tx:
        (link,) = links.listing(tx)
        assert (link["state"], link["is_cut"]) == ("ended", True)
        assert link["reason"] == f"Its account acme was moved from {OLD} to {NEW} by Ana. Its incident was {incident}."
        (checkout,) = connectors.all_of(tx).values()
        assert (checkout.service_id, checkout.service_name) == (service_of(globex, "Checkout"), "Checkout")
        assert {pair["incident"] for pair in checkout.priorities} <= set(globex.account.priorities)
        assert checkout.priorities
        assert hook_secrets.listing(tx, ACME) == []
        assert reconciles.listing(tx) == []
        assert marks.of(tx, ACME) == marks.Marks(site.clock.now(), site.clock.now())
        newest, before = connection_log.listing(tx, ACME)[:2]
    assert (newest.kind, newest.by) == ("connected", "Ana")
    assert (before.kind, before.detail) == ("updated", f"Moved from {OLD} to {NEW}. {went}")
    assert {one.method for one in globex.journal.requests} == {"GET", "PUT"}, "nothing was made there"


def test_the_key_in_use_is_told_to_be_the_new_one(site: Site, globex: Simulator) -> None:
    other = "u+another-key-of-4711"
    globex.account.keys[other] = replace(globex.account.keys[KEYS.full], secret=other)
    move(site, replace(given(globex), credential=other))
    assert account(site).in_use == "API key …4711"


def test_a_change_that_waits_has_a_row(site: Site, globex: Simulator) -> None:
    site.open()
    with site.db.write() as tx:
        turn = Turn(tx, site.clock.now(), Book.open(tx, site.connections), timedelta())
        (stored,) = links.of_source(tx, ACME, Side.INCIDENT)
        turn.hold([stored.id])
        turn.add(
            turn.link(stored.id), (Draft(Side.INCIDENT, ErrandKind.NOTE, Verb.NOTE, text="Looking"),), Origin(None)
        )
        turn.write()
    planned = moving.plan(site.setup, ACME, given(globex), by="Ana")
    assert "1 change that waits comes to nothing" in planned.says
    moving.move(site.setup, planned, by="Ana")
    with site.db.read() as tx:
        assert links.of_source(tx, ACME, Side.INCIDENT) == []
        row = tx.execute(select(deliveries).order_by(deliveries.c.id.desc()).limit(1)).mappings().one()
    assert (row["outcome"], row["reason"]) == ("ignored", Reason.REMOVED)
    assert row["detail"].endswith(f"was moved from {OLD} to {NEW} by Ana.")


def test_a_connector_without_a_service_stops_it_before_anything_is_changed(site: Site, globex: Simulator) -> None:
    number = renamed(globex)
    before = account(site)
    with pytest.raises(
        Conflict, match=rf'{NEW} has no service of that name, .* --service "Checkout=NAME": .*Till \({number}\)'
    ):
        move(site, given(globex))
    assert account(site) == before
    assert len(site.there) == 1
    with pytest.raises(Misconfigured, match=r"--service Chekout=\.\.\. names no service"):
        move(site, given(globex, Chekout="Till", Checkout="Till"))
    assert move(site, given(globex, Checkout="Till")).startswith(f"acme is {NEW}")
    with site.db.read() as tx:
        assert connectors.all_of(tx)["checkout"].service_id == number


def test_other_services_go_along_by_name_and_what_is_not_there_is_told_as_lost(site: Site, globex: Simulator) -> None:
    old = site.pagerduty.account.services
    some = next(iter(old.values()))
    old["PSHOP"], old["PBAR"] = replace(some, id="PSHOP", name="Shop"), replace(some, id="PBAR", name="Bar")
    reach(site.setup, "checkout", add=("Payments", "Shop", "Bar"), by="Ana")
    globex.account.services["PKIOSK"] = replace(some, id="PKIOSK", name="Kiosk")
    wanted = given(globex, Bar="Kiosk")
    planned = moving.plan(site.setup, ACME, wanted, by="Ana")
    assert "left out: service Shop of connector checkout." in planned.says
    payments, checkout = service_of(globex, "Payments"), service_of(globex, "Checkout")
    becomes = f"Checkout ({checkout}), Payments ({payments}), Kiosk (PKIOSK)"
    assert f"checkout (Checkout, Payments, Shop, Bar becomes {becomes})" in planned.says
    reach(site.setup, "checkout", remove=("Bar",), by="Ben")
    with pytest.raises(Conflict, match="was changed meanwhile"):
        moving.move(site.setup, planned, by="Ana")
    reach(site.setup, "checkout", add=("Bar",), by="Ben")
    assert "service Shop of connector checkout." in " ".join(moving.plan(site.setup, ACME, wanted, by="Ana").warnings)
    move(site, wanted)
    with site.db.read() as tx:
        assert connectors.all_of(tx)["checkout"].services == (
            Service(checkout, "Checkout"),
            Service(payments, "Payments"),
            Service("PKIOSK", "Kiosk"),
        )


def test_a_service_of_the_old_account_is_not_added_to_a_connector_that_was_moved_meanwhile(
    site: Site, globex: Simulator
) -> None:
    setup = replace(site.setup, clock=Meanwhile(lambda: move(site, given(globex))))
    with pytest.raises(Conflict, match="acme was moved to another account meanwhile"):
        reach(setup, "checkout", add=("Payments",), by="Ana")
    with site.db.read() as tx:
        assert connectors.all_of(tx)["checkout"].others == ()


def test_an_old_key_that_is_refused_leaves_its_subscription_and_says_so(site: Site, globex: Simulator) -> None:
    (subscription,) = site.there
    site.pagerduty.account.keys.clear()
    says = move(site, given(globex))
    assert f"Subscription {subscription} stays at PagerDuty and goes on sending; delete it there." in says
    with site.db.read() as tx:
        assert subscription in connection_log.listing(tx, ACME)[1].detail


def test_a_move_to_an_account_that_is_connected_already_has_an_end_in_the_log(site: Site, globex: Simulator) -> None:
    where = globex.account.api_url
    add_pagerduty(site.setup, "globex", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)
    with pytest.raises(Conflict, match="is connected already, as globex"):
        moving.plan(site.setup, ACME, given(globex), by="Ana")
    kind, detail = last_said(site)
    assert (kind, detail) == ("failed", f"{NEW} is connected already.")


def test_what_is_begun_has_its_end_in_the_log(site: Site, globex: Simulator) -> None:
    last = last_id(site)
    renamed(globex)
    with pytest.raises(Conflict, match="has no service of that name"):
        moving.plan(site.setup, ACME, given(globex), by="Ana")
    assert told_since(site, last) == ["reinitiated", "failed"]
    planned = moving.plan(site.setup, ACME, given(globex, Checkout="Till"), by="Ana")
    moving.move(site.setup, planned, by="Ana")
    assert told_since(site, last) == ["reinitiated", "failed", "reinitiated", "updated", "connected"]


def test_a_move_that_is_broken_off_is_told_as_failed(site: Site, globex: Simulator) -> None:
    planned = moving.plan(site.setup, ACME, given(globex), by="Ana")

    def ctrl_c() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.move(replace(site.setup, clock=Meanwhile(ctrl_c)), planned, by="Ana")
    assert last_said(site) == ("failed", "It was broken off.")
    assert account(site).account_host == OLD


def test_a_key_of_the_old_account_that_was_tried_before_the_move_is_not_stored_after_it(
    site: Site, globex: Simulator
) -> None:
    other = replace(site.setup, clock=Meanwhile(lambda: move(site, given(globex))))
    with pytest.raises(Conflict, match="acme was changed meanwhile"):
        rotate(other, ACME, KEYS.user)
    it = account(site)
    assert it.base_url == globex.account.api_url
    assert site.setup.credentials(it) == {"api_key": KEYS.full}


def test_cut_off_behind_the_old_subscription_it_is_ordered_again(site: Site, globex: Simulator) -> None:
    """Somebody adds a connector between the two, so that the rest is refused; as a crash would leave it."""
    site.open()
    planned = moving.plan(site.setup, ACME, given(globex), by="Ana")
    add_connector(site.setup, "second", integration=ACME, service="Checkout", case_system="cases")
    with pytest.raises(Conflict, match="a connector of it was changed meanwhile, so it was not moved; try again"):
        moving.move(site.setup, planned, by="Ana")
    assert last_said(site) == (
        "failed",
        "acme or a connector of it was changed meanwhile, so it was not moved; try again.",
    )
    assert site.there == {}
    assert account(site).account_host == OLD
    with site.db.read() as tx:
        assert [one.link.state for one in links.of_source(tx, ACME, Side.INCIDENT)] == [LinkState.OPEN]
    assert "1 link ended." in move(site, given(globex))
    with pytest.raises(Conflict, match=f"This key is of {NEW}, which acme is already; leave --move out"):
        move(site, given(globex))
    assert last_said(site) == ("failed", f"This key is of {NEW}, which acme is already; leave --move out.")


def test_what_presets_name_is_looked_up_there_too(site: Site, globex: Simulator) -> None:
    priority = next(iter(site.pagerduty.account.priorities.values()))
    gone = PriorityPair("P5", "PGONE", "No such one")
    policy = next(iter(site.pagerduty.account.policies.values()))
    mine = Preset("Loud", integration=ACME, priorities=(PriorityPair("P1", priority.id, priority.name), gone))
    with site.db.write() as tx:
        other = replace(mine, name="Calm", priorities=(), escalation_policy=policy.id, escalation_policy_name="Gone")
        routes.replace(tx, [Rule("all", "checkout", "Loud")], [mine, other, Preset("Plain", "{{ title }}")])
    planned = moving.plan(site.setup, ACME, given(globex), by="Ana")
    assert "left out: priority P5 of preset Loud, the escalation policy of preset Calm." in _in_any_order(planned.says)
    moving.move(site.setup, planned, by="Ana")
    theirs = globex.account.priority(priority.name)
    assert theirs is not None
    with site.db.read() as tx:
        kept = presets.all_of(tx)
        assert [rule.preset for rule in routes.all_of(tx)] == ["Loud"]
    assert kept["Loud"].priorities == (PriorityPair("P1", theirs.id, theirs.name),)
    assert (kept["Calm"].escalation_policy, kept["Plain"].title) == ("", "{{ title }}")


def _in_any_order(says: str) -> str:
    one, other = "the escalation policy of preset Calm", "priority P5 of preset Loud"
    return says.replace(f"{one}, {other}", f"{other}, {one}")


@pytest.mark.parametrize(
    ("fault", "says"), [(Fault(path="/services", status=503, count=9), "503"), (Fault(status=401, count=9), "401")]
)
def test_a_new_account_that_does_not_answer_changes_nothing(
    site: Site, globex: Simulator, fault: Fault, says: str
) -> None:
    before = account(site)
    globex.faults.lay(fault)
    with pytest.raises(SyncdError, match=says):
        move(site, given(globex))
    assert account(site) == before
    assert len(site.there) == 1


def test_only_a_pagerduty_account_that_is_known_is_moved(site: Site, globex: Simulator) -> None:
    with pytest.raises(Conflict, match="only those are moved"):
        moving.plan(site.setup, "cases", given(globex), by="Ana")
    with site.db.write() as tx:
        integrations.learn_host(tx, ACME, "")
    with pytest.raises(Conflict, match="ask it by `syncd integrations test acme` first"):
        moving.plan(site.setup, ACME, given(globex), by="Ana")
