"""Streams: drawn once for all who look, few at a time, so many and no more, and none outlives its session."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.requests import Request

from syncd.console.live import DRAWN_AT_ONCE, MOST, MOST_OF_ONE, Draw, Live, Pieces
from syncd.console.problem import Problem
from syncd.console.sessions import Session
from syncd.core.permissions import Caller, Role
from syncd.errors import Unavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Looker:
    """Somebody's page."""

    def __init__(self, live: Live, cookie: str = "one", path: str = "/links/1/events") -> None:
        self.live, self.is_let_in = live, True
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        self.request = Request({**scope, "scheme": "http", "server": ("syncd.test", 80)})
        self.request.state.session = Session(Caller("Ana", Role.VIEWER), "", cookie)
        self.request.state.is_let_in = lambda: self.is_let_in

    def looks(self, draw: Draw, *, is_personal: bool = False) -> AsyncIterator[str]:
        answer = self.live.stream(self.request, draw, is_personal=is_personal)
        return answer.body_iterator  # type: ignore[attr-defined,no-any-return]


class Drawing:
    """Each time something else. With `together` as many as that are drawn at once, or none ever ends."""

    def __init__(self, together: int = 1) -> None:
        self.times = self.at_once = self.most_at_once = 0
        self._lock, self._together = threading.Lock(), threading.Barrier(together)

    def __call__(self) -> Pieces:
        with self._lock:
            self.times, self.at_once = self.times + 1, self.at_once + 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self._together.wait()
        with self._lock:
            self.at_once -= 1
        return {"it": f"drawn {self.times}"}


def _nothing(_: Session, path: str) -> Pieces:
    """Stands around it."""
    assert path
    return {}


async def _message(stream: AsyncIterator[str]) -> str:
    async for told in stream:
        if told.startswith("data:"):
            return told
    return ""


async def test_one_drawing_is_for_everybody_who_looks() -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing()
    streams = [Looker(live, f"browser {number}").looks(draw) for number in range(30)]
    told = await asyncio.gather(*map(_message, streams))
    assert len(set(told)) == 1
    assert draw.times == 1
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    assert not live._pages, "nobody looks any more"
    assert live._of_session.total() == 0


async def test_what_is_personal_is_drawn_for_each() -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing()
    streams = [Looker(live, f"browser {number}").looks(draw, is_personal=True) for number in range(3)]
    await asyncio.gather(*map(_message, streams))
    assert draw.times == 3


async def test_few_are_drawn_at_once() -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing(together=DRAWN_AT_ONCE)
    streams = [Looker(live, path=f"/links/{number}/events").looks(draw) for number in range(20)]
    await asyncio.gather(*map(_message, streams))
    assert (draw.times, draw.most_at_once <= DRAWN_AT_ONCE) == (20, True)


@pytest.mark.parametrize(("most", "cookies"), [(MOST_OF_ONE, 1), (MOST, MOST)])
async def test_beyond_so_many_a_page_stays_as_it_was_loaded(most: int, cookies: int) -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing()
    streams = [Looker(live, f"browser {number % cookies}").looks(draw) for number in range(most)]
    await asyncio.gather(*map(_message, streams))
    with pytest.raises(Problem) as refused:
        Looker(live, "browser 0").looks(draw)
    assert (refused.value.status_code, refused.value.headers) == (503, {"Retry-After": "60"})
    await streams[0].aclose()  # type: ignore[attr-defined]
    assert await _message(Looker(live, "browser 0").looks(draw))


async def test_while_nothing_can_be_read_what_was_shown_stands_and_the_stream_goes_on() -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing()
    turns: Iterator[Draw] = iter([draw, _away, draw])

    def read() -> Pieces:
        return next(turns)()

    stream = Looker(live).looks(read)
    assert "drawn 1" in await _message(stream)
    assert "drawn 2" in await _message(stream)


def _away() -> Pieces:
    raise Unavailable("The database is away.")


async def test_it_ends_with_its_session() -> None:
    live, draw = Live(threading.Event(), _nothing), Drawing()
    looker = Looker(live)
    stream = looker.looks(draw)
    assert await _message(stream)
    looker.is_let_in = False
    while await _message(stream):
        pass
    assert not live._pages


async def test_what_stands_around_goes_along_with_every_page_drawn_once_for_all_of_a_role() -> None:
    asked: list[tuple[Role, str]] = []

    def around(session: Session, path: str) -> Pieces:
        asked.append((session.caller.role, path))
        return {"banners": f"for a {session.caller.role}"}

    live, draw = Live(threading.Event(), around), Drawing()
    lookers = [Looker(live, f"browser {number}") for number in range(4)]
    for looker in lookers[:2]:
        looker.request.state.session = Session(Caller("Bo", Role.ADMIN), "", looker.request.state.session.cookie)
    told = await asyncio.gather(*(_message(looker.looks(draw)) for looker in lookers))
    assert ["for a admin" in one for one in told] == [True, True, False, False]
    assert all('hx-target="#it"' in one for one in told)
    assert sorted(asked) == [(Role.ADMIN, "/links/1/events"), (Role.VIEWER, "/links/1/events")]


async def test_the_banners_stay_up_to_date_while_a_page_cannot_be_drawn() -> None:
    live, drawn = Live(threading.Event(), lambda *_: {"banners": "acme is disconnected"}), Drawing()
    turns: Iterator[Draw] = iter([_away, drawn])

    def draw() -> Pieces:
        return next(turns)()

    stream = Looker(live).looks(draw)
    assert "acme is disconnected" in await _message(stream)
    assert "drawn 1" in await _message(stream)
