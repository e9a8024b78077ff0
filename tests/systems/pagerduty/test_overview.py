"""Many incidents for one request: what is open now, and what something has happened to, also past the cap of a list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.core.changes import Status
from syncd.errors import Refused
from syncd.simulator import BOT_EMAIL, Simulator, simulator
from syncd.systems.pagerduty import client, overview
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.port import Page
from tests.systems.trips import trip


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def sim(clock: StoppedClock) -> Iterator[Simulator]:
    with simulator(clock=clock) as made:
        yield made


def _all_open(ours: Incidents, *services: str) -> Iterator[Page]:
    page = ours.standing(trip(), services, "")
    yield page
    while page.cursor:
        page = ours.standing(trip(), services, page.cursor)
        yield page


def _all_changed(ours: Incidents, sim: Simulator, ago: timedelta) -> Iterator[Page]:
    since = sim.world.now() - ago
    page = ours.changed(trip(), since, "")
    yield page
    while page.cursor:
        page = ours.changed(trip(), since, page.cursor)
        yield page


def test_what_is_open_is_listed_as_it_stands(sim: Simulator, ours: Incidents) -> None:
    one = sim.people.open("One", "Ana Lima")
    two = sim.people.open("Two", "Ana Lima")
    sim.people.acknowledge(one.id, "Ana Lima")
    sim.people.resolve(two.id, "Ana Lima")
    (page,) = _all_open(ours)
    (seen,) = page.seen
    assert seen.record is not None
    assert (seen.ref, seen.record.status, page.total) == (one.id, Status.ACKNOWLEDGED, 1)


def test_only_of_our_services(sim: Simulator, ours: Incidents) -> None:
    first, second = sim.account.services
    mine = sim.people.open("Mine", "Ana Lima", service=first)
    sim.people.open("Elsewhere", "Ana Lima", service=second)
    (page,) = _all_open(ours, first)
    assert [one.ref for one in page.seen] == [mine.id]


def test_a_long_list_comes_in_pages_of_a_hundred(sim: Simulator, ours: Incidents) -> None:
    opened = [sim.people.open(f"Number {number}", "Ana Lima").id for number in range(230)]
    pages = list(_all_open(ours))
    assert [len(page.seen) for page in pages] == [100, 100, 30]
    assert [page.total for page in pages] == [230, None, None]
    assert sorted(one.ref for page in pages for one in page.seen) == sorted(opened)


def test_a_list_past_the_cap_ends_there_and_its_total_says_so(
    sim: Simulator, ours: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "REACH", 200)
    for number in range(230):
        sim.people.open(f"Number {number}", "Ana Lima")
    pages = list(_all_open(ours))
    assert ([len(page.seen) for page in pages], pages[0].total) == ([100, 100], 230)


def test_every_change_is_in_the_log_and_older_ones_are_not_asked_for(
    sim: Simulator, ours: Incidents, clock: StoppedClock
) -> None:
    old = sim.people.open("Old", "Ana Lima")
    noted = sim.people.open("Noted", "Ana Lima")
    clock.forward(3600)
    sim.people.note(noted.id, "Looking", "Ana Lima")
    new = sim.people.open("New", "Ana Lima")
    (page,) = _all_changed(ours, sim, timedelta(minutes=5))
    assert {one.ref for one in page.seen} == {noted.id, new.id}
    assert {one.record for one in page.seen} == {None}
    assert old.id not in {one.ref for one in page.seen}


def test_a_log_past_the_cap_is_followed_by_its_times(
    sim: Simulator, ours: Incidents, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "REACH", 200)
    opened = []
    for number in range(700):
        opened.append(sim.people.open(f"Number {number}", "Ana Lima").id)
        clock.forward(1)
    sim.journal.requests.clear()
    pages = list(_all_changed(ours, sim, timedelta(hours=1)))
    assert {one.ref for page in pages for one in page.seen} == set(opened)
    assert len(sim.journal.requests) == len(pages) <= 8
    assert {one.status for one in sim.journal.requests} == {200}


def test_a_log_of_more_than_half_a_year_is_asked_for_in_windows(
    sim: Simulator, ours: Incidents, clock: StoppedClock
) -> None:
    """PagerDuty refuses a longer one by 2005."""
    opened = []
    for number in range(5):
        opened.append(sim.people.open(f"Number {number}", "Ana Lima").id)
        clock.forward(timedelta(days=100))
    sim.journal.requests.clear()
    pages = list(_all_changed(ours, sim, timedelta(days=501)))
    assert {one.ref for page in pages for one in page.seen} == set(opened)
    assert [one.status for one in sim.journal.requests] == [400, 200, 400, 200, 200]


def test_a_window_of_the_log_past_the_cap_is_followed_and_so_is_the_next(
    sim: Simulator, ours: Incidents, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "REACH", 200)
    opened = []
    for number in range(500):
        opened.append(sim.people.open(f"Number {number}", "Ana Lima").id)
        clock.forward(timedelta(days=200) if number == 249 else timedelta(seconds=1))
    pages = list(_all_changed(ours, sim, timedelta(days=201)))
    assert {one.ref for page in pages for one in page.seen} == set(opened)


def test_where_no_window_is_short_enough_that_is_told(
    sim: Simulator, ours: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_WINDOW", timedelta(days=400))
    with pytest.raises(Refused, match="2005"):
        ours.changed(trip(), sim.world.now() - timedelta(days=800), "")


def test_a_log_that_cannot_be_narrowed_is_told(
    sim: Simulator, ours: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of one second, as the simulator's clock stands still."""
    monkeypatch.setattr(overview, "REACH", 200)
    for number in range(300):
        sim.people.open(f"Number {number}", "Ana Lima")
    with pytest.raises(Refused, match="at most 200 log entries"):
        list(_all_changed(ours, sim, timedelta(hours=1)))


