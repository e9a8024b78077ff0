"""Whatever changes something over HTTP stands in the action log, also when it is refused or cut off; and nothing is done without it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Gate
from syncd.console.contract.declared import OPERATIONS
from syncd.console.logbook import Logbook
from syncd.console.parts import Parts
from syncd.console.permits import API, PAGES
from syncd.core.deeds import End
from syncd.core.permissions import ALLOWED, Role
from syncd.flow.access import people
from syncd.store import actions
from syncd.store.actions import Asked, Logged
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database

from .access import asking, bearing, token
from .conftest import TOKEN
from .test_matrix import _address
from .test_users import form_token, sign_in

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"
WRITES = [place for place in API if place[0] != "GET"]


def rows(store: Database) -> Sequence[Logged]:
    """In the order they were made."""
    with store.read() as tx:
        return list(reversed(actions.listing(tx, Asked(), limit=500)))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
async def test_every_write_of_v1_is_a_row_whatever_came_of_it(parts: Parts, role: Role) -> None:
    given = token(parts.database, role)
    async with asking(parts) as client:
        sent = {"by": "Eve"}
        answers = [
            await client.request(method, _address(path), headers=bearing(given), json=sent) for method, path in WRITES
        ]
    found = rows(parts.database)
    declared = [OPERATIONS[place] for place in WRITES]
    assert [(one.act, one.action) for one in found] == [
        (f"{one.method} {one.address}", one.permit.action) for one in declared
    ]
    assert {(one.who, one.known_as, one.way) for one in found} == {(f"a {role}", "token", "api")}
    assert [(one.status, one.detail) for one in found] == [
        (one.status_code, one.json().get("code", "")) for one in answers
    ]
    refused = [one for one in found if one.detail == "SYN-API-FORBIDDEN"]
    assert {one.action for one in refused} == {one.permit.action for one in declared} - ALLOWED[role]


async def test_it_says_on_what_and_for_whom_and_keeps_no_secret(parts: Parts, desk: Cases) -> None:
    case = desk.open(NewCase("Checkout is slow"), Hand("Ana Lima", "api")).case
    async with asking(parts) as client:
        own = bearing(TOKEN)
        said = {"by": "Ana Lima", "text": "a word"}
        await client.post(f"/v1/cases/{case.key}/comments", headers=own, json=said)
        dana = {"by": "Ana Lima", "name": "Dana", "role": "viewer", "password": PASSWORD}
        await client.post("/v1/users", headers=own, json=dana)
        issued = await client.post("/v1/tokens", headers=own, json={"by": "Ana Lima", "name": "ci", "role": "viewer"})
        gone = await client.post(f"/v1/tokens/{issued.json()['token']}/revoke", headers=own, json={"by": "Ana Lima"})
    assert gone.status_code == 404
    comment, user, made, revoked = rows(parts.database)
    assert (comment.who, comment.known_as) == ("the daemon's own token", "own_token")
    assert comment.named == {"by": "Ana Lima", "key": case.key}
    assert user.named == {"by": "Ana Lima", "name": "Dana", "role": "viewer"}
    assert (made.status, made.outcome, made.ended_at is not None) == (201, "done", True)
    assert (revoked.outcome, revoked.named["token"]) == ("refused", "syncd_pat_…")
    with parts.database.read() as tx:
        kept = json.dumps([list(map(str, row)) for row in tx.execute(text("SELECT * FROM actions"))])
    secret = issued.json()["token"].rpartition("_")[2]
    assert not [one for one in (PASSWORD, secret, "a word", TOKEN) if one in kept]


async def test_who_has_no_token_stands_in_the_log_of_the_process_alone(parts: Parts) -> None:
    async with asking(parts) as client:
        with structlog.testing.capture_logs() as told:
            await client.get("/v1/cases")
            await client.post("/v1/cases", json={})
        for headers in ({}, bearing("made up")):
            assert (await client.post("/v1/cases", headers=headers, json={})).status_code == 401
        assert (await client.post("/links/7/pause")).status_code == 401
    assert rows(parts.database) == []
    assert [(one["event"], one["path"]) for one in told] == [("api.not_let_in", "/v1/cases")]


async def test_a_look_is_no_row(parts: Parts) -> None:
    async with asking(parts) as client:
        await client.get("/v1/cases", headers=bearing(TOKEN))
    assert rows(parts.database) == []


async def test_what_people_do_on_pages_is_a_row(parts: Parts, desk: Cases) -> None:
    key = desk.open(NewCase("Checkout is slow"), Hand("Ana Lima", "api")).case.key
    people.add(parts.database, name="Dana Ruiz", role=Role.OPERATOR, password=PASSWORD, by="Ana Lima")
    async with asking(parts) as client:
        await sign_in(client, secret="another password")
        await sign_in(client)
        form = {"form_token": form_token(await client.get(f"/cases/{key}")), "text": "a word", "name": "Eve"}
        await client.post(f"/cases/{key}/comments", data=form)
        await client.post(f"/cases/{key}/comments", data={**form, "form_token": "old"})
        await client.post("/settings/add-user", data=form)
        await client.post("/logout", data=form)
    told = [(one.who, one.known_as, one.action, one.act, one.outcome, one.status) for one in rows(parts.database)]
    dana = ("Dana Ruiz", "user")
    assert told == [
        ("", "nobody", "access:SignIn", "POST /login", "refused", 401),
        (*dana, "access:SignIn", "POST /login", "done", 303),
        (*dana, "cases:Write", "POST /cases/{key}/{act}", "done", 303),
        (*dana, "cases:Write", "POST /cases/{key}/{act}", "refused", 403),
        (*dana, "access:Manage", "POST /settings/{act}", "refused", 403),
        (*dana, "access:SignOut", "POST /logout", "done", 303),
    ]
    assert rows(parts.database)[2].named == {"name": "Eve", "key": key, "act": "comments"}
    assert {one.way for one in rows(parts.database)} == {"console"}


async def test_every_form_there_is_keeps_the_log(parts: Parts) -> None:
    forms = [path for method, path in PAGES if method == "POST" and "demo" not in path]
    async with asking(parts) as client:
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        sent = {"form_token": form_token(await client.get("/settings"))}
        answers = [await client.post(_address(path), data=sent) for path in forms]
    plain = [re.sub(r":\w+", "", path) for path in forms]
    assert [one.act for one in rows(parts.database)[1:]] == [f"POST {path}" for path in plain]
    assert [one.status for one in rows(parts.database)[1:]] == [one.status_code for one in answers]
    assert {one.known_as for one in rows(parts.database)} == {"own_token"}


async def _asked(parts: Parts, handler: Any, path: str = "/v1/links/7/pause") -> httpx.Response:  # noqa: ANN401
    """By way of the gate, as a route of /v1 is."""
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    from syncd.console import problem  # noqa: PLC0415
    from syncd.errors import SyncdError  # noqa: PLC0415

    async def read(request: Request) -> Response:
        await Logbook(parts.database).begin(request, {})
        return await handler(request)  # type: ignore[no-any-return]

    place = ("POST", "/v1/links/{link:number}/pause")
    guarded = Gate(TOKEN, parts.database).only(replace(API[place]), read, "POST /v1/links/{link}/pause")
    app = Starlette(
        routes=[Route("/v1/links/{link}/pause", guarded, methods=["POST"])],
        exception_handlers={SyncdError: problem.answer_syncd, Exception: problem.answer_broken},
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.post(path, headers=bearing(TOKEN))


async def test_its_row_is_there_before_it_is_done(parts: Parts) -> None:
    seen: list[Logged] = []

    async def look(_: Request) -> Response:
        seen.extend(rows(parts.database))
        return JSONResponse({})

    await _asked(parts, look)
    assert [(one.outcome, one.status, one.named) for one in seen] == [(End.BEGUN, None, {"link": "7"})]
    assert [one.outcome for one in rows(parts.database)] == [End.DONE]


async def test_what_breaks_has_failed(parts: Parts) -> None:
    async def fail(_: Request) -> Response:
        raise ZeroDivisionError

    assert (await _asked(parts, fail)).status_code == 500
    (row,) = rows(parts.database)
    assert (row.outcome, row.status, row.detail) == ("failed", 500, "SYN-API-BROKEN")


async def test_what_is_cut_off_stays_begun(parts: Parts) -> None:
    """As when the process is stopped at once: nobody is left to say how it ended."""

    class Gone(BaseException):
        pass

    async def die(_: Request) -> Response:
        raise Gone

    with pytest.raises(Gone):
        await _asked(parts, die)
    assert [(one.outcome, one.ended_at) for one in rows(parts.database)] == [("begun", None)]


async def test_what_cannot_be_written_down_is_not_done(parts: Parts) -> None:
    with parts.database.write() as tx:
        tx.execute(text("CREATE TRIGGER full_up BEFORE INSERT ON actions BEGIN SELECT RAISE(ABORT, 'x'); END"))
    given = {"by": "Ana Lima", "title": "Checkout is slow"}
    async with asking(parts) as client:
        answer = await client.post("/v1/cases", headers=bearing(TOKEN), json=given)
        cases = (await client.get("/v1/cases", headers=bearing(TOKEN))).json()["cases"]
    assert (answer.status_code, cases) == (500, [])


async def test_the_log_is_asked_by_parts_and_page_by_page(parts: Parts) -> None:
    given = token(parts.database, Role.AUDITOR)
    async with asking(parts) as client:
        for number in range(3):
            await client.post("/v1/users", headers=bearing(TOKEN), json={"by": "Ana", "name": f"U{number}"})
        await client.post("/v1/cases", headers=bearing(given), json={})
        first = (await client.get("/v1/actions?limit=2", headers=bearing(given))).json()
        rest = (await client.get(f"/v1/actions?limit=2&before={first['next']}", headers=bearing(given))).json()
        last = (await client.get(f"/v1/actions?limit=3&before={rest['next']}", headers=bearing(given))).json()
        own = (await client.get("/v1/actions?who=a auditor&outcome=refused&way=api", headers=bearing(given))).json()
        none = (await client.get("/v1/actions?since=2999-01-01T00:00:00Z", headers=bearing(given))).json()
        wrong = await client.get("/v1/actions?outcome=good", headers=bearing(given))
    ids = [one["id"] for page in (first, rest, last) for one in page["actions"]]
    assert ids == [4, 3, 2, 1]
    assert (last["next"], none["actions"], wrong.status_code) == (None, [], 422)
    assert [(one["who"], one["action"], one["detail"]) for one in own["actions"]] == [
        ("a auditor", "cases:Write", "SYN-API-FORBIDDEN")
    ]


async def test_its_page_shows_it_to_who_may_see_who_has_access(parts: Parts) -> None:
    people.add(parts.database, name="Dana Ruiz", role=Role.AUDITOR, password=PASSWORD, by="Ana Lima")
    async with asking(parts) as client:
        for number in range(60):
            await client.post("/v1/users", headers=bearing(TOKEN), json={"by": "Ana", "name": f"U<{number}>"})
        await sign_in(client)
        page = await client.get("/settings/actions")
        older = re.search(r'href="(/settings/actions\?before=\d+)" rel="next"', page.text)
        assert older is not None
        rest = await client.get(older[1])
        own = await client.get("/settings/actions?who=Dana Ruiz")
        people.add(parts.database, name="Olu", role=Role.OPERATOR, password=PASSWORD, by="Ana Lima")
        await sign_in(client, "Olu")
        refused = await client.get("/settings/actions")
    assert page.text.count("POST /v1/users") + rest.text.count("POST /v1/users") == 60
    assert len(page.text) < 40_000
    assert (own.text.count("POST /login"), own.text.count("/v1/users")) == (1, 0)
    assert refused.status_code == 403
