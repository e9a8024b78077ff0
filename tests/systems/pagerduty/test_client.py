"""How PagerDuty is addressed: who we say we are, where it is, and lists in pages."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Misconfigured, Refused
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.systems.http import Http
from syncd.systems.pagerduty.client import base_url, http, other_region, pages, region_of
from tests.systems.trips import trip


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("", "https://api.pagerduty.com"),
        ("us", "https://api.pagerduty.com"),
        (" EU ", "https://api.eu.pagerduty.com"),
        ("http://127.0.0.1:8091", "http://127.0.0.1:8091"),
        ("https://proxy.test/pagerduty/", "https://proxy.test/pagerduty"),
        ("HTTPS://API.PagerDuty.com:443/", "https://api.pagerduty.com"),
        ("HTTP://LocalHost:8091", "http://localhost:8091"),
    ],
)
def test_a_region_or_an_address(where: str, address: str) -> None:
    assert base_url(where) == address


@pytest.mark.parametrize("where", ["https://api.pagerduty.com/", "https://API.pagerduty.com:443"])
def test_a_region_is_known_by_every_spelling_of_its_address(where: str) -> None:
    assert (region_of(base_url(where)), other_region(base_url(where))) == ("us", "https://api.eu.pagerduty.com")


def test_every_request_says_who_and_in_which_language() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    made = http("k" * 20, BOT_EMAIL, "eu", transport=httpx.MockTransport(handler))
    made.send(trip(), "GET", "/abilities")
    made.send(trip(), "PUT", "/incidents/Q1", json={})
    for request in asked:
        assert request.url.host == "api.eu.pagerduty.com"
        assert request.headers["authorization"] == "Token token=" + "k" * 20
        assert request.headers["from"] == BOT_EMAIL
        assert request.headers["accept"] == "application/vnd.pagerduty+json;version=2"
        assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("key", "sender"), [("", BOT_EMAIL), ("k\n", BOT_EMAIL), ("k", "ana@exämple.com")])
def test_what_cannot_be_sent_is_a_wrong_setting(key: str, sender: str) -> None:
    with pytest.raises(Misconfigured):
        http(key, sender)


def listing(
    *, total: int, allowed: int = 100, at: Callable[[int], int] = lambda n: n
) -> tuple[Http, list[tuple[int, int]]]:
    """A PagerDuty with so many things that hands out at most `allowed` at once."""
    asked: list[tuple[int, int]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        asked.append((offset, limit))
        assert offset + limit <= 10_000
        limit = min(limit, allowed)
        things = [{"id": f"T{at(n)}"} for n in range(offset, min(offset + limit, total))]
        return httpx.Response(200, json={"things": things, "limit": limit, "more": offset + limit < total})

    return http("k", BOT_EMAIL, transport=httpx.MockTransport(handler)), asked


@given(st.integers(0, 700), st.integers(1, 150))
def test_every_item_comes_once_whatever_the_page(total: int, allowed: int) -> None:
    made, asked = listing(total=total, allowed=allowed)
    assert [it["id"] for it in pages(made, trip(), "/things", "things")] == [f"T{n}" for n in range(total)]
    assert len(asked) == max(1, -(-total // min(allowed, 100)))


def test_items_that_shift_between_pages_come_once() -> None:
    made, _ = listing(total=250, at=lambda n: n - n // 100)
    found = [it["id"] for it in pages(made, trip(), "/things", "things")]
    assert len(found) == len(set(found)) == 248


@pytest.mark.parametrize("allowed", [100, 99, 7])
def test_beyond_ten_thousand_it_says_so(allowed: int) -> None:
    made, asked = listing(total=10_001, allowed=allowed)
    with pytest.raises(Refused, match="10000"):
        list(pages(made, trip(), "/things", "things"))
    assert sum(asked[-1]) <= 10_000


def test_ten_thousand_are_still_listed() -> None:
    made, _ = listing(total=10_000)
    assert len(list(pages(made, trip(), "/things", "things"))) == 10_000


def test_a_list_that_promises_more_and_gives_nothing_ends() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"things": [], "more": True})

    made = http("k", BOT_EMAIL, transport=httpx.MockTransport(handler))
    assert list(pages(made, trip(), "/things", "things")) == []


def test_the_simulators_pages_are_walked(sim: Simulator) -> None:
    for number in range(120):
        sim.people.open(f"Incident {number}")
    made = http(KEYS.full, BOT_EMAIL, transport=sim.transport())
    assert len(list(pages(made, trip(), "/incidents", "incidents"))) == 120
