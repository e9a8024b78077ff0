"""The first admin comes in by a link: once, within a day, while there is no admin, and from our own page alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from syncd.clock import Clock, StoppedClock
from syncd.console.parts import Parts
from syncd.console.strangers import COOKIE
from syncd.core.permissions import Role
from syncd.errors import Conflict, NotFound, SyncdError
from syncd.flow.access import first_admin, people
from syncd.flow.access.first_admin import LASTS
from syncd.store import actions, users
from syncd.store.actions import Asked
from syncd.store.database import Database

from .access import asking

pytestmark = pytest.mark.anyio
NAME, PASSWORD = "Ana Lima", "correct horse battery"


@dataclass(frozen=True, slots=True)
class House:
    parts: Parts
    clock: StoppedClock

    @property
    def db(self) -> Database:
        return self.parts.database

    def link(self) -> str:
        return first_admin.link(self.db, "", by="root").address

    def people(self) -> list[tuple[str, str]]:
        with self.db.read() as tx:
            return [(one.name, one.role) for one in users.listing(tx)]


@pytest.fixture
def house(parts: Parts) -> Iterator[House]:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    yield House(replace(parts, database=store, clock=clock), clock)
    store.close()


def secret_of(link: str) -> str:
    return link.partition("link=")[2]


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    return "" if found is None else found[1]


async def come(client: httpx.AsyncClient, link: str, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
    page = await client.get(link)
    sent = {"link": secret_of(link), "name": name, "password": password, "form_token": token_of(page)}
    return await client.post("/first-admin", data=sent)


async def test_whoever_opens_it_is_admin_and_signed_in_and_it_opens_once(house: House) -> None:
    link = house.link()
    async with asking(house.parts) as client, asking(house.parts) as late:
        came = await come(client, link)
        seen = await client.get("/settings")
        again = await come(late, link, "Eve")
        asked = await late.get(link)
    assert (came.status_code, came.headers["location"]) == (303, "/overview")
    assert (seen.status_code, "Add somebody" in seen.text) == (200, True)
    assert (again.status_code, asked.status_code) == (404, 404)
    assert "opens nothing" in asked.text
    assert house.people() == [(NAME, "admin")]
    with house.db.read() as tx:
        (row,) = actions.listing(tx, Asked())
    assert (row.who, row.action, row.act, row.outcome) == (NAME, "access:FirstAdmin", "POST /first-admin", "done")


async def test_it_is_over_after_a_day_and_the_newest_alone_opens(house: House) -> None:
    old, new = house.link(), house.link()
    async with asking(house.parts) as client:
        assert [(await client.get(one)).status_code for one in (old, new)] == [404, 200]
        house.clock.forward(LASTS - timedelta(seconds=1))
        assert (await client.get(new)).status_code == 200
        house.clock.forward(timedelta(seconds=1))
        assert (await client.get(new)).status_code == 404
        assert (await come(client, new)).status_code == 404
    assert house.people() == []


async def test_where_there_is_an_admin_nobody_becomes_the_first(house: House) -> None:
    link = house.link()
    people.add(house.db, name="Ben", role=Role.ADMIN, password=PASSWORD, by="root")
    async with asking(house.parts) as client:
        page, came = await client.get(link), await come(client, link)
    assert (page.status_code, came.status_code) == (409, 409)
    assert "There is an admin already, Ben" in came.text
    with pytest.raises(Conflict, match="an admin already, Ben"):
        house.link()
    people.disable(house.db, "Ben", by="root")
    assert house.link()


async def test_others_who_are_no_admin_are_in_nobodys_way(house: House) -> None:
    people.add(house.db, name="Vera", role=Role.VIEWER, password=PASSWORD, by="root")
    async with asking(house.parts) as client:
        assert (await come(client, house.link())).status_code == 303
    assert house.people() == [(NAME, "admin"), ("Vera", "viewer")]


async def test_what_is_typed_wrongly_is_said_and_the_link_still_opens(house: House) -> None:
    link = house.link()
    async with asking(house.parts) as client:
        short = await come(client, link, password="short")
        nameless = await come(client, link, name=" ")
        came = await come(client, link)
    assert (short.status_code, nameless.status_code, came.status_code) == (422, 422, 303)
    assert "fewer than 12 characters" in short.text
    assert f'value="{NAME}"' in short.text
    assert "short" not in re.sub(r'class="[^"]*"', "", short.text)


@pytest.mark.parametrize("path", ["/login", "/first-admin"])
async def test_a_form_that_is_none_of_ours_does_nothing(house: House, path: str) -> None:
    """Another site has neither the cookie nor the token; a browser says where a form comes from."""
    secret = secret_of(house.link())
    sent = {"link": secret, "name": NAME, "password": PASSWORD, "token": house.parts.api_token}
    async with asking(house.parts) as client:
        foreign = await client.post(path, data=sent, headers={"Origin": "https://evil.test"})
        browser = await client.post(path, data=sent, headers={"Origin": "http://here"})
        other = await client.post(path, data=sent, headers={"Sec-Fetch-Site": "cross-site"})
        page = await client.get(f"{path}?link={secret}")
        ours = {"Origin": "http://here"}
        without = await client.post(path, data=sent, headers=ours)
        wrong = await client.post(path, data={**sent, "form_token": "0" * 64}, headers=ours)
        right = await client.post(path, data={**sent, "form_token": token_of(page)}, headers=ours)
    assert {one.status_code for one in (foreign, browser, other, without, wrong)} == {403}
    assert "another site" in foreign.text
    assert right.status_code == 303
    cookie = page.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}


async def test_the_link_itself_is_kept_nowhere(house: House) -> None:
    secret = secret_of(house.link())
    with house.db.read() as tx:
        (row,) = tx.execute(text("SELECT * FROM first_admin_links")).all()
    assert secret not in str(row)
    with pytest.raises(NotFound):
        first_admin.require_good(house.db, str(row.digest))


def test_of_many_at_once_one_is_let_in(db: Database) -> None:
    secret = secret_of(first_admin.link(db, "", by="root").address)
    ended: list[SyncdError | str] = []

    def come_in(number: int) -> None:
        try:
            ended.append(first_admin.take(db, secret, name=f"Person {number}", password=PASSWORD).name)
        except SyncdError as error:
            ended.append(error)

    threads = [threading.Thread(target=come_in, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([one for one in ended if isinstance(one, str)]) == 1, ended
    with db.read() as tx:
        assert len(users.listing(tx)) == 1
