"""A connector that reaches several services: the opening request chooses, once, and a link keeps what was chosen."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from syncd import errors
from syncd.core.changes import CaseOpened, Field, Side, Status
from syncd.core.services import Service
from syncd.flow import explaining
from syncd.store import connectors
from syncd.store.cases import Cases
from tests.flow.catcher import Catcher
from tests.flow.far_side import ANA
from tests.flow.pager import PAGER, pager
from tests.flow.simulated import connected
from tests.flow.test_routes import opened
from tests.flow.world import CONNECTOR, World

TILL = Service("SVC-TILL", "Till")


def reach(world: World, *others: Service) -> None:
    with world.db.write() as tx:
        mine = connectors.all_of(tx)[CONNECTOR]
        connectors.reach(tx, replace(mine, service_name="Payments", others=others))


@pytest.fixture
def till(world: World) -> World:
    reach(world, TILL)
    return world


@pytest.mark.parametrize(
    ("asked", "service"),
    [("", "SVC"), ("SVC", "SVC"), ("payments", "SVC"), ("SVC-TILL", "SVC-TILL"), ("till", "SVC-TILL")],
)
def test_the_opening_chooses_by_id_or_name(till: World, asked: str, service: str) -> None:
    till.ask_for_incident(service=asked)
    till.drain()
    assert opened(till).service == service
    assert "service" not in till.rows()[0]["detail"]


def test_what_is_not_reached_is_opened_on_the_default_one_and_the_row_says_what_adds_it(till: World) -> None:
    till.ask_for_incident(service="Shop of Ana")
    till.drain()
    assert opened(till).service == "SVC"
    row = till.rows()[0]
    assert (row["change"], row["outcome"]) == ("open", "applied")
    assert row["detail"].endswith(
        f"It asked for service Shop of Ana, which connector {CONNECTOR} does not reach, so it is opened on the default one, "
        f"Payments: `syncd connectors services {CONNECTOR} --add 'Shop of Ana'` adds it for the next."
    )


@pytest.mark.parametrize("asked", ["\x00\ud800", "$(reboot)`x` '", "x" * 5_000, "\u202eTill"])
def test_whatever_a_desk_says_somebody_is_called_and_the_row_can_be_shown(till: World, asked: str) -> None:
    till.ask_for_incident(service=asked)
    till.drain()
    assert opened(till).service == "SVC"
    detail = till.rows()[0]["detail"]
    assert detail.isprintable()
    assert "does not reach" in detail
    assert len(detail) < 600


def test_a_name_that_two_have_is_none_and_said_so(world: World) -> None:
    reach(world, TILL, Service("SVC-TWO", "TILL"))
    world.ask_for_incident(service="tiLL")
    world.drain()
    assert opened(world).service == "SVC"
    assert "reaches several of that name" in world.rows()[0]["detail"]


@pytest.mark.parametrize(
    ("asked", "before", "after"), [("Till", (TILL,), ()), ("Till", (), (TILL,)), ("", (TILL,), ())]
)
def test_what_was_chosen_stays_whatever_becomes_of_the_connector(
    world: World, asked: str, before: tuple[Service, ...], after: tuple[Service, ...]
) -> None:
    """Also at the attempt after one that failed."""
    reach(world, *before)
    world.ask_for_incident(service=asked)
    world.plan()
    reach(world, *after)
    world.incident.fail("open", errors.Unreachable("No answer."))
    world.drain()
    reach(world, *before, Service("SVC-NEW", "New"))
    world.wait(3600)
    wanted = "SVC-TILL" if asked and before else "SVC"
    assert opened(world).service == wanted
    assert (world.link().style.service or "SVC") == wanted


def test_both_ways_are_in_step_whichever_service_it_is(till: World) -> None:
    for ref, asked in (("C-1", "Till"), ("C-2", "")):
        till.ask_for_incident(ref, service=asked)
    till.drain()
    for ref in ("C-1", "C-2"):
        incident = till.link(ref).link.incident_id
        till.act(Side.CASE, ref, Field.STATUS, Status.ACKNOWLEDGED)
        till.drain()
        assert till.incident.record(incident).status is Status.ACKNOWLEDGED
        till.act(Side.INCIDENT, incident, Field.STATUS, Status.RESOLVED)
        till.drain()
        assert till.in_step(ref).status is Status.RESOLVED


def test_a_service_key_says_that_it_reaches_one_only(world: World) -> None:
    record = world.case.put("C-1", priority="P3", title="Slow")
    seen = CaseOpened(record.title, "", "P3", PAGER, record.url, ANA, record.at, service="Till")
    with pager(world):
        world.tell(Side.CASE, "C-1", seen, kind="opened")
        world.drain()
    detail = next(row["detail"] for row in world.rows() if row["change"] == "open")
    assert detail.endswith(
        f"It asked for service Till, and connector {PAGER} sends by a service key, which reaches only Payments."
    )


def test_explained_and_previewed_is_what_is_opened(till: World) -> None:
    for ref, asked in (("C-1", "Till"), ("C-2", "Shop"), ("C-3", "")):
        till.ask_for_incident(ref, service=asked)
    till.drain()
    told, looks = {}, {}
    for ref in ("C-1", "C-2", "C-3"):
        told[ref] = explaining.explained(till.db, Cases(till.db, slug="builtin"), lambda: till.connections, ref, "")
        looks[ref] = explaining.previewed(till.db, told[ref], "", "")
    assert [looks[ref].service for ref in told] == ["Till", "Payments", "Payments"]
    assert (
        [bool(looks[ref].style.remark) for ref in told]
        == [bool(told[ref].remark) for ref in told]
        == [False, True, False]
    )
    assert "Its service is Till." in told["C-1"].says
    assert "Its service is Payments, the default one. It asked for service Shop, which" in told["C-2"].says
    assert "Its service is Payments, the default one. Its link" in told["C-3"].says


def test_pagerduty_has_the_incident_on_the_service_and_one_that_moves_there_leaves_the_link(world: World) -> None:
    reach(world, TILL)
    with connected(world) as sim:
        sim.account.services["SVC-TILL"] = replace(sim.account.services["SVC"], id="SVC-TILL", name="Till")
        world.ask_for_incident(service="Till")
        world.drain()
        incident = sim.people.find(world.link().link.incident_id)
        assert incident.service_id == "SVC-TILL"
        before = world.link()
        incident.service_id = "SVC"
        world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
        world.drain()
        assert sim.people.find(before.link.incident_id).status == "resolved"
        assert (world.link().link.incident_id, world.link().style) == (before.link.incident_id, before.style)


def test_open_incidents_of_every_service_are_looked_over_also_of_one_that_is_reached_no_more(world: World) -> None:
    reach(world, TILL, Service("SVC-SHOP", "Shop"))
    with connected(world, world.clock) as sim:
        for one in ("SVC-TILL", "SVC-SHOP"):
            sim.account.services[one] = replace(sim.account.services["SVC"], id=one, name=one)
        world.ask_for_incident(service="Till")
        world.drain()
        reach(world, Service("SVC-SHOP", "Shop"))
        world.clock.forward(600)
        sim.journal.requests.clear()
        since = world.clock.now()
        sim.people.acknowledge(world.link().link.incident_id, "Ana Lima")
        Catcher(world).catch_up(since)
        (listed,) = (one.target for one in sim.journal.requests if one.target.startswith("/incidents?"))
        assert parse_qs(urlsplit(listed).query)["service_ids[]"] == ["SVC", "SVC-SHOP", "SVC-TILL"]
        assert world.case.record("C-1").status is Status.ACKNOWLEDGED
        assert sum(one.target.startswith("/incidents/") for one in sim.journal.requests) <= 3, (
            "nothing is read for nothing"
        )
