"""Which user of the account a person of the case side is, and writes that are made in that user's name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.changes import Actor, Status
from syncd.errors import Ambiguous, UnknownSender
from syncd.simulator import BOT_EMAIL, Fault, Simulator
from syncd.systems.http import Http
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.pagerduty.people import find_author
from tests.systems.trips import trip

ANA = Actor("Ana Lima", email="Ana.Lima@Example.com")


@pytest.mark.parametrize("name", ["Ana Lima", "Ana", "", "alima"])
@pytest.mark.parametrize("by_email", [False, True])
def test_a_person_is_found_by_exactly_their_address(sim: Simulator, http: Http, name: str, by_email: bool) -> None:
    sim.switches.user_query_matches_email = by_email
    found = find_author(http, trip(), replace(ANA, name=name))
    assert (found.user_id, found.login, found.why_not) == (sim.people.who("Ana Lima").id, "ana.lima@example.com", "")


def test_a_namesake_is_somebody_else(http: Http) -> None:
    found = find_author(http, trip(), Actor("Ana Lima", email="ana@other.example"))
    assert (found.user_id, found.why_not) == ("", "PagerDuty shows no user with the address ana@other.example")


def test_a_look_alike_address_is_somebody_else(sim: Simulator, http: Http) -> None:
    ana = sim.people.who("Ana Lima")
    sim.account.users[ana.id] = replace(ana, email="\N{KELVIN SIGN}im@example.com")
    assert find_author(http, trip(), Actor("Ana Lima", email="kim@example.com")).user_id == ""


@pytest.mark.parametrize(("fault", "says"), [(Fault(status=403), "may not read"), (Fault(status=402), "was refused")])
def test_a_key_that_is_refused_an_answer_finds_nobody(sim: Simulator, http: Http, fault: Fault, says: str) -> None:
    sim.faults.lay(replace(fault, path="/users"))
    found = find_author(http, trip(), ANA)
    assert found.user_id == ""
    assert says in found.why_not


def _opened(sim: Simulator) -> str:
    return sim.people.open("Checkout is slow", "Ana Lima").id


def test_a_name_that_is_refused_is_left_out_of_the_same_write(sim: Simulator, http: Http) -> None:
    ref, going = _opened(sim), trip()
    sim.people.set_role("Ben Osei", "observer")
    going.person = "ben.osei@example.com"
    system = Incidents(http, sim.people.who(BOT_EMAIL).id, BOT_EMAIL)
    assert system.set_status(going, ref, Status.ACKNOWLEDGED, Actor(), "").record is not None
    assert [one.status for one in going.exchanges] == [403, 200]
    assert isinstance(going.declined, UnknownSender)
    assert sim.account.incidents[ref].log[-1].agent["summary"] == "syncd bot"  # type: ignore[index]


def test_a_write_that_may_have_landed_is_not_made_again_in_our_name(sim: Simulator, http: Http) -> None:
    ref, going = _opened(sim), trip()
    going.person = "ana.lima@example.com"
    sim.faults.lay(Fault(methods=("POST",), path="/incidents/*/notes", status=502))
    with pytest.raises(Ambiguous):
        Incidents(http, "", BOT_EMAIL).add_note(going, ref, "On it.", "", "1")
    assert len(going.exchanges) == 1
