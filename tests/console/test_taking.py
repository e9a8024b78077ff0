"""What is sent as a stream ends its row itself: with the digest of what has gone, or how far it came."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from syncd.console.taking import Outgoing, Taking
from syncd.core.deeds import Deed, End, KnownAs, Taken, Way
from syncd.errors import Unavailable
from syncd.flow.access import logbook
from syncd.store import actions
from syncd.store.actions import Logged
from syncd.store.database import Database
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio
DEED = Deed("ci", KnownAs.TOKEN, Way.API, "sync:Read", "GET /v1/deliveries/export")
PIECES = [b"a,b\n1,2\n", b"3,4\n5,6\n", b"7,8\n"]
WHOLE = b"".join(PIECES)


class Reader:
    """Takes what is sent, looks at the row each time, and may go at some piece, as servers of one kind or the other tell it."""

    def __init__(self, store: Database, *, goes_at: int = 99) -> None:
        self.store, self.number, self._goes_at = store, logbook.begin(store, DEED), goes_at
        self.got: list[bytes] = []
        self.has_closed = False
        self.seen: list[Logged] = []
        self.gone = asyncio.Event()

    @property
    def row(self) -> Logged:
        with self.store.read() as tx:
            return actions.required(tx, self.number)

    async def send(self, message: Message) -> None:
        self.seen.append(self.row)
        if message["type"] == "http.response.start":
            assert (b"x-syncd-action", str(self.number).encode()) in message["headers"]
            return
        if len(self.got) == self._goes_at:
            await self.go()
        self.got.append(message["body"])

    async def go(self) -> None:
        raise OSError

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def closed(self) -> None:
        self.has_closed = True

    async def take(self, pieces: Iterator[bytes], version: str = "2.3", *, rows: int | None = None) -> None:
        outgoing = Outgoing(pieces, rows, head=1, close=self.closed)
        scope = {"type": "http", "asgi": {"spec_version": version}}
        await Taking(self.store, self.number, outgoing, {}, "text/csv")(scope, self.receive, self.send)


class Leaver(Reader):
    """Is told of by the other way: the piece waits for a reader that never takes it."""

    async def go(self) -> None:
        self.gone.set()
        await asyncio.Event().wait()


class Slow(Reader):
    """Does not go, and takes no more."""

    def __init__(self, store: Database, *, goes_at: int) -> None:
        super().__init__(store, goes_at=goes_at)
        self.is_waiting = asyncio.Event()

    async def go(self) -> None:
        self.is_waiting.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("version", ["2.3", "2.4"])
async def test_all_of_it_is_done_before_the_sign_that_nothing_follows(store: Database, version: str) -> None:
    reader = Reader(store)
    await reader.take(iter(PIECES), version)
    assert [one.outcome for one in reader.seen] == [End.BEGUN, End.BEGUN, End.BEGUN, End.BEGUN, End.DONE]
    assert b"".join(reader.got) == WHOLE
    assert (reader.row.status, reader.row.detail, reader.row.ended_at is not None) == (200, "", True)
    assert reader.row.taken == Taken(4, len(WHOLE), hashlib.sha256(WHOLE).hexdigest())
    assert reader.has_closed


@pytest.mark.parametrize(("kind", "version"), [(Reader, "2.3"), (Reader, "2.4"), (Leaver, "2.3")])
async def test_a_reader_that_goes_leaves_how_far_it_came_and_no_digest(
    store: Database, kind: type[Reader], version: str
) -> None:
    reader = kind(store, goes_at=2)
    with suppress(ClientDisconnect):
        await reader.take(iter(PIECES), version)
    assert (reader.row.outcome, reader.row.status, reader.row.detail) == (End.FAILED, 200, "SYN-API-LEFT")
    assert reader.row.taken == Taken(3, len(PIECES[0] + PIECES[1]))
    assert reader.has_closed


async def test_who_had_gone_before_it_began_has_taken_nothing(store: Database) -> None:
    reader = Reader(store)
    reader.gone.set()
    await reader.take(iter(PIECES))
    assert (reader.row.outcome, reader.row.detail, reader.row.taken) == (End.FAILED, "SYN-API-LEFT", Taken(0, 0))
    assert (reader.got, reader.has_closed) == ([], True)


async def test_a_server_that_is_stopped_says_so_too(store: Database) -> None:
    reader = Slow(store, goes_at=1)
    taking = asyncio.create_task(reader.take(iter(PIECES)))
    await reader.is_waiting.wait()
    taking.cancel()
    with suppress(asyncio.CancelledError):
        await taking
    assert (reader.row.outcome, reader.row.detail, reader.row.taken) == (End.FAILED, "SYN-API-LEFT", Taken(1, 8))


@pytest.mark.parametrize("turns", range(8))
def test_and_also_where_its_loop_ends_with_it(store: Database, turns: int) -> None:
    """Whatever is still under way then is told to end once more, wherever it has come to, and nobody waits for it."""

    async def until_it_waits() -> Slow:
        reader = Slow(store, goes_at=1)
        taking.append(asyncio.create_task(reader.take(iter(PIECES))))
        await reader.is_waiting.wait()
        taking[0].cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        return reader

    taking: list[asyncio.Task[None]] = []
    reader = asyncio.run(until_it_waits())
    wait_until(lambda: reader.row.outcome is End.FAILED)
    assert reader.row.taken == Taken(1, 8)


def _breaking(pieces: Sequence[bytes], error: Exception) -> Iterator[bytes]:
    yield from pieces
    raise error


@pytest.mark.parametrize(
    ("error", "code"), [(Unavailable("The database is away."), "SYN-API-AWAY"), (ZeroDivisionError(), "SYN-API-BROKEN")]
)
async def test_what_breaks_in_the_middle_says_why_and_is_never_ended_for_its_reader(
    store: Database, error: Exception, code: str
) -> None:
    reader = Reader(store)
    with pytest.raises(type(error)):
        await reader.take(_breaking(PIECES[:2], error))
    assert b"" not in reader.got, "whoever reads it must not take it for whole"
    assert (reader.row.outcome, reader.row.detail) == (End.FAILED, code)
    assert reader.row.taken == Taken(3, 16)


@pytest.mark.parametrize(
    ("goes_at", "taken"), [(99, Taken(4, 20, hashlib.sha256(WHOLE).hexdigest())), (1, Taken(None, 8))]
)
async def test_of_a_file_whose_lines_are_no_rows_they_are_known_once_it_is_whole(
    store: Database, goes_at: int, taken: Taken
) -> None:
    reader = Leaver(store, goes_at=goes_at)
    await reader.take(iter(PIECES), rows=4)
    assert reader.row.taken == taken
