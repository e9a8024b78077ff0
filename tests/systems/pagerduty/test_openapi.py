"""Every request our client makes, beside PagerDuty's own OpenAPI file, loosened. Left out, saying so, without the file."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from syncd.core.changes import NOBODY, Status
from syncd.simulator import BOT_EMAIL, Simulator
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.port import Opening
from tests.simulator.published import Published, published
from tests.systems.trips import trip


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return published(tmp_path_factory.mktemp("openapi"))


@dataclass
class Judged(httpx.BaseTransport):
    inner: httpx.BaseTransport
    judge: Published
    complaints: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        response.request = request
        response.read()
        self.complaints += self.judge.complaints(response)
        self.paths.add(f"{request.method} {request.url.path.split('/')[1]}")
        return response


@pytest.fixture
def judged(sim: Simulator, judge: Published) -> Judged:
    return Judged(sim.transport(), judge)


def test_the_judge_refuses_what_is_wrong(judged: Judged, sim: Simulator) -> None:
    http = client.http(sim.keys.full, "", transport=judged)
    ref = sim.people.open("Checkout is slow").id
    http.send(
        trip(),
        "PUT",
        f"/incidents/{ref}",
        json={"incident": {"type": "incident_reference"}},
        headers={"From": BOT_EMAIL},
    )
    assert judged.complaints == []
    with pytest.raises(Exception, match="From"):
        http.send(trip(), "PUT", f"/incidents/{ref}", json={"incident": {"type": "incident_reference"}})
    assert any("From" in it for it in judged.complaints)


def test_every_request_is_as_published(judged: Judged, sim: Simulator, our_id: str) -> None:
    http = client.http(sim.keys.full, BOT_EMAIL, transport=judged)
    ours = Incidents(http, our_id)
    service, priority = account.list_services(http, trip())[0].id, account.list_priorities(http, trip())[0][0].id
    opening = Opening("case-1", "Checkout is slow", "See the case", service, priority)
    ref = ours.open(trip(), opening).ref
    ours.open(trip(), opening)
    ours.find(trip(), opening)
    for status, note in (
        (Status.ACKNOWLEDGED, ""),
        (Status.OPEN, ""),
        (Status.RESOLVED, "Rolled back"),
        (Status.OPEN, ""),
        (Status.RESOLVED, ""),
    ):
        ours.set_status(trip(), ref, status, NOBODY, note)
    ours.set_priority(trip(), ref, account.list_priorities(http, trip())[0][1].id, NOBODY)
    ours.add_note(trip(), ref, "Hello", "", "errand-1")
    ours.fetch(trip(), ref)
    ours.notes(trip(), ref)
    ours.check(trip())
    account.find_user(http, trip(), BOT_EMAIL)
    account.whose_key(http, trip())
    sim.carriage.hold = True  # the request for a ping is judged here, its carrying is not
    made = account.create_subscription(http, trip(), "https://syncd.test/hooks/pd", service, "syncd")
    account.list_subscriptions(http, trip(), service)
    account.enable_subscription(http, trip(), made.id)
    account.ping_subscription(http, trip(), made.id)
    account.delete_subscription(http, trip(), made.id)
    assert judged.complaints == []
    assert len(judged.paths) == 10