def test_a_log_that_runs_forward_is_followed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which way it runs is not documented."""
    monkeypatch.setattr(overview, "REACH", 200)
    entries = [
        {"created_at": f"2026-03-01T12:{number // 60:02}:{number % 60:02}Z", "incident": {"id": f"Q{number}"}}
        for number in range(500)
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        since, offset, limit = asked["since"], int(asked["offset"]), int(asked["limit"])
        late = [one for one in entries if str(one["created_at"]) >= since]
        return httpx.Response(
            200,
            json={"log_entries": late[offset : offset + limit], "limit": limit, "more": offset + limit < len(late)},
        )

    http = client.http("k" * 20, BOT_EMAIL, transport=httpx.MockTransport(answer))
    ours = Incidents(http, "U1")
    found: set[str] = set()
    cursor, count = "", 0
    since = datetime(2026, 3, 1, 12, tzinfo=UTC)
    while not count or cursor:
        page = ours.changed(trip(), since, cursor)
        found.update(one.ref for one in page.seen)
        cursor, count = page.cursor, count + 1
    assert found == {f"Q{number}" for number in range(500)}
    assert count <= 7


def test_each_change_in_the_log_has_a_name_that_stays(sim: Simulator, ours: Incidents, clock: StoppedClock) -> None:
    one = sim.people.open("One", "Ana Lima")
    (before,) = _all_changed(ours, sim, timedelta(minutes=5))
    sim.people.note(one.id, "In the same second", "Ana Lima")
    clock.forward(60)
    (after,) = _all_changed(ours, sim, timedelta(minutes=5))
    (first,), (then,) = before.seen, after.seen
    assert set(first.changes) < set(then.changes)
    assert len(then.changes) == len(set(then.changes)) == len(first.changes) + 1


def test_where_one_change_has_no_name_none_is_told() -> None:
    named = {"id": "E1", "created_at": "2026-03-01T12:00:00Z", "incident": {"id": "Q1"}}
    unnamed = {"created_at": "2026-03-01T12:00:00Z", "incident": {"id": "Q2"}}
    entries = [named, unnamed, {**named, "incident": {"id": "Q2"}}]
    http = client.http(
        "k" * 20, BOT_EMAIL, transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"log_entries": entries}))
    )
    page = Incidents(http, "U1").changed(trip(), datetime(2026, 3, 1, tzinfo=UTC), "")
    assert [(one.ref, one.changes) for one in page.seen] == [("Q1", ("E1",)), ("Q2", ())]
