"""A door is remembered for seconds, looked up once for all who wait, and never answered from before the question."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from syncd.clock import StoppedClock
from syncd.core.changes import Side
from syncd.errors import NoSecret, NotFound, SyncdError, Unavailable
from syncd.flow.accept import Door
from syncd.receiver.doors import Doorkeeper
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.port import System
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio
SYSTEM = Incidents(client.http("k", "bot@syncd.test", "http://127.0.0.1:9"), "PBOT001")


@dataclass(frozen=True)
class Wooden:
    slug: str
    secrets: tuple[str, ...]
    side: Side = Side.INCIDENT
    system: System = SYSTEM
    secret_ids: tuple[int, ...] = ()
    subscriptions: tuple[str, ...] = ()


@dataclass
class Hall:
    """Doors that may be slow to open."""

    secrets: dict[str, str] = field(default_factory=lambda: {"pd": "first"})
    trouble: SyncdError | None = None
    asked: Counter[str] = field(default_factory=Counter)
    may: threading.Event = field(default_factory=threading.Event)
    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def door(self, source: str) -> Door:
        return self.refresh(source)

    def refresh(self, source: str) -> Door:
        with self.lock:
            self.asked[source] += 1
            self.now += 1
            self.most = max(self.most, self.now)
            secret = self.secrets.get(source)
        assert self.may.wait(20)
        with self.lock:
            self.now -= 1
        if self.trouble is not None:
            raise self.trouble
        if secret is None:
            raise NotFound(f"There is no source called {source!r}.")
        return Wooden(source, (secret,))


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


@pytest.fixture
def hall() -> Hall:
    return Hall()


async def test_it_is_remembered_for_seconds_and_then_asked_for_again(hall: Hall, clock: StoppedClock) -> None:
    hall.may.set()
    keeper = Doorkeeper(hall, clock)
    for _ in range(3):
        assert (await keeper.door("pd")).secrets == ("first",)
    assert hall.asked["pd"] == 1
    hall.secrets["pd"] = "second"
    clock.forward(6)
    assert (await keeper.door("pd")).secrets == ("second",)


async def test_all_who_wait_share_one_look_up(hall: Hall, clock: StoppedClock) -> None:
    keeper = Doorkeeper(hall, clock)
    waiting = asyncio.gather(*(keeper.door("pd") for _ in range(50)))
    await asyncio.sleep(0)
    hall.may.set()
    assert {door.secrets for door in await waiting} == {("first",)}
    # One that had begun before the others asked, and one for all of them, at the most.
    assert hall.asked["pd"] <= 2


async def test_who_asks_again_never_gets_what_was_read_before(hall: Hall, clock: StoppedClock) -> None:
    keeper = Doorkeeper(hall, clock)
    early = asyncio.create_task(keeper.again("pd"))
    await asyncio.to_thread(wait_until, lambda: bool(hall.asked["pd"]))
    hall.secrets["pd"] = "second"
    late = [asyncio.create_task(keeper.again("pd")) for _ in range(20)]
    await asyncio.sleep(0)
    hall.may.set()
    assert (await early).secrets == ("first",)
    assert {(await one).secrets for one in late} == {("second",)}
    assert hall.asked["pd"] == 2


@pytest.mark.parametrize("trouble", [NoSecret("None."), Unavailable("Down."), NotFound("Nobody.")])
async def test_trouble_is_told_and_not_remembered(hall: Hall, clock: StoppedClock, trouble: SyncdError) -> None:
    hall.may.set()
    keeper = Doorkeeper(hall, clock)
    hall.trouble = trouble
    for _ in range(2):
        with pytest.raises(type(trouble)):
            await keeper.door("pd")
    hall.trouble = None
    assert (await keeper.door("pd")).slug == "pd"


async def test_made_up_names_leave_nothing_behind_and_wait_in_a_short_line(hall: Hall, clock: StoppedClock) -> None:
    keeper = Doorkeeper(hall, clock)
    waiting = asyncio.gather(*(keeper.door(f"made-up-{number}") for number in range(50)), return_exceptions=True)
    await asyncio.sleep(0)
    hall.may.set()
    assert {type(outcome) for outcome in await waiting} == {NotFound}
    assert hall.most <= 2
    assert len(keeper._lines) == len(keeper._known) == 0


async def test_a_name_that_cannot_be_one_is_not_even_looked_up(hall: Hall, clock: StoppedClock) -> None:
    with pytest.raises(NotFound):
        await Doorkeeper(hall, clock).door("a\x00b")
    assert not hall.asked
