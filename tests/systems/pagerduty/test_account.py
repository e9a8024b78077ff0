"""What setting up asks of PagerDuty."""

from __future__ import annotations

import pytest

from syncd.errors import ReadOnly, Refused, Unauthorised
from syncd.simulator import BOT_EMAIL, Fault, Simulator
from syncd.systems.http import Http
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.account import KeyKind
from syncd.systems.pagerduty.events import ACTED_UPON
from tests.systems.trips import trip


def test_services_and_priorities_are_listed(sim: Simulator, http: Http) -> None:
    services = account.list_services(http, trip())
    assert {it.id: it.name for it in services} == {it.id: it.name for it in sim.account.services.values()}
    priorities, problem = account.list_priorities(http, trip())
    assert [it.name for it in priorities] == ["P1", "P2", "P3", "P4", "P5"]
    assert problem is None


def test_an_account_without_priorities_is_told_so(sim: Simulator, http: Http) -> None:
    sim.switches.has_priorities = False
    priorities, problem = account.list_priorities(http, trip())
    assert priorities == []
    assert problem is not None
    assert problem.code == "no_priorities"
    sim.faults.lay(Fault(path="/priorities", status=403))
    with pytest.raises(Refused):
        account.list_priorities(http, trip())


@pytest.mark.parametrize("email", [BOT_EMAIL, BOT_EMAIL.upper(), f" {BOT_EMAIL} "])
def test_a_user_is_found_by_the_whole_address(sim: Simulator, http: Http, email: str) -> None:
    user = account.find_user(http, trip(), email)
    assert user is not None
    assert (user.id, user.email, user.can_respond) == (sim.people.who(BOT_EMAIL).id, BOT_EMAIL, True)


def test_a_user_who_is_not_there_is_not_found(http: Http) -> None:
    for email in ("bot@example.com", "ana", ""):
        assert account.find_user(http, trip(), email) is None


@pytest.mark.parametrize("role", ["observer", "read_only_user", "read_only_limited_user"])
def test_who_may_not_respond_is_known(sim: Simulator, http: Http, role: str) -> None:
    sim.people.set_role(BOT_EMAIL, role)
    user = account.find_user(http, trip(), BOT_EMAIL)
    assert user is not None
    assert not user.can_respond


def _reader(sim: Simulator) -> Http:
    return client.http(sim.keys.read_only, BOT_EMAIL, transport=sim.transport())


def test_a_key_that_may_only_read_is_told_from_one_that_may_write(sim: Simulator, http: Http) -> None:
    account.refuse_reader(http, trip())
    with pytest.raises(
        ReadOnly, match=r"may only read \(PagerDuty answered 403 .* \(code 2010\)\); make one in PagerDuty"
    ):
        account.refuse_reader(_reader(sim), trip())


def test_neither_a_user_who_may_not_respond_nor_an_incident_out_of_sight_is_held_against_the_key(
    sim: Simulator, http: Http
) -> None:
    sim.people.set_role(BOT_EMAIL, "observer")
    account.refuse_reader(http, trip())
    for status, code in ((403, 1018), (403, 2018), (400, 2001)):
        sim.faults.lay(Fault(methods=("PUT",), status=status, code=code))
        account.refuse_reader(http, trip())
    sim.faults.lay(Fault(methods=("PUT",), status=401))
    with pytest.raises(Unauthorised):
        account.refuse_reader(http, trip())


def test_a_key_says_what_it_is(sim: Simulator, http: Http) -> None:
    assert account.whose_key(http, trip()) == (KeyKind.ACCOUNT, None)
    kind, user = account.whose_key(client.http(sim.keys.user, BOT_EMAIL, transport=sim.transport()), trip())
    assert kind is KeyKind.USER
    assert user is not None
    assert user.name == "Ana Lima"
    with pytest.raises(Unauthorised):
        account.whose_key(client.http("no-such-key", BOT_EMAIL, transport=sim.transport()), trip())


def test_a_subscription_is_made_listed_and_deleted(sim: Simulator, http: Http) -> None:
    service = next(iter(sim.account.services))
    made = account.create_subscription(http, trip(), "https://syncd.test/hooks/pd", service, "syncd")
    assert made.secret == sim.account.subscriptions[made.id].secrets[0]
    assert made.secret not in repr(made)
    (listed,) = account.list_subscriptions(http, trip(), service)
    assert (listed.id, listed.url, listed.secret) == (made.id, "https://syncd.test/hooks/pd", "")
    assert set(listed.events) == set(ACTED_UPON)
    assert (listed.filter_type, listed.filter_id) == ("service_reference", service)
    assert (listed.is_active, listed.is_disabled_by_pagerduty) == (True, False)
    for _ in range(2):
        account.delete_subscription(http, trip(), made.id)
    assert account.list_subscriptions(http, trip()) == []


def test_the_secret_of_a_new_subscription_is_in_no_row(http: Http) -> None:
    once = trip()
    made = account.create_subscription(http, once, "https://syncd.test/hooks/pd", "", "syncd")
    assert made.secret
    assert made.secret not in repr(once.exchanges)
    assert made.filter_type == "account_reference"


def test_a_disabled_subscription_is_seen_and_enabled(sim: Simulator, http: Http) -> None:
    made = account.create_subscription(http, trip(), "https://syncd.test/hooks/pd", "", "syncd")
    subscription = sim.account.subscriptions[made.id]
    subscription.disabled_until = sim.world.now().replace(year=2999)
    (listed,) = account.list_subscriptions(http, trip())
    assert listed.is_disabled_by_pagerduty
    account.enable_subscription(http, trip(), made.id)
    (listed,) = account.list_subscriptions(http, trip())
    assert not listed.is_disabled_by_pagerduty
