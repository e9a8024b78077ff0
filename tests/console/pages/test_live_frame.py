"""What stands around a page follows as the page does: the banner of each disconnected account, and the counts of the bar."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from syncd.core.changes import Side
from syncd.errors import Unauthorised
from syncd.store import integrations
from tests.console.test_demo_stream import messages

from .operated import Operated

REFUSED = Unauthorised("PagerDuty does not accept the key.")
LIVE = ("/overview", "/links", "/links/1")


def _until(told: Iterator[dict[str, str]], piece: str, words: str, *, is_there: bool = True) -> None:
    for pieces in told:
        if piece in pieces and (words in pieces[piece]) is is_there:
            return


def _disconnect(operated: Operated) -> None:
    for op in ("add_note", "check"):
        operated.world.incident.fail(op, REFUSED, times=9)
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()


def _reconnect(operated: Operated) -> None:
    with operated.world.db.write() as tx:
        integrations.connect(tx, "pagerduty", operated.world.db.now(tx))


def _listening(operated: Operated) -> httpx.Client:
    return httpx.Client(base_url=operated.client.base_url, cookies=operated.client.cookies, trust_env=False)


@pytest.mark.parametrize("page", LIVE)
def test_a_page_that_is_looked_at_tells_of_an_account_that_goes_and_comes_back(operated: Operated, page: str) -> None:
    operated.world.ask_for_incident()
    operated.world.drain()
    with _listening(operated) as client, client.stream("GET", f"{page}/events") as answer:
        told = messages(answer.iter_lines())
        first = next(told)
        assert (first["banners"].strip(), "count" in first["rooms"]) == ("", False)
        _disconnect(operated)
        _until(told, "banners", "pagerduty is disconnected")
    with _listening(operated) as client, client.stream("GET", f"{page}/events") as answer:
        told = messages(answer.iter_lines())
        first = next(told)
        assert 'Integrations <span class="count">1</span>' in first["rooms"]
        assert 'aria-current="page"' in first["rooms"]
        _reconnect(operated)
        _until(told, "rooms", "count", is_there=False)


def test_what_is_sent_first_is_what_was_loaded(operated: Operated) -> None:
    operated.world.ask_for_incident()
    operated.world.drain()
    _disconnect(operated)
    page = operated.see("/overview")
    with _listening(operated) as client, client.stream("GET", "/overview/events") as answer:
        first = next(messages(answer.iter_lines()))
    assert first["rooms"].strip() in page
    assert first["banners"].strip() in page
