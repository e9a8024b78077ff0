"""Signing in as a user: the session, its end, and how failures are slowed and told to nobody."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select

from syncd.clock import Clock, StoppedClock
from syncd.console.parts import Parts
from syncd.console.sessions import COOKIE, KNOWN, LASTS
from syncd.core.permissions import Role
from syncd.errors import Misconfigured
from syncd.flow.access import passwords, people, signing_in
from syncd.flow.access.signing_in import FREE_BY_ADDRESS, FREE_BY_NAME, LONGEST_S, REMEMBERED
from syncd.store import users
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from syncd.store.failed_sign_ins import Failures
from syncd.store.tables_of_access import console_sessions, failed_sign_ins
from tests.waiting import wait_until

from .access import asking, bearing
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
NAME, PASSWORD = "Dana Ruiz", "correct horse battery"


@pytest.fixture
def key(desk: Cases, parts: Parts) -> str:
    people.add(parts.database, name=NAME, role=Role.OPERATOR, password=PASSWORD, by="Ana Lima")
    return desk.open(NewCase("Checkout is slow"), Hand("Ana Lima", "api")).case.key


async def sign_in(client: httpx.AsyncClient, name: str = NAME, secret: str = PASSWORD) -> httpx.Response:
    return await client.post("/login", data={"name": name, "token": secret})


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


async def test_what_a_user_does_is_recorded_under_the_name_signed_in_with(parts: Parts, desk: Cases, key: str) -> None:
    async with asking(parts) as client:
        assert (await sign_in(client)).status_code == 303
        sent = {"form_token": form_token(await client.get(f"/cases/{key}")), "text": "Looking.", "name": "Eve"}
        assert (await client.post(f"/cases/{key}/comments", data=sent)).status_code == 303
    assert desk.file(key).timeline[-1].actor == NAME


async def test_users_sign_in_also_where_the_daemon_has_no_token_of_its_own(parts: Parts, key: str) -> None:
    async with asking(replace(parts, api_token="")) as client:
        await sign_in(client)
        page = await client.get(f"/cases/{key}")
        refused = await client.post(f"/cases/{key}/close", data={"form_token": "0" * 64})
        closed = await client.post(f"/cases/{key}/close", data={"form_token": form_token(page)})
    assert (page.status_code, refused.status_code, closed.status_code) == (200, 403, 303)


async def test_a_viewer_sees_no_buttons(parts: Parts, key: str) -> None:
    people.add(parts.database, name="Vera", role=Role.VIEWER, password=PASSWORD, by="Ana Lima")
    async with asking(parts) as client:
        await sign_in(client, "Vera")
        page = await client.get(f"/cases/{key}")
    assert page.status_code == 200
    assert "Acknowledge" not in page.text


@pytest.mark.parametrize("end", ["out", "disabled", "password", "time"])
async def test_a_session_ends(parts: Parts, key: str, end: str) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    async with asking(replace(parts, database=store, clock=clock)) as client:
        cookies = {COOKIE: (await sign_in(client)).cookies[COOKIE]}
        page = await client.get(f"/cases/{key}")
        match end:
            case "out":
                await client.post("/logout", data={"form_token": form_token(page)})
            case "disabled":
                people.disable(store, NAME, by="Ana Lima")
            case "password":
                people.change_password(store, NAME, f"{PASSWORD} staple", by="Ana Lima")
            case _:
                clock.forward(LASTS - timedelta(seconds=1))
                client.cookies.update(cookies)
                assert (await client.get(f"/cases/{key}")).status_code == 200
                clock.forward(2)
        client.cookies.update(cookies)
        after = await client.get(f"/cases/{key}")
        again = await sign_in(client)
    store.close()
    assert page.status_code == 200
    assert after.status_code == 303
    assert again.status_code == (303 if end in {"out", "time"} else 401)


async def test_a_password_that_is_changed_while_the_old_one_is_hashed_opens_nothing(parts: Parts, key: str) -> None:
    kept = passwords.hashed(f"{PASSWORD} staple")
    async with asking(parts) as client:
        signing = asyncio.create_task(sign_in(client))
        await asyncio.to_thread(wait_until, lambda: _tried(parts.database))
        with parts.database.write() as tx:
            users.change_password(tx, NAME, kept, parts.database.now(tx))
            users.end_sessions(tx, NAME)
        answer = await signing
        page = await client.get(f"/cases/{key}")
    assert (answer.status_code, COOKIE in answer.cookies, page.status_code) == (401, False, 303)


def _tried(db: Database) -> bool:
    """It is counted before it is hashed."""
    with db.read() as tx:
        return tx.execute(select(func.count()).select_from(failed_sign_ins)).scalar_one() > 0


async def test_the_database_keeps_neither_password_nor_what_the_browser_carries(parts: Parts, key: str) -> None:
    async with asking(parts) as client:
        carried = (await sign_in(client)).cookies[COOKIE].partition(".")[2]
        await sign_in(client, secret="another password")
        await sign_in(client, name=PASSWORD)  # Somebody typed it into the wrong field.
    with parts.database.read() as tx:
        kept = str([list(tx.execute(select(one))) for one in (console_sessions, failed_sign_ins)])
        assert tx.execute(select(func.count()).select_from(failed_sign_ins)).scalar_one() == 2
    assert carried not in kept
    assert PASSWORD not in kept


async def test_who_fails_is_told_the_same_whether_the_name_is_known_or_not(parts: Parts, key: str) -> None:
    people.add(parts.database, name="Gone", role=Role.ADMIN, password=PASSWORD, by="Ana Lima")
    people.disable(parts.database, "Gone", by="Ana Lima")
    async with asking(parts) as client:
        answers = [await sign_in(client, name, secret) for name, secret in ((NAME, "wrong"), ("Nobody", "wrong"))]
        disabled = await sign_in(client, "Gone")
    assert {(one.status_code, one.text) for one in (*answers, disabled)} == {(401, answers[0].text)}


def test_an_unknown_name_costs_as_much_time_as_a_known_one(parts: Parts, key: str) -> None:
    took = {}
    for name in (NAME, "Nobody"):
        attempt = signing_in.begin(parts.database, name, "here")
        begun = time.thread_time()
        assert signing_in.check(parts.database, name, "wrong", attempt) is None
        took[name] = time.thread_time() - begun
    assert took["Nobody"] > took[NAME] / 3


async def test_failures_slow_a_name_down_and_a_success_forgives_them(parts: Parts, key: str) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    async with asking(replace(parts, database=store)) as client:
        for name in (NAME, "Nobody"):
            tried = [(await sign_in(client, name, "wrong")).status_code for _ in range(FREE_BY_NAME)]
            slowed = await sign_in(client, name, PASSWORD)
            assert (tried, slowed.status_code) == ([401] * FREE_BY_NAME, 429)
            assert slowed.headers["retry-after"] == "1"
        clock.forward(2)
        assert (await sign_in(client)).status_code == 303
        assert (await sign_in(client, NAME, "wrong")).status_code == 401
        assert (await sign_in(client)).status_code == 303
    store.close()


async def test_an_address_that_tries_many_names_is_slowed_too(parts: Parts) -> None:
    for number in range(FREE_BY_ADDRESS):
        signing_in.begin(parts.database, f"name {number}", "192.0.2.1")
    with pytest.raises(signing_in.NotNow, match="Too many sign-ins have failed"):
        signing_in.begin(parts.database, "another", "192.0.2.1")
    signing_in.begin(parts.database, "another", "192.0.2.2")


async def test_who_tries_a_name_keeps_its_owner_out_neither_elsewhere_nor_where_it_signed_in_before(
    parts: Parts, key: str
) -> None:
    """No time passes: on a machine that is slow to look at passwords the wait would be over by the next one."""
    store = Database(parts.database.url.render_as_string(hide_password=False), StoppedClock(Clock().now()))
    still = replace(parts, database=store)
    async with asking(still) as owners:
        assert (await sign_in(owners)).status_code == 303
        for _ in range(FREE_BY_NAME):
            async with asking(still) as guesser:
                await sign_in(guesser, NAME, "wrong")
        async with asking(still) as fresh:
            assert (await sign_in(fresh)).status_code == 429
        assert (await sign_in(owners)).status_code == 303
        signing_in.begin(store, NAME, "192.0.2.9")
    store.close()


async def test_a_known_browser_is_slowed_by_its_own_failures_and_is_known_under_its_own_name_alone(
    parts: Parts, key: str
) -> None:
    async with asking(parts) as client:
        await sign_in(client)
        carried = client.cookies[KNOWN]
    of = partial(signing_in.known_browser, parts.database)
    browser = of(NAME, carried, TOKEN)
    assert browser
    for _ in range(FREE_BY_NAME):
        signing_in.begin(parts.database, NAME, "here", browser)
    with pytest.raises(signing_in.NotNow):
        signing_in.begin(parts.database, NAME, "there", browser)
    made_up = signing_in.to_carry(passwords.NOBODYS)
    given = [
        (NAME, made_up),
        ("Nobody", made_up),
        ("Nobody", carried),
        (NAME, f"x{carried}"),
        (NAME, ""),
        (NAME, "é.é"),
    ]
    assert [of(*one, TOKEN) for one in given] == [""] * len(given)
    assert of(NAME, signing_in.to_carry(""), "") == ""
    people.change_password(parts.database, NAME, "staple correct horse", by="Ana Lima")
    assert of(NAME, carried, TOKEN) == "", "another password ends it"


async def test_with_the_api_token_a_browser_is_known_under_any_name(parts: Parts) -> None:
    async with asking(parts) as client:
        await sign_in(client, "Ben Osei", TOKEN)
        assert signing_in.known_browser(parts.database, "Ana Lima", client.cookies[KNOWN], TOKEN)
        assert not signing_in.known_browser(parts.database, "Ana Lima", client.cookies[KNOWN], "another token")


async def test_what_comes_too_early_makes_nobody_wait_longer(parts: Parts) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    for _ in range(FREE_BY_NAME + 2):
        with suppress(signing_in.NotNow):
            signing_in.begin(store, NAME, "here")
    clock.forward(1)
    signing_in.begin(store, NAME, "here")
    store.close()


async def test_a_failure_is_a_row_with_its_address_and_without_what_was_typed(parts: Parts, key: str) -> None:
    async with asking(parts) as client:
        await sign_in(client, "correct horse battery", "wrong")
        found = (await client.get("/v1/actions", headers=bearing(TOKEN))).json()["actions"]
    rows = [one for one in found if one["outcome"] == "refused"]
    assert [(one["who"], one["named"]) for one in rows] == [("", {"from": "127.0.0.1"})]
    assert "correct horse" not in str(rows)


def test_the_wait_doubles_to_a_minute_and_is_forgotten(parts: Parts) -> None:
    now = Clock().now()
    waits = [signing_in.wait(Failures(5 + more, now), 5, now) for more in range(10)]
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S, LONGEST_S, LONGEST_S]
    assert signing_in.wait(Failures(4, now), 5, now) == 0
    assert signing_in.wait(Failures(99, now - timedelta(seconds=LONGEST_S)), 5, now) == 0
    clock = StoppedClock(now)
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    for _ in range(FREE_BY_NAME):
        signing_in.begin(store, NAME, "here")
    with pytest.raises(signing_in.NotNow):
        signing_in.begin(store, NAME, "here")
    clock.forward(REMEMBERED + timedelta(seconds=1))
    signing_in.begin(store, NAME, "here")
    store.close()


async def test_the_daemons_own_token_still_opens_the_pages_and_the_api(parts: Parts, key: str) -> None:
    async with asking(parts) as client:
        assert (await sign_in(client, "Ben Osei", TOKEN)).status_code == 303
        assert "Ben Osei" in (await client.get(f"/cases/{key}")).text
        assert (await client.get("/v1/cases", headers=bearing(TOKEN))).status_code == 200


def test_passwords_are_salted_long_enough_and_compared() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first != second
    assert passwords.fits(PASSWORD, first)
    assert not passwords.fits(f"{PASSWORD} ", first)
    assert PASSWORD not in first
    for bad in ("a" * 11, "a" * 1025):
        with pytest.raises(Misconfigured):
            passwords.require_good(bad)
    assert not passwords.fits("", passwords.NOBODYS)
