"""Faults meet requests one by one, over real sockets and without, and each is told in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from syncd.clock import Clock, StoppedClock
from syncd.simulator import BOT_EMAIL, Fault, Simulator, serve, simulator
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from syncd.simulator.faults import WrongFault, fault_of, lost_answer, storm

NOTE = {"note": {"content": "Looking"}}


@pytest.fixture
def real() -> Iterator[tuple[Simulator, httpx.Client, Incident]]:
    """Real sockets and real time."""
    with simulator(seed=7, clock=Clock()) as sim, serve(sim.app) as base:
        headers = {"Authorization": f"Token token={sim.keys.full}", "From": BOT_EMAIL}
        with httpx.Client(base_url=base, headers=headers, timeout=5, trust_env=False) as rest:
            yield sim, rest, sim.people.open("Checkout is slow", "Ana Lima")


def note(rest: httpx.Client, incident: Incident, **more: str) -> httpx.Response:
    return rest.post(f"/incidents/{incident.id}/notes", json=NOTE, headers=more)


def test_the_next_two_notes_are_saved_and_answered_500(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    sim.faults.lay(Fault(status=500, applied=True, methods=("POST",), path="/incidents/*/notes", count=2))
    assert rest.get(f"/incidents/{opened.id}/notes").status_code == 200
    assert [note(rest, opened).status_code for _ in range(3)] == [500, 500, 201]
    assert len(opened.notes) == 3
    assert [(r.status, r.applied) for r in sim.journal.requests] == [
        (200, False),
        (500, True),
        (500, True),
        (201, True),
    ]


def test_a_5xx_before_the_write_changes_nothing(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    sim.faults.lay(Fault(status=503))
    assert note(rest, opened).status_code == 503
    assert opened.notes == []
    assert sim.journal.requests[-1].applied is False


def test_some_pass_before_a_fault_begins_and_it_ends_when_cleared(sim: Simulator, rest: httpx.Client) -> None:
    sim.faults.lay(Fault(status=500, skip=2, count=0))
    assert [rest.get("/abilities").status_code for _ in range(5)] == [200, 200, 500, 500, 500]
    sim.faults.clear()
    assert rest.get("/abilities").status_code == 200


def test_a_percentage_of_requests_is_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[int]:
        with simulator(seed=seed) as sim:
            sim.faults.lay(Fault(status=429, percent=40, count=0))
            headers = {"Authorization": f"Token token={sim.keys.full}"}
            with httpx.Client(transport=sim.transport(), base_url="https://api.pagerduty.com", headers=headers) as rest:
                return [rest.get("/abilities").status_code for _ in range(40)]

    assert run(3) == run(3)
    assert run(3) != run(4)
    assert 5 < run(3).count(429) < 30


def test_429_with_and_without_headers(sim: Simulator, rest: httpx.Client) -> None:
    sim.faults.lay(Fault(status=429, retry_after_s=17))
    limited = rest.get("/abilities")
    assert (limited.headers["ratelimit-reset"], limited.json()["error"]["code"]) == ("17", 2020)
    sim.faults.lay(Fault(status=429, limit_headers=False, shape="empty"))
    bare = rest.get("/abilities")
    assert (bare.status_code, bare.content) == (429, b"")
    assert "ratelimit-reset" not in bare.headers
    sim.faults.lay(storm(3))
    assert {rest.get("/abilities").status_code for _ in range(5)} == {429}


def test_a_limit_of_half_a_minute_says_what_is_left_of_it_and_ends_by_itself(
    sim: Simulator, rest: httpx.Client, clock: StoppedClock
) -> None:
    sim.faults.lay(Fault(status=429, count=0, lasts_s=30))
    limited = rest.get("/abilities")
    assert (limited.status_code, limited.headers["ratelimit-reset"]) == (429, "30")
    clock.forward(22.5)
    assert rest.get("/abilities").headers["ratelimit-reset"] == "8"
    assert [(one["met"], one["left_s"]) for one in sim.faults.standing()] == [(2, 8)]
    clock.forward(7.5)
    assert rest.get("/abilities").status_code == 200
    assert sim.faults.standing() == []


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("normal", {"error": {"message": "Access Denied", "code": 2010, "errors": []}}),
        ("string", {"error": "Access Denied"}),
        ("array", {"error": ["Access Denied"]}),
        ("errors_string", {"error": {"message": "Access Denied", "code": 2010, "errors": "Access Denied"}}),
        ("message", {"message": "Access Denied"}),
    ],
    ids=str,
)
def test_the_shapes_of_errors(sim: Simulator, rest: httpx.Client, shape: str, expected: Json) -> None:
    sim.faults.lay(Fault(status=403, shape=shape))
    assert rest.get("/abilities").json() == expected


def test_pages_codes_and_bodies_of_ones_own(sim: Simulator, rest: httpx.Client) -> None:
    sim.faults.lay(Fault(status=502, shape="html"))
    page = rest.get("/abilities")
    assert page.headers["content-type"] == "text/html"
    assert page.text.startswith("<html>")
    sim.faults.lay(Fault(status=400, code=1005))
    assert rest.get("/abilities").json()["error"]["message"] == "Data Updated Since Last Request"
    scopes = {"error": {"required_scopes": "incidents.write", "token_scopes": "incidents.read"}}
    sim.faults.lay(Fault(status=403, body=scopes))
    assert rest.get("/abilities").json() == scopes


def test_a_write_may_land_after_its_caller_has_given_up(
    sim: Simulator, rest: httpx.Client, opened: Incident, clock: StoppedClock
) -> None:
    sim.faults.lay(Fault(apply_after_s=30, delay_s=60, methods=("POST",)))
    with pytest.raises(httpx.ReadTimeout):
        note(rest, opened)
    clock.forward(29)
    assert rest.get(f"/incidents/{opened.id}/notes").json()["notes"] == []
    clock.forward(1)
    assert len(rest.get(f"/incidents/{opened.id}/notes").json()["notes"]) == 1
    written = sim.journal.requests[0]
    assert (written.applied, written.applied_at) == (True, clock.now())


def test_simulated_time_passes_while_an_answer_is_awaited(
    sim: Simulator, opened: Incident, clock: StoppedClock
) -> None:
    headers = {"Authorization": f"Token token={sim.keys.full}", "From": BOT_EMAIL}
    before = clock.now()
    sim.faults.lay(Fault(delay_s=4))
    sim.faults.lay(Fault(delay_s=60))
    with httpx.Client(
        transport=sim.transport(clock.forward), base_url="https://api.pagerduty.com", headers=headers, timeout=10
    ) as rest:
        assert note(rest, opened).status_code == 201
        assert (clock.now() - before).total_seconds() == 4
        with pytest.raises(httpx.ReadTimeout):
            note(rest, opened)
    assert (clock.now() - before).total_seconds() == 14
    assert len(opened.notes) == 2


def test_a_cut_without_sockets(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    sim.faults.lay(lost_answer("POST", "*/notes"))
    with pytest.raises(httpx.RemoteProtocolError):
        note(rest, opened)
    assert len(opened.notes) == 1
    assert sim.journal.requests[-1].status is None


def test_a_real_connection_is_cut_before_and_after_the_write(
    real: tuple[Simulator, httpx.Client, Incident],
) -> None:
    sim, rest, incident = real
    sim.faults.lay(Fault(cut=True))
    with pytest.raises(httpx.RemoteProtocolError):
        note(rest, incident)
    assert incident.notes == []
    sim.faults.lay(lost_answer("POST", "*/notes"))
    with pytest.raises(httpx.RemoteProtocolError):
        note(rest, incident)
    assert len(incident.notes) == 1


def test_a_real_answer_breaks_off_in_its_middle(real: tuple[Simulator, httpx.Client, Incident]) -> None:
    sim, rest, incident = real
    sim.faults.lay(Fault(partial=True))
    with pytest.raises(httpx.RemoteProtocolError):
        note(rest, incident)
    assert len(incident.notes) == 1


def test_a_real_answer_hangs_and_one_drips(real: tuple[Simulator, httpx.Client, Incident]) -> None:
    sim, rest, _ = real
    sim.faults.lay(Fault(delay_s=3600))
    with pytest.raises(httpx.ReadTimeout):
        rest.get("/abilities", timeout=0.1)
    sim.faults.lay(Fault(drip_s=0.001))
    assert "abilities" in rest.get("/abilities").json()


def test_a_real_write_lands_after_its_answer(real: tuple[Simulator, httpx.Client, Incident]) -> None:
    sim, rest, incident = real
    sim.faults.lay(Fault(apply_after_s=0.1, status=504))
    assert note(rest, incident).status_code == 504
    assert incident.notes == []
    assert sim.journal.wait(lambda: len(incident.notes) == 1)


def test_the_journal_tells_both_request_ids(real: tuple[Simulator, httpx.Client, Incident]) -> None:
    sim, rest, incident = real
    answer = note(rest, incident, **{"X-Request-Id": "ours-1", "traceparent": "00-1-2-01"})
    (told,) = sim.journal.requests
    assert (told.method, told.target, told.status) == ("POST", f"/incidents/{incident.id}/notes", 201)
    assert (told.caller_id, told.request_id) == ("ours-1", answer.headers["x-request-id"])
    assert told.trace == "00-1-2-01"
    assert json.loads(told.body) == NOTE
    assert told.fault is None


def test_faults_that_cannot_be_laid_are_refused() -> None:
    with pytest.raises(WrongFault, match="shape"):
        Fault(shape="round")
    with pytest.raises(WrongFault, match="colour"):
        fault_of({"colour": "red"})
