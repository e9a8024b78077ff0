"""The list of cases, opening one, and where rules send it."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.flow.orders import routing
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from tests.console.conftest import TOKEN
from tests.parts.visit import MOST_HTML

from .operated import plain

ANA = Hand("Ana Lima", "api")
PASSWORD = "correct horse battery"


@pytest.fixture
def person(stranger: httpx.Client, desk: Cases) -> httpx.Client:
    stranger.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/cases"})
    return stranger


def _press(person: httpx.Client, on: str, address: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', person.get(on).text)
    assert token is not None
    return person.post(address, data={"form_token": token[1], **fields})


def test_a_case_is_opened_and_found_in_the_list(person: httpx.Client, desk: Cases) -> None:
    assert "No case is like that." in plain(person.get("/cases").text)
    opened = _press(
        person, "/cases", "/cases", title="Checkout is slow", body="p95", priority="P2", connector="payments"
    )
    assert opened.status_code == 303
    key = opened.headers["location"].rpartition("/")[2]
    case = desk.get(key)
    assert (case.title, case.priority, case.connector) == ("Checkout is slow", "P2", "payments")
    words = plain(person.get("/cases").text)
    assert f"{key} Checkout is slow open P2 payments none yet: why?" in words
    assert key not in plain(person.get("/cases?status=closed").text).partition("Open a case")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "", "priority": "P2"},
        {"title": "x" * 1025, "priority": "P2"},
        {"title": "x", "priority": "P9"},
        {"title": "x", "priority": "P2", "connector": "nobody"},
    ],
)
def test_what_makes_no_case_is_said_and_keeps_what_was_typed(
    person: httpx.Client, desk: Cases, fields: dict[str, str]
) -> None:
    refused = _press(person, "/cases", "/cases", **{"body": "<b>words</b>", **fields})
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert "&lt;b&gt;words&lt;/b&gt;" in refused.text
    assert desk.listing({}) == ()


def test_what_is_long_is_folded_and_its_rest_one_link_away(person: httpx.Client, desk: Cases) -> None:
    key = desk.open(NewCase("Checkout is slow", body="<" * 19_999 + "B"), ANA).case.key
    desk.comment(key, ANA, "short")
    desk.comment(key, ANA, "&" * 19_999 + "C")
    page = person.get(f"/cases/{key}").text
    assert len(page) < MOST_HTML
    assert "short</blockquote>" in page
    links = re.findall(r'<a href="([^"]+)">all 20,000 characters</a>', page)
    assert set(links) == {f"/cases/{key}?whole=true"}
    whole = html.unescape(person.get(links[0]).text)
    assert "<B" in whole
    assert "&C" in whole
    assert "all 20,000" not in whole


def test_pages_of_cases_follow_each_other(person: httpx.Client, desk: Cases) -> None:
    for number in range(51):
        desk.open(NewCase(f"Case {number}", "", "P3"), ANA)
    first = person.get("/cases").text
    older = re.search(r'<a href="([^"]+)" rel="next">', first)
    assert older is not None
    assert "Case 0" in plain(person.get(html.unescape(older[1])).text)


def test_whoever_may_only_read_opens_none(stranger: httpx.Client, parts: Parts, desk: Cases) -> None:
    people.add(parts.database, name="Vi", role=Role.VIEWER, password=PASSWORD, by="test")
    stranger.post("/login", data={"name": "Vi", "token": PASSWORD, "next": "/cases"})
    assert "Open a case" not in stranger.get("/cases").text
    assert _press(stranger, "/cases", "/cases", title="x", priority="P1").status_code == 403


def test_a_case_may_be_opened_on_another_service(person: httpx.Client, desk: Cases) -> None:
    given = {"title": "Slow", "priority": "P3", "service": "Till"}
    made = _press(person, "/cases", "/cases", **given)
    assert made.status_code == 303
    assert desk.opening("CS-1").service == "Till"
    assert "service asked for Till" in plain(person.get("/cases/CS-1").text)
    assert _press(person, "/cases", "/cases", **{**given, "service": "x" * 256}).status_code == 409


def test_rules_are_shown_in_their_order_moved_and_removed(person: httpx.Client, store: Database, desk: Cases) -> None:
    assert "There is none: each case goes to the connector it names" in plain(person.get("/routing").text)
    for name, team in (("web", "web"), ("rest", "")):
        given = {"name": name, "connector": "payments", **({"team": [team]} if team else {})}
        routing.add_rule(store, given, at=None, replaces=False, by="Ana")
    words = plain(person.get("/routing").text)
    assert "1 web team web payments" in words
    assert "2 rest anything payments" in words
    assert _press(person, "/routing", "/routing/rest/move", to="1").status_code == 303
    assert "1 rest anything payments" in plain(person.get("/routing").text)
    assert _press(person, "/routing", "/routing/rest/move", to="x").status_code == 409
    assert _press(person, "/routing", "/routing/nobody/remove").status_code == 404
    _press(person, "/routing", "/routing/rest/remove")
    assert "rest anything" not in plain(person.get("/routing").text)


def test_rules_and_presets_are_tried_on_a_case(person: httpx.Client, store: Database, desk: Cases) -> None:
    given = {"name": "web", "connector": "payments", "team": ["web"]}
    routing.add_rule(store, given, at=None, replaces=False, by="Ana")
    key = desk.open(NewCase("Checkout is slow", "p95 above 2 s", "P2", team="web"), ANA).case.key
    words = plain(person.get(f"/routing?case={key}").text)
    assert "title Checkout is slow service Payments" in words
    assert "p95 above 2 s" in words
    assert 'role="alert"' in person.get("/routing?case=CS-404").text


def test_who_may_not_manage_sees_no_buttons(stranger: httpx.Client, parts: Parts, store: Database, desk: Cases) -> None:
    routing.add_rule(store, {"name": "rest", "connector": "payments"}, at=None, replaces=False, by="Ana")
    people.add(parts.database, name="Op", role=Role.OPERATOR, password=PASSWORD, by="test")
    stranger.post("/login", data={"name": "Op", "token": PASSWORD, "next": "/routing"})
    assert "Remove" not in stranger.get("/routing").text
    assert _press(stranger, "/routing", "/routing/rest/remove").status_code == 403
