"""PagerDuty incidents as a system: the contract, and what is PagerDuty's own about them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from syncd.core.changes import NOBODY, Actor, Side, Status
from syncd.errors import Ambiguous, Postponed, Refused, SideError, UnknownSender
from syncd.simulator import BOT_EMAIL, Fault, Simulator
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.pagerduty.vocabulary import TEXT_LIMIT, fit
from syncd.systems.port import Opening, Problem
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.systems.contract import Bench, SystemContract
from tests.systems.trips import trip

ANA = Actor("Ana Lima")


class TestContract(SystemContract):
    @pytest.fixture
    def bench(self, sim: Simulator, sim_url: str, our_id: str) -> Bench:
        def system(key: str, url: str) -> Incidents:
            return Incidents(client.http(key, BOT_EMAIL, url, outgoing=LOOPBACK), our_id)

        return Bench(
            system=system(sim.keys.full, sim_url),
            badly_keyed=system("u+no-such-key-000000", sim_url),
            far_away=system(sim.keys.full, f"http://127.0.0.1:{free_port()}"),
            begin=lambda: sim.people.open("Checkout is slow", "Ana Lima").id,
            texts=lambda ref: [note.content for note in sim.people.find(ref).notes],
            resolutions=lambda ref: [entry.note for entry in sim.people.find(ref).log if entry.note],
            priority=next(iter(sim.account.priorities)),
            requests=sim.journal.requests,
            keeps_markers=False,
        )


def opening(sim: Simulator, key: str = "case-1", **more: Any) -> Opening:  # noqa: ANN401  fields of several kinds
    return Opening(key, "Checkout is slow", "See https://cases.test/CS-1", next(iter(sim.account.services)), **more)


def refused(act: Callable[[], object], reason: str, code: int | None = None) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert (caught.value.reason, caught.value.code) == (reason, code)


def test_an_incident_is_opened_with_everything_it_needs(sim: Simulator, ours: Incidents) -> None:
    priority = next(iter(sim.account.priorities))
    record = ours.open(trip(), opening(sim, priority=priority))
    made = sim.people.find(record.ref)
    assert (made.title, made.details, made.incident_key) == (
        "Checkout is slow",
        "See https://cases.test/CS-1",
        "case-1",
    )
    assert (made.service_id, made.priority_id) == (next(iter(sim.account.services)), priority)
    assert (record.status, record.priority, record.merged_into) == (Status.OPEN, priority, "")
    assert record.url.endswith(f"/incidents/{record.ref}")
    assert ours.side is Side.INCIDENT


def test_opening_twice_finds_the_first(sim: Simulator, ours: Incidents) -> None:
    first, once = ours.open(trip(), opening(sim)), trip()
    assert ours.open(once, opening(sim)).ref == first.ref
    assert [it.status for it in once.exchanges] == [400, 200]
    assert len(sim.account.incidents) == 1


def test_an_open_key_that_is_not_listed_yet_is_looked_for_again(sim: Simulator, ours: Incidents) -> None:
    ours.open(trip(), opening(sim))
    sim.faults.lay(Fault(methods=("GET",), path="/incidents", status=200, body={"incidents": [], "more": False}))
    with pytest.raises(Ambiguous):
        ours.open(trip(), opening(sim))


def test_an_opening_whose_answer_was_lost_is_found(sim: Simulator, ours: Incidents) -> None:
    sim.faults.lay(Fault(methods=("POST",), path="/incidents", cut=True, applied=True))
    with pytest.raises(Ambiguous):
        ours.open(trip(), opening(sim))
    found = ours.find(trip(), opening(sim))
    assert found is not None
    assert [found.ref] == list(sim.account.incidents)


@pytest.mark.parametrize("status", ["triggered", "acknowledged", "resolved"])
def test_an_earlier_opening_is_found_in_any_status(sim: Simulator, ours: Incidents, status: str) -> None:
    ref = ours.open(trip(), opening(sim)).ref
    sim.people.open("Somebody else's", incident_key="case-2")
    if status != "triggered":
        sim.people.acknowledge(ref)
    if status == "resolved":
        sim.people.resolve(ref)
    found = ours.find(trip(), opening(sim))
    assert found is not None
    assert found.ref == ref
    asked = sim.journal.requests[-1].target
    assert "date_range=all" in asked
    assert asked.count("statuses%5B%5D=") == 3
    assert "incident_key=case-1" in asked


def test_of_several_the_newest_is_the_one(sim: Simulator, ours: Incidents) -> None:
    refs = []
    for _ in range(3):
        refs.append(ours.open(trip(), opening(sim)).ref)
        sim.people.resolve(refs[-1])
    found = ours.find(trip(), opening(sim))
    assert found is not None
    assert found.ref == refs[-1]


def test_nothing_is_found_where_nothing_is(sim: Simulator, ours: Incidents) -> None:
    sim.people.open("Somebody else's", incident_key="case-2")
    other = list(sim.account.services)[1]
    sim.people.open("On another service", incident_key="case-1", service=other)
    assert ours.find(trip(), opening(sim)) is None


@pytest.mark.parametrize(("key", "service"), [("case-9", None), ("case-1", "PSTRANGE"), (None, None)])
def test_a_filter_that_was_ignored_finds_nobody_elses(
    sim: Simulator, ours: Incidents, key: str | None, service: str | None
) -> None:
    strange = {"id": "Q9", "status": "triggered", "incident_key": key, "service": {"id": service}}
    sim.faults.lay(Fault(methods=("GET",), status=200, body={"incidents": [strange], "more": False}))
    assert ours.find(trip(), opening(sim)) is None


def test_an_empty_key_is_never_asked_for(sim: Simulator, ours: Incidents) -> None:
    sim.people.open("Somebody else's")
    before = len(sim.journal.requests)
    with pytest.raises(Refused):
        ours.find(trip(), opening(sim, key=""))
    with pytest.raises(Refused):
        ours.open(trip(), opening(sim, key=""))
    assert len(sim.journal.requests) == before


def test_nobody_on_call(sim: Simulator, ours: Incidents) -> None:
    sim.people.set_on_call(next(iter(sim.account.services)), ())
    refused(lambda: ours.open(trip(), opening(sim)), "nobody_on_call", 1015)


def test_an_unknown_sender(sim: Simulator, ours: Incidents) -> None:
    ref = sim.people.open("Checkout is slow").id
    sim.people.deactivate(BOT_EMAIL)
    with pytest.raises(UnknownSender) as caught:
        ours.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, "")
    assert caught.value.code == 1008
    with pytest.raises(UnknownSender, match="is gone from PagerDuty; let that user"):
        ours.check_sender(trip())


def test_a_sender_who_may_not_respond(sim: Simulator, ours: Incidents) -> None:
    ref = sim.people.open("Checkout is slow").id
    sim.people.set_role(BOT_EMAIL, "observer")
    for status in (403, 400):
        sim.switches.requester_refused_status = status
        with pytest.raises(UnknownSender) as caught:
            ours.add_note(trip(), ref, "Hello", "", "")
        assert caught.value.code == 1018
    with pytest.raises(UnknownSender, match=r"may not respond to incidents \(observer\)"):
        ours.check_sender(trip())


def test_a_sender_who_may_respond_is_let(sim: Simulator, ours: Incidents, our_id: str, http: Http) -> None:
    ours.check_sender(trip())
    Incidents(http, our_id, BOT_EMAIL.upper()).check_sender(trip())
    with pytest.raises(UnknownSender, match=r"another login e-mail than old@syncd\.test"):
        Incidents(http, our_id, "old@syncd.test").check_sender(trip())


def test_a_key_that_may_not_read_users_knows_nothing_against_them(sim: Simulator, ours: Incidents) -> None:
    sim.faults.lay(Fault(path="/users/*", status=403))
    ours.check_sender(trip())


def test_a_read_only_key_may_not_write(sim: Simulator, our_id: str) -> None:
    ref = sim.people.open("Checkout is slow").id
    reader = Incidents(client.http(sim.keys.read_only, BOT_EMAIL, transport=sim.transport()), our_id)
    assert reader.fetch(trip(), ref).status is Status.OPEN
    refused(lambda: reader.set_status(trip(), ref, Status.RESOLVED, ANA, ""), "forbidden", 2010)


def test_an_unknown_priority(sim: Simulator, ours: Incidents) -> None:
    ref = sim.people.open("Checkout is slow").id
    refused(lambda: ours.set_priority(trip(), ref, "PNOSUCH", ANA), "unknown_priority", 1020)
    before = len(sim.journal.requests)
    refused(lambda: ours.set_priority(trip(), ref, "", ANA), "refused")
    assert len(sim.journal.requests) == before


def test_a_status_that_was_there_already_is_already(sim: Simulator, ours: Incidents) -> None:
    sim.switches.resolve_resolved = sim.switches.acknowledge_acknowledged = "refuse"
    ref = sim.people.open("Checkout is slow").id
    for status in (Status.ACKNOWLEDGED, Status.RESOLVED):
        ours.set_status(trip(), ref, status, ANA, "")
        once = trip()
        applied = ours.set_status(once, ref, status, ANA, "")
        assert applied.record is not None
        assert applied.record.status is status
        assert [it.status for it in once.exchanges] == [400, 200]


def test_acknowledging_a_resolved_incident_where_that_is_refused(sim: Simulator, ours: Incidents) -> None:
    sim.switches.reopens, sim.switches.legacy_reopen_code = False, 2001
    ref = sim.people.open("Checkout is slow").id
    sim.people.resolve(ref)
    refused(lambda: ours.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, ""), "refused", 2001)
    sim.switches.legacy_reopen_code = 1001
    refused(lambda: ours.set_status(trip(), ref, Status.OPEN, ANA, ""), "refused", 1001)
    with pytest.raises(Postponed, match="reads the incident first") as caught:
        ours.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, "")
    assert (caught.value.reason, caught.value.code) == ("outdated", 1001)


def test_a_200_that_changed_nothing_is_a_refusal(sim: Simulator, ours: Incidents) -> None:
    sim.switches.rest_unacknowledges = False
    ref = sim.people.open("Checkout is slow").id
    sim.people.acknowledge(ref)
    refused(lambda: ours.set_status(trip(), ref, Status.OPEN, ANA, ""), "refused")


def test_a_resolution_goes_along_only_with_a_resolve(sim: Simulator, ours: Incidents) -> None:
    ref = sim.people.open("Checkout is slow").id
    for status, note in ((Status.ACKNOWLEDGED, "ignored"), (Status.RESOLVED, ""), (Status.RESOLVED, "Rolled back")):
        ours.set_status(trip(), ref, status, ANA, note)
    sent = [it.body for it in sim.journal.requests if it.method == "PUT"]
    assert ["resolution" in it for it in sent] == [False, False, True]


def test_an_incidents_number_is_not_its_id(sim: Simulator, ours: Incidents) -> None:
    incident = sim.people.open("Checkout is slow")
    with pytest.raises(Refused) as caught:
        ours.fetch(trip(), str(incident.number))
    assert caught.value.reason == "gone"


def test_an_incident_never_changes_by_linking(ours: Incidents) -> None:
    once = trip()
    ours.link(once, "Q1", "https://cases.test/CS-1")
    assert once.exchanges == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(methods=("POST",), status=500, applied=True),
        Fault(methods=("POST",), status=504),
        Fault(methods=("POST",), cut=True, applied=True),
        Fault(methods=("POST",), partial=True),
        Fault(methods=("POST",), status=200, applied=True, shape="html"),
        Fault(methods=("POST",), status=200, applied=True, body={"note": {}}),
        Fault(methods=("POST",), delay_s=11),
    ],
)
def test_a_note_without_its_id_is_in_doubt(sim: Simulator, ours: Incidents, fault: Fault) -> None:
    ref = sim.people.open("Checkout is slow").id
    sim.faults.lay(fault)
    with pytest.raises(Ambiguous):
        ours.add_note(trip(), ref, "Hello", "", "errand-1")


def test_a_check_that_is_forbidden_is_a_problem(sim: Simulator, ours: Incidents) -> None:
    sim.faults.lay(Fault(path="/abilities", status=403, code=2010))
    (problem,) = ours.check(trip())
    assert isinstance(problem, Problem)
    assert problem.code == "forbidden"
    sim.faults.lay(Fault(path="/abilities", status=503))
    with pytest.raises(SideError):
        ours.check(trip())


@pytest.mark.parametrize("letter", ["a", "ü", "€", "😀"])
def test_text_fits_in_bytes(sim: Simulator, ours: Incidents, letter: str) -> None:
    width = len(letter.encode())
    assert fit(letter * (TEXT_LIMIT // width)) == letter * (TEXT_LIMIT // width)
    long = fit(letter * TEXT_LIMIT * 2)
    assert TEXT_LIMIT - 4 < len(long.encode()) <= TEXT_LIMIT
    assert long.endswith("the whole text is on the case)")
    ref = sim.people.open("Checkout is slow").id
    assert ours.add_note(trip(), ref, letter * TEXT_LIMIT * 2, "", "").note_id


def test_later_changes_have_later_times(sim: Simulator, ours: Incidents) -> None:
    ref = sim.people.open("Checkout is slow").id
    records = [
        ours.set_status(trip(), ref, status, NOBODY, "").record for status in (Status.ACKNOWLEDGED, Status.RESOLVED)
    ]
    times = [record.at for record in records if record is not None]
    assert all(before is not None and after is not None and before <= after for before, after in pairwise(times))


def test_an_incident_is_opened_with_the_urgency_and_the_escalation_policy_of_its_preset(
    sim: Simulator, ours: Incidents
) -> None:
    policy = list(sim.account.policies)[1]
    made = sim.people.find(ours.open(trip(), opening(sim, urgency="low", escalation_policy=policy)).ref)
    assert (made.urgency, made.policy_id) == ("low", policy)
    usual = sim.people.find(ours.open(trip(), opening(sim, "case-2")).ref)
    assert (usual.urgency, usual.policy_id) == ("high", sim.account.services[usual.service_id].policy_id)
    assert policy != usual.policy_id
    refused(lambda: ours.open(trip(), opening(sim, "case-3", escalation_policy="PNOWHERE")), "refused", 2001)
