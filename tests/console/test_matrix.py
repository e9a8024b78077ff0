"""Every route against every role and every kind of token, made from the declared table: a route cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

from syncd.clock import Clock, StoppedClock
from syncd.console.app import routes
from syncd.console.bearer import Gate
from syncd.console.demo_plan import DemoPlan
from syncd.console.parts import Parts
from syncd.console.permits import API, OPEN, PAGES, SIGNED_IN, Place, Reach
from syncd.core.permissions import ALLOWED, Action, Role
from syncd.flow.access import people, tokens
from syncd.queue import NoBell
from syncd.receiver import app as receiver
from syncd.store.database import Database

from .access import add_account, asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"


def _places(found: list[BaseRoute]) -> Iterator[Place]:
    for one in found:
        if isinstance(one, Mount):
            yield "GET", one.path
        elif isinstance(one, Route):
            yield from ((method, one.path) for method in (one.methods or ()) if method != "HEAD")


def test_every_route_there_is_stands_in_the_table_and_every_line_of_it_is_a_route(parts: Parts) -> None:
    demo = replace(parts, demo=DemoPlan("http://sim", "key", "http://api", TOKEN))
    hooks = receiver.Parts(parts.database, parts.connections, NoBell(), Clock(), lambda: None, lambda: None)
    there = {*_places(routes(demo)), *_places(list(receiver.Receiver(hooks).routes))}
    declared = [*API, *PAGES, *SIGNED_IN, *OPEN]
    assert there == set(declared)
    assert len(declared) == len(set(declared)), "a route has two lines"


async def test_a_route_that_nobody_declared_is_closed_also_to_admins(store: Database) -> None:
    async def shown(_: object) -> None:
        raise AssertionError

    guarded = Gate(TOKEN, store).only(None, shown)  # type: ignore[arg-type]
    route = Route("/v1/new", guarded)
    parted = httpx.ASGITransport(_console_of(route))
    async with httpx.AsyncClient(transport=parted, base_url="http://here") as client:
        answer = await client.get("/v1/new", headers=bearing(TOKEN))
        stranger = await client.get("/v1/new")
    assert (answer.status_code, answer.json()["code"]) == (403, "SYN-API-NOACTION")
    assert stranger.status_code == 401


def _console_of(route: Route):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.exceptions import HTTPException  # noqa: PLC0415

    from syncd.console import problem  # noqa: PLC0415
    from syncd.errors import SyncdError  # noqa: PLC0415

    return Starlette(
        routes=[route], exception_handlers={HTTPException: problem.answer_http, SyncdError: problem.answer_syncd}
    )


def test_roles_are_what_the_readme_says() -> None:
    assert ALLOWED[Role.ADMIN] == set(Action)
    assert not ALLOWED[Role.VIEWER] & {Action.CASES_WRITE, Action.SYNC_OPERATE, *_MANAGING, Action.ACCESS_READ}
    assert not ALLOWED[Role.OPERATOR] & {*_MANAGING, Action.ACCESS_READ}
    assert ALLOWED[Role.AUDITOR] == {Action.EVIDENCE_READ, Action.ACCESS_READ}
    assert Action.EVIDENCE_OPERATE not in ALLOWED[Role.VIEWER]
    assert {"integrations:ReadConfig", "integrations:Manage"} <= set(Action)


_MANAGING = {Action.INTEGRATIONS_MANAGE, Action.ACCESS_MANAGE}


def _address(path: str) -> str:
    """Of things that are not there: whoever may ask for one is told so, and whoever may not learns nothing."""
    return re.sub(r"\{(link|delivery|arrival|action):number\}", "77", re.sub(r"\{\w+\}", "nothing", path))


async def _asked(client: httpx.AsyncClient, place: Place, given: str) -> httpx.Response:
    method, path = place
    return await client.request(
        method, _address(path), headers=bearing(given), json={"by": "Eve"} if method == "POST" else None
    )


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_the_routes_of_its_actions_and_no_other(parts: Parts, role: Role) -> None:
    given = token(parts.database, role)
    async with asking(parts) as client:
        answers = {place: await _asked(client, place, given) for place in API}
    refused = {place for place, answer in answers.items() if answer.status_code in {401, 403}}
    assert refused == {place for place, permit in API.items() if permit.action not in ALLOWED[role]}
    assert {answers[place].json()["code"] for place in refused} <= {"SYN-API-FORBIDDEN"}
    assert {answers[place].headers["content-type"] for place in refused} <= {"application/problem+json"}
    assert [place for place, answer in answers.items() if answer.status_code >= 500] == []


@pytest.mark.parametrize("kind", ["none", "made up", "another's secret", "expired", "revoked"])
async def test_a_token_that_is_none_opens_nothing(parts: Parts, kind: str) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    good = token(store, Role.ADMIN, lasts=timedelta(days=1))
    given, code = {
        "none": ("", "SYN-API-TOKEN"),
        "made up": ("syncd_pat_0123456789ab_" + "A" * 43, "SYN-API-TOKEN"),
        "another's secret": (good[:-1] + ("A" if good[-1] != "A" else "B"), "SYN-API-TOKEN"),
        "expired": (good, "SYN-API-EXPIRED"),
        "revoked": (good, "SYN-API-REVOKED"),
    }[kind]
    async with asking(replace(parts, database=store)) as client:
        assert (await client.get("/v1/cases", headers=bearing(good))).status_code == 200
        if kind == "expired":
            clock.forward(timedelta(days=1))
        if kind == "revoked":
            tokens.revoke(store, "a admin", by="Ana Lima")
        answers = [await _asked(client, place, given) for place in API]
    store.close()
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(401, code)}
    assert {one.headers["www-authenticate"] for one in answers} == {"Bearer"}


async def test_a_token_of_one_account_is_kept_from_the_rest(parts: Parts) -> None:
    add_account(parts.database, "acme")
    add_account(parts.database, "other")
    given = token(parts.database, Role.ADMIN, scope=["acme"])
    async with asking(parts) as client:
        answers = {place: await _asked(client, place, given) for place in API}
        listed = (await client.get("/v1/integrations", headers=bearing(given))).json()["integrations"]
        mine = await client.post(
            "/v1/integrations/acme/pause", headers=bearing(given), json={"by": "Eve", "why": "a test"}
        )
        other = await client.post("/v1/integrations/other/pause", headers=bearing(given), json={"why": "a test"})
    narrowed = {place for place, permit in API.items() if permit.reach is Reach.INSIDE}
    assert {place for place, answer in answers.items() if answer.status_code != 403} == narrowed
    assert {answers[place].json()["code"] for place in API if place not in narrowed} == {"SYN-API-SCOPE"}
    assert [one["name"] for one in listed] == ["acme"]
    assert (mine.status_code, mine.json()["paused_by"]) == (200, "a admin")
    assert (other.status_code, other.json()["code"]) == (403, "SYN-API-SCOPE")


@pytest.mark.parametrize("role", Role)
async def test_a_page_is_for_the_roles_of_its_action(parts: Parts, role: Role) -> None:
    people.add(parts.database, name="Dana Ruiz", role=role, password=PASSWORD, by="Ana Lima")
    demo = replace(parts, demo=DemoPlan("http://127.0.0.1:1", "key", "http://127.0.0.1:1", TOKEN))
    async with asking(demo) as client:
        await client.post("/login", data={"name": "Dana Ruiz", "token": PASSWORD})
        acted = {place: await client.post(_address(place[1])) for place in PAGES if place[0] == "POST"}
        seen = await client.get("/cases/nothing")
        left = await client.post("/logout")
    assert seen.status_code == (404 if Action.CASES_READ in ALLOWED[role] else 403)
    assert {one.status_code for one in acted.values()} == {403}
    gets_further = {
        place for place, one in acted.items() if "too old" in one.text
    }  # Only to be told that it is of no page of ours.
    assert gets_further == {place for place in acted if PAGES[place].action in ALLOWED[role]}
    assert "too old" in left.text


async def test_pages_ask_a_stranger_who_it_is_and_forms_turn_it_away(parts: Parts) -> None:
    async with asking(parts) as client:
        answers = {
            place: await client.request(place[0], _address(place[1])) for place in PAGES if "demo" not in place[1]
        }
        left = await client.post("/logout")
    # What no person opens by its address, the streams of live pages among it, is a plain refusal.
    asked = {place for place in answers if place[0] == "GET" and not place[1].endswith("/events")}
    assert {answers[place].status_code for place in asked} == {303}
    assert {one.status_code for place, one in answers.items() if place not in asked} == {401}
    assert left.status_code == 401
