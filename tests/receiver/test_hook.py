"""What a hook is answered, and what stands in the tables when it is."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.vault import Vault, generate_key
from syncd.core.shard import shard_of
from syncd.receiver.app import Receiver
from syncd.tracing import context
from tests.receiver.site import SECRET, Site, event, signed, site
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


@pytest.fixture
async def client(here: Site) -> AsyncIterator[httpx.AsyncClient]:
    receiver = Receiver(here.parts())
    async with (
        receiver.open(),
        httpx.AsyncClient(transport=httpx.ASGITransport(receiver.application()), base_url="http://here") as made,
    ):
        yield made


async def post(client: httpx.AsyncClient, body: bytes, source: str = "pd", secret: str = SECRET) -> httpx.Response:
    return await client.post(f"/hooks/{source}", content=body, headers=signed(body, secret))


async def test_a_proven_hook_is_stored_as_it_came_and_answered_with_nothing(
    here: Site, client: httpx.AsyncClient
) -> None:
    body = event()
    answer = await post(client, body)
    assert (answer.status_code, answer.json()) == (200, {})
    (row,) = here.arrivals()
    assert row["body"] == body
    assert (row["source"], row["event_key"], row["record"]) == ("pd", "01EVENT", "PT4KHLK")
    assert (row["event_type"], row["state"], row["shard"]) == ("incident.acknowledged", "new", shard_of("PT4KHLK"))
    # Beside the answer, so perhaps a moment after it.
    await asyncio.to_thread(wait_until, lambda: here.bell.rung == [[shard_of("PT4KHLK")]])
    assert here.deliveries() == []


async def test_a_stranger_learns_nothing_of_this_machine_and_is_not_told_to_come_again(
    here: Site, client: httpx.AsyncClient
) -> None:
    ensure_builtin(here.db, "http://here")
    answers = [await post(client, event(), source) for source in ("nope", "cases", "no%20name")]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert "syncd" not in answers[0].text


async def test_no_answer_lets_a_browser_guess_what_it_is(here: Site, client: httpx.AsyncClient) -> None:
    answers = [
        await post(client, event()),
        await post(client, event(), "nope"),
        await post(client, event(), secret="x"),
    ]
    answers += [await client.get(path) for path in ("/healthz", "/readyz", "/nothing")]
    assert [one.status_code for one in answers] == [200, 404, 401, 200, 200, 404]
    assert {one.headers["x-content-type-options"] for one in answers} == {"nosniff"}


async def test_the_same_event_again_is_a_row_and_no_second_arrival(here: Site, client: httpx.AsyncClient) -> None:
    answers = [await post(client, event()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(here.arrivals()) == 1
    assert [(row["outcome"], row["reason"], row["direction"], row["incident_id"]) for row in here.deliveries()] == [
        ("suppressed", "duplicate", "inbound", "PT4KHLK")
    ] * 3
    assert len(here.bell.rung) == 1


async def test_the_same_event_many_times_at_once_is_one_arrival(here: Site, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(post(client, event()) for _ in range(32)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(here.arrivals()) == 1
    assert len(here.deliveries()) == 31


async def test_hooks_without_an_id_are_hints_and_each_is_kept(here: Site, client: httpx.AsyncClient) -> None:
    body = json.loads(event())
    del body["event"]["id"]
    for _ in range(2):
        assert (await post(client, json.dumps(body).encode())).status_code == 200
    assert [row["event_key"] for row in here.arrivals()] == [None, None]


UNREADABLE = (
    b"",
    b"not json",
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"event": NaN}',
    b'{"event": {"id": 1e999}}',
    b"9" * 5000,
    b'{"event": {"event_type": "incident.resolved", "data": "nothing"}}',
    b"null",
)


@pytest.mark.parametrize("body", UNREADABLE, ids=lambda body: repr(body[:24]))
async def test_what_is_proven_and_unreadable_is_kept_and_never_refused(
    here: Site, client: httpx.AsyncClient, body: bytes
) -> None:
    assert (await post(client, body)).status_code == 200
    (row,) = here.arrivals()
    assert row["body"] == body
    assert row["state"] == "new"


async def test_a_type_nobody_knows_is_taken(here: Site, client: httpx.AsyncClient) -> None:
    assert (await post(client, event(kind="incident.teleported"))).status_code == 200
    assert [row["event_type"] for row in here.arrivals()] == ["incident.teleported"]


async def test_what_no_database_stores_is_cleaned_so_that_one_sees_it(here: Site, client: httpx.AsyncClient) -> None:
    body = event(event_id="a\x00b", incident="P\ud800" + "x" * 400, kind="k" * 100)
    assert (await post(client, body)).status_code == 200
    (row,) = here.arrivals()
    for name, longest in (("event_key", 255), ("record", 255), ("event_type", 64)):
        assert len(row[name]) <= longest
        row[name].encode()
        assert "\x00" not in row[name]
    assert row["body"] == body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-pagerduty-signature": ""},
        {"x-pagerduty-signature": "v1="},
        {"x-pagerduty-signature": "v1=" + "0" * 64},
        {"x-pagerduty-signature": b"v1=\xe9\xff"},
        {"x-pagerduty-signature": "v2=" + "0" * 64},
        {"x-pagerduty-signature": "," * 5000},
    ],
    ids=repr,
)
async def test_what_is_not_proven_is_turned_away_with_a_row(
    here: Site, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/hooks/pd", content=event(), headers=headers)
    assert answer.status_code == 401
    assert here.arrivals() == []
    (row,) = here.deliveries()
    assert (row["outcome"], row["reason"], row["source_system"]) == ("rejected", "bad_signature", "pd")
    assert (row["http_status"], row["url"], row["incident_id"]) == (401, "/hooks/pd", "")


async def test_one_of_several_signatures_is_enough_even_in_several_headers(
    here: Site, client: httpx.AsyncClient
) -> None:
    body = event()
    good = signed(body)["x-pagerduty-signature"]
    headers = [("X-PagerDuty-Signature", "v1=" + "0" * 64), ("X-PagerDuty-Signature", f"v0=x , {good}")]
    assert (await client.post("/hooks/pd", content=body, headers=headers)).status_code == 200
    assert len(here.arrivals()) == 1


async def test_a_secret_added_a_moment_ago_is_read_once_more(here: Site, client: httpx.AsyncClient) -> None:
    assert (await post(client, event("1"))).status_code == 200
    here.add_secret("pd", "the next one")
    assert (await post(client, event("2"), secret="the next one")).status_code == 200
    assert (await post(client, event("3"))).status_code == 200
    assert len(here.arrivals()) == 3
    assert here.deliveries() == []


@pytest.mark.parametrize("source", ["nobody", "PD", "a" * 70, "%00", "..", "pd%20", "\u00fc"])
async def test_a_source_nobody_knows_is_404_without_a_row(here: Site, client: httpx.AsyncClient, source: str) -> None:
    assert (await post(client, event(), source=source)).status_code == 404
    assert here.arrivals() == here.deliveries() == []


async def test_a_source_without_a_secret_yet_is_put_off(here: Site, client: httpx.AsyncClient) -> None:
    here.add_source("young")
    answer = await post(client, event(), source="young")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    here.add_secret("young", SECRET)
    assert (await post(client, event(), source="young")).status_code == 200


async def test_a_secret_that_cannot_be_unsealed_is_our_trouble(here: Site, client: httpx.AsyncClient) -> None:
    here.vault = Vault(generate_key())
    here.add_source("sealed", SECRET)
    assert (await post(client, event(), source="sealed")).status_code == 503


async def test_a_hook_that_is_too_large_is_refused_before_it_is_read(here: Site, client: httpx.AsyncClient) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert (await post(client, body)).status_code == 413

    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * (64 * 1024)

    assert (await client.post("/hooks/pd", content=in_parts())).status_code == 413
    assert here.arrivals() == here.deliveries() == []


async def test_the_largest_hook_is_taken(here: Site, client: httpx.AsyncClient) -> None:
    body = event().ljust(1024 * 1024)
    assert (await post(client, body)).status_code == 200
    assert len(here.arrivals()[0]["body"]) == 1024 * 1024


async def test_a_locked_database_puts_hooks_off_and_they_are_welcome_afterwards(
    here: Site, client: httpx.AsyncClient
) -> None:
    await post(client, event("before"))
    lock = sqlite3.connect(str(here.db.url.database), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    answer = await post(client, event("during"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    lock.execute("ROLLBACK")
    lock.close()
    assert (await post(client, event("after"))).status_code == 200
    assert {"before", "after"} <= {row["event_key"] for row in here.arrivals()}


async def test_a_database_without_its_tables_is_never_a_4xx(here: Site, client: httpx.AsyncClient) -> None:
    await post(client, event("before"))
    with here.db.write() as tx:
        tx.execute(text("DROP TABLE arrivals"))
    assert (await post(client, event("during"))).status_code >= 500


async def test_other_methods_and_paths_lead_nowhere(client: httpx.AsyncClient) -> None:
    assert (await client.get("/hooks/pd")).status_code == 405
    assert (await client.post("/hooks/pd/more")).status_code == 404
    assert (await client.get("/")).status_code == 404


async def test_health_is_the_process_and_readiness_the_database(here: Site, client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("sent", ["", "nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01"])
async def test_a_hook_begins_a_trace_where_its_sender_told_of_none(
    here: Site, client: httpx.AsyncClient, sent: str
) -> None:
    for number in range(2):
        body = event(f"E{number}")
        await client.post("/hooks/pd", content=body, headers={**signed(body), "traceparent": sent})
    first, second = (row["trace"] for row in here.arrivals())
    assert context.valid(first) == first
    assert context.id_of(first) != context.id_of(second)


async def test_a_hook_keeps_the_trace_of_whoever_sent_it(here: Site, client: httpx.AsyncClient) -> None:
    sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for _ in range(2):
        await client.post("/hooks/pd", content=event(), headers={**signed(event()), "traceparent": sent})
    assert [row["trace"] for row in here.arrivals()] == [sent]
    await client.post("/hooks/pd", content=event(), headers={"traceparent": sent})
    repeated, turned_away = here.deliveries()
    assert {repeated["trace"], turned_away["trace"]} == {context.id_of(sent)}
