"""Passwords over HTTP: an admin adds users and changes theirs, a user changes its own; no old session, answer or log keeps one."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest
import structlog

from syncd.clock import Clock, StoppedClock
from syncd.console.parts import Parts
from syncd.console.sessions import COOKIE
from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.flow.access.signing_in import FREE_BY_NAME
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database

from .access import asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
NAME, OLD, NEW = "Dana Ruiz", "correct horse battery", "staple correct horse"


@pytest.fixture
def page(parts: Parts, desk: Cases) -> str:
    people.add(parts.database, name=NAME, role=Role.VIEWER, password=OLD, by="Ana Lima")
    return f"/cases/{desk.open(NewCase('Checkout is slow'), Hand('Ana Lima', 'api')).case.key}"


async def sign_in(client: httpx.AsyncClient, secret: str, name: str = NAME) -> int:
    return (await client.post("/login", data={"name": name, "token": secret})).status_code


async def change(client: httpx.AsyncClient, now: str, new: str) -> httpx.Response:
    form = re.search(r'name="form_token" value="([0-9a-f]+)"', (await client.get("/password")).text)
    assert form is not None
    return await client.post("/password", data={"form_token": form[1], "now": now, "new": new})


async def test_an_admin_adds_a_user_and_changes_the_password(parts: Parts, page: str) -> None:
    admin = bearing(token(parts.database, Role.ADMIN, "night watch"))
    fields = {"name": "Ben Osei", "role": "operator", "password": OLD}
    with structlog.testing.capture_logs() as logs:
        async with asking(parts) as client:
            made = await client.post("/v1/users", headers=admin, json=fields)
            again = await client.post("/v1/users", headers=admin, json=fields)
            short = await client.post("/v1/users", headers=admin, json={**fields, "name": "x", "password": "short-one"})
            assert await sign_in(client, OLD, "Ben Osei") == 303
            changed = await client.post("/v1/users/Ben Osei/password", headers=admin, json={"password": NEW})
            after = await client.get(page)
            nobody = await client.post("/v1/users/Nobody/password", headers=admin, json={"password": NEW})
            assert await sign_in(client, OLD, "Ben Osei") == 401
            assert await sign_in(client, NEW, "Ben Osei") == 303
    assert (made.status_code, made.json()["role"], made.json()["created_by"]) == (201, "operator", "night watch")
    assert (again.status_code, short.status_code, nobody.status_code) == (409, 422, 404)
    assert changed.json()["says"] == "Ben Osei signs in with the new password; open sessions have ended."
    assert after.status_code == 303, "the session of the old password has ended"
    assert {"event": "user.password_changed", "user": "Ben Osei", "by": "night watch", "log_level": "info"} in logs
    said = str(logs) + "".join(one.text for one in (made, again, short, changed, nobody))
    assert not any(one in said for one in (OLD, NEW, "short-one"))


async def test_a_user_changes_its_own_and_only_this_browser_stays_signed_in(parts: Parts, page: str) -> None:
    async with asking(parts) as other, asking(parts) as client:
        await sign_in(other, OLD)
        await sign_in(client, OLD)
        before = client.cookies[COOKIE]
        wrong = await change(client, "not the password", NEW)
        short = await change(client, OLD, "short-one")
        done = await change(client, OLD, NEW)
        seen = [(await one.get(page)).status_code for one in (client, other)]
        client.cookies.set(COOKIE, before)
        stale = await client.get(page)
        assert [await sign_in(other, one) for one in (OLD, NEW)] == [401, 303]
    assert (wrong.status_code, short.status_code, done.status_code) == (403, 422, 200)
    assert "fewer than 12 characters" in short.text
    assert "your other sessions have ended" in done.text
    assert (seen, stale.status_code) == ([200, 303], 303)


async def test_guessing_there_is_slowed_as_signing_in_is(parts: Parts, page: str) -> None:
    clock = StoppedClock(Clock().now())  # Hashing takes a while, and the wait is a second.
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    async with asking(replace(parts, database=store, clock=clock)) as client:
        await sign_in(client, OLD)
        tried = [(await change(client, "not the password", NEW)).status_code for _ in range(FREE_BY_NAME)]
        slowed = await change(client, OLD, NEW)
    store.close()
    assert tried == [403] * FREE_BY_NAME
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "1")


async def test_the_api_token_is_nobodys_password_whatever_name_it_came_with(parts: Parts, page: str) -> None:
    async with asking(parts) as client:
        assert await sign_in(client, TOKEN) == 303
        asked = await client.get("/password")
        sent = await change(client, OLD, NEW)
        assert (asked.status_code, sent.status_code) == (409, 409)
        assert await sign_in(client, OLD) == 303


async def test_a_form_of_another_page_changes_nothing(parts: Parts, page: str) -> None:
    async with asking(parts) as client:
        await sign_in(client, OLD)
        sent = await client.post("/password", data={"form_token": "0" * 64, "now": OLD, "new": NEW})
        assert (sent.status_code, "too old" in sent.text) == (403, True)
        assert await sign_in(client, OLD) == 303
