"""From an account to a system, without opening a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.core.changes import NOBODY, Side, Status
from syncd.errors import Misconfigured, NotFound, Unreachable
from syncd.simulator import BOT_EMAIL, CaseDesk, Simulator
from syncd.store.database import Database
from syncd.systems.port import System
from syncd.systems.registry import SYSTEMS, Account, build
from tests.parts.loopback import LOOPBACK
from tests.systems.misbehaving import Peer, misbehaving
from tests.systems.trips import trip

Builder = Callable[[Account], System]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Builder]:
    database = Database(f"sqlite:///{tmp_path / 'syncd.db'}", Clock())
    yield lambda account: build(account, database, Clock())
    database.engine.dispose()


def pagerduty(url: str, key: str = "k") -> Account:
    settings = {"from": BOT_EMAIL, "from_user_id": "PUS0001"}
    return Account("pd", "pagerduty", Side.INCIDENT, url, {"api_key": key}, settings, LOOPBACK)


def desk_account(url: str, token: str = "t") -> Account:
    return Account("desk", "casedesk", Side.CASE, url, {"token": token}, {"account": "robot"}, LOOPBACK)


ACCOUNTS = {"pagerduty": pagerduty, "casedesk": desk_account}


def test_every_system_can_be_built(made: Builder) -> None:
    accounts = {
        "pagerduty": pagerduty(""),
        "casedesk": desk_account("https://desk.test"),
        "cases": Account("cases", "cases", Side.CASE, "http://127.0.0.1:8080"),
        "events": Account("payments", "events", Side.INCIDENT, "https://events.test", {"routing_key": "k" * 32}),
        "alerts": Account("alerts", "alerts", Side.CASE, ""),
    }
    assert accounts.keys() == SYSTEMS.keys()
    for account in accounts.values():
        assert made(account).side is account.side


@pytest.mark.parametrize("system", ["pagerduty", "casedesk"])
def test_building_opens_no_connection(made: Builder, system: str) -> None:
    def hangs_up(peer: Peer) -> None:
        peer.request()

    with misbehaving(hangs_up) as server:
        built = made(ACCOUNTS[system](server.url))
        assert server.accepted == 0
        with pytest.raises(Unreachable):
            built.fetch(trip(), "R1")
        assert server.accepted == 1


def test_a_built_pagerduty_speaks_to_pagerduty(made: Builder, sim: Simulator, sim_url: str) -> None:
    ref = sim.people.open("Checkout is slow").id
    applied = made(pagerduty(sim_url, sim.keys.full)).set_status(trip(), ref, Status.ACKNOWLEDGED, NOBODY, "")
    assert applied.record is not None
    assert sim.people.find(ref).status == "acknowledged"


def test_a_built_desk_writes_under_its_account(made: Builder, desk: CaseDesk, desk_url: str) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    made(desk_account(desk_url, desk.token)).add_note(trip(), key, "Hello", "", "errand-1")
    assert [comment.author for comment in desk.cases.find(key).comments] == ["robot"]


def test_an_unknown_system_is_named_with_those_there_are(made: Builder) -> None:
    with pytest.raises(NotFound, match=r"fax.*alerts, casedesk, cases, events, pagerduty"):
        made(Account("old", "fax", Side.CASE))


def test_a_system_on_the_wrong_side_is_refused(made: Builder) -> None:
    with pytest.raises(Misconfigured):
        made(Account("pd", "pagerduty", Side.CASE, "", {"api_key": "k"}))


@pytest.mark.parametrize("system", ["pagerduty", "casedesk"])
def test_without_a_credential_nothing_is_built(made: Builder, system: str) -> None:
    with pytest.raises(Misconfigured):
        made(Account("x", system, Side.INCIDENT, "https://x.test"))


def test_a_credential_is_in_no_repr() -> None:
    assert "hush" not in repr(pagerduty("", "hush"))
