"""A server that takes no writes: hooks are welcome again in a moment, and the receiver says that it is not ready before any has come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from syncd.errors import DatabaseAway
from syncd.receiver.app import Receiver
from tests.parts.postgres import Postgres
from tests.receiver.site import Site, event, signed, site

pytestmark = pytest.mark.anyio


@pytest.fixture
def here(tmp_path: Path, postgres: Postgres) -> Iterator[Site]:
    url = postgres.create()
    with site(tmp_path, url=url) as made:
        yield made
    postgres.drop(url)


def close_to_writes(postgres: Postgres, here: Site, *, is_closed: bool) -> None:
    name = urlsplit(here.db.url.render_as_string()).path.removeprefix("/")
    postgres.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if is_closed else "off"}')
    postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  our own


async def test_hooks_are_put_off_and_taken_afterwards(here: Site, postgres: Postgres) -> None:
    receiver, body = Receiver(here.parts()), event()
    transport = httpx.ASGITransport(receiver.application())
    async with receiver.open(), httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        close_to_writes(postgres, here, is_closed=True)
        for _ in range(3):  # As its signs of life are; a connection that was cut is found out first.
            with suppress(DatabaseAway):
                here.probe()
        ready = await client.get("/readyz")
        put_off = await client.post("/hooks/pd", content=body, headers=signed(body))
        close_to_writes(postgres, here, is_closed=False)
        taken = await client.post("/hooks/pd", content=body, headers=signed(body))
    assert (ready.status_code, "takes no writes" in ready.text) == (503, True)
    assert (put_off.status_code, "retry-after" in put_off.headers) == (503, True)
    assert taken.status_code == 200
    assert [one["body"] for one in here.arrivals()] == [body]
