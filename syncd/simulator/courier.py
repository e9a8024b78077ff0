"""Carries webhooks to their receivers: one lane per subscription and record, retries, and the faults of the way."""

from __future__ import annotations

import heapq
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from types import TracebackType
from typing import Protocol, Self

import httpx

from syncd.clock import Clock
from syncd.simulator.journal import Delivery, Journal
from syncd.simulator.switches import Carriage

MOST_CARRIERS = 16
CLOSE_S = 1.0  # how long closing waits for tries that are under way; their threads end by themselves later
REAL = Clock()  # pauses between tries are real ones, whatever time the simulation has


@dataclass(frozen=True, slots=True)
class Parcel:
    """One webhook to one receiver. Its id stays the same on every try."""

    webhook_id: str
    subscription: str
    queue: int  # parcels of an older queue than the subscription's are lost
    resource: str
    event_type: str
    event_id: str
    body: bytes
    is_forged: bool = False  # it comes from somebody else, who has no secret of ours

    @property
    def lane(self) -> str:
        return f"{self.subscription}:{self.resource}{':forged' if self.is_forged else ''}"


class Sender(Protocol):
    """Whoever's webhooks these are."""

    def address(self, parcel: Parcel) -> str | None:
        """Where it goes now; None when nobody waits for it any more."""

    def seal(self, parcel: Parcel, at: datetime, *, wrongly: bool) -> Mapping[str, str]:
        """The headers of one try, signature included."""

    def delivered(self, parcel: Parcel) -> None: ...

    def dropped(self, parcel: Parcel) -> None: ...


@dataclass(frozen=True, slots=True)
class _Tried:
    status: int | None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_worth_a_retry(self) -> bool:
        return self.status is None or self.status == 429 or self.status >= 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    parcel: Parcel
    due: float  # by the real clock


@dataclass(slots=True)
class _Lane:
    """Its head is on its way or will be; what follows waits behind it."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    attempt: int = 0  # of the head
    began: float = 0.0


class _Clients:
    """One carrier's clients. Trusting an authority takes a tenth of a second to set up, so only https pays for it."""

    def __init__(self, *, verify: ssl.SSLContext | bool, transport: Callable[[], httpx.BaseTransport] | None) -> None:
        self._verify, self._transport = verify, transport
        self._open: dict[bool, httpx.Client] = {}

    def of(self, url: str) -> httpx.Client:
        is_secure = url.startswith("https:")
        if is_secure not in self._open:
            transport = self._transport() if self._transport else None
            verify = self._verify if is_secure else False
            self._open[is_secure] = httpx.Client(verify=verify, trust_env=False, transport=transport)
        return self._open[is_secure]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._open.values():
            client.close()


class Courier:
    """Works in threads of its own, started as they are needed, so that anybody may send from anywhere.

    Threads with a client each, because an httpx.AsyncClient carries a quarter as much.
    """

    def __init__(
        self,
        sender: Sender,
        carriage: Carriage,
        journal: Journal,
        clock: Clock,
        dice: Random,
        *,
        verify: ssl.SSLContext | bool = True,
        transport: Callable[[], httpx.BaseTransport] | None = None,
    ) -> None:
        self._sender, self._carriage, self._journal, self._clock, self._dice = sender, carriage, journal, clock, dice
        self._verify, self._transport = verify, transport
        self._held: list[Parcel] = []
        self._lanes: dict[str, _Lane] = {}
        self._due: list[tuple[float, int, str]] = []  # a heap: when, in which order, which lane's head
        self._order = count()
        self._open = 0
        self._lock = threading.RLock()
        self._work = threading.Condition(self._lock)  # something is due, or closing
        self._idle = threading.Condition(self._lock)  # nothing is on its way
        self._carriers: list[threading.Thread] = []
        self._resting = 0
        self._is_closed = False

    def send(self, parcel: Parcel) -> None:
        with self._lock:
            if self._is_lost():
                self._note(parcel, 0, "lost")
            elif self._carriage.hold:
                self._held.append(parcel)
                self._note(parcel, 0, "held")
            else:
                self._set_out(parcel)

    def release(self, order: str = "given") -> int:
        """Let what is held set out: in the order given, reversed or shuffled."""
        with self._lock:
            parcels = self.take()
            if order == "shuffled":
                parcels = tuple(self._dice.sample(parcels, len(parcels)))
            elif order == "reversed":
                parcels = parcels[::-1]
            for parcel in parcels:
                self._set_out(parcel, in_lane=order == "given")
            return len(parcels)

    def take(self) -> tuple[Parcel, ...]:
        """What is held, to be carried by hand; it is held no longer."""
        with self._lock:
            parcels = tuple(self._held)
            self._held.clear()
            return parcels

    def held(self) -> int:
        with self._lock:
            return len(self._held)

    def wait_idle(self, seconds: float = 10.0) -> bool:
        """Until nothing is on its way; what is held does not count."""
        with self._lock:
            return self._idle.wait_for(lambda: self._open == 0, seconds)

    @property
    def is_running(self) -> bool:
        return any(carrier.is_alive() for carrier in self._carriers)

    def close(self) -> None:
        """What has not arrived by now never will."""
        with self._lock:
            self._is_closed = True
            self._work.notify_all()
        deadline = REAL.monotonic() + CLOSE_S
        for carrier in self._carriers:
            carrier.join(max(0.0, deadline - REAL.monotonic()))

    def _is_lost(self) -> bool:
        if self._carriage.drop_next > 0:
            self._carriage.drop_next -= 1
            return True
        return self._carriage.drop_percent > 0 and self._dice.uniform(0, 100) < self._carriage.drop_percent

    def _set_out(self, parcel: Parcel, *, in_lane: bool = True) -> None:
        for _ in range(self._carriage.copies):
            delay, lane = self._carriage.delay_s, parcel.lane
            if self._carriage.reorder_s:
                delay += self._dice.uniform(0, self._carriage.reorder_s)
                lane = f"{parcel.lane}#{next(self._order)}"
            elif not in_lane:
                lane = "released"
            self._queue(lane, _Waiting(parcel, REAL.monotonic() + delay))

    def _queue(self, name: str, waiting: _Waiting) -> None:
        self._open += 1
        if name in self._lanes:
            self._lanes[name].waiting.append(waiting)
            return
        self._lanes[name] = _Lane(deque([waiting]))
        self._schedule(name, waiting.due)

    def _schedule(self, name: str, due: float) -> None:
        heapq.heappush(self._due, (due, next(self._order), name))
        if self._resting == 0 and len(self._carriers) < MOST_CARRIERS and not self._is_closed:
            carrier = threading.Thread(target=self._carry, name="courier", daemon=True)
            self._carriers.append(carrier)
            carrier.start()
        self._work.notify()

    def _carry(self) -> None:
        """One carrier's life: take the lane that is due first, try its head once, say what comes next."""
        with _Clients(verify=self._verify, transport=self._transport) as clients:
            while (name := self._next_lane()) is not None:
                lane = self._lanes[name]
                pause = self._step(clients, lane)
                with self._lock:
                    self._advance(name, lane, pause)

    def _next_lane(self) -> str | None:
        with self._lock:
            self._resting += 1
            try:
                while not self._is_closed:
                    wait = self._due[0][0] - REAL.monotonic() if self._due else None
                    if wait is not None and wait <= 0:
                        return heapq.heappop(self._due)[2]
                    self._work.wait(wait)
                return None
            finally:
                self._resting -= 1

    def _advance(self, name: str, lane: _Lane, pause: float | None) -> None:
        if pause is not None:
            self._schedule(name, REAL.monotonic() + pause)
            return
        lane.waiting.popleft()
        lane.attempt = 0
        self._open -= 1
        if lane.waiting:
            self._schedule(name, lane.waiting[0].due)
        else:
            del self._lanes[name]
        if self._open == 0:
            self._idle.notify_all()

    def _step(self, clients: _Clients, lane: _Lane) -> float | None:
        """One try of a lane's head. Gives the pause before the next one; None when there is none."""
        parcel = lane.waiting[0].parcel
        lane.attempt += 1
        if lane.attempt == 1:
            lane.began = REAL.monotonic()
        url = self._sender.address(parcel)
        if url is None:
            self._note(parcel, lane.attempt, "gone")
            return None
        tried = self._try(clients.of(url), parcel, url)
        outcome = self._outcome(tried, REAL.monotonic() - lane.began)
        if outcome == "delivered":
            self._sender.delivered(parcel)
        elif outcome == "dropped":
            self._sender.dropped(parcel)
        self._note(parcel, lane.attempt, outcome, tried, url)
        pauses = self._carriage.retry_s
        return pauses[min(lane.attempt, len(pauses)) - 1] if outcome == "retrying" else None

    def _outcome(self, tried: _Tried, spent: float) -> str:
        if tried.is_delivered:
            return "delivered"
        return "retrying" if tried.is_worth_a_retry and spent < self._carriage.give_up_s else "dropped"

    def _try(self, client: httpx.Client, parcel: Parcel, url: str) -> _Tried:
        is_wrong = parcel.is_forged or self._signs_wrongly()
        headers = dict(self._sender.seal(parcel, self._clock.now(), wrongly=is_wrong))
        try:
            said = client.post(url, content=parcel.body, headers=headers, timeout=self._carriage.timeout_s)
        except httpx.TimeoutException:
            return _Tried(None, "timeout")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return _Tried(None, type(error).__name__)
        return _Tried(said.status_code)

    def _signs_wrongly(self) -> bool:
        with self._lock:
            if self._carriage.sign_wrongly_next > 0:
                self._carriage.sign_wrongly_next -= 1
                return True
            return self._carriage.sign_wrongly

    def _note(self, parcel: Parcel, attempt: int, outcome: str, tried: _Tried | None = None, url: str = "") -> None:
        self._journal.add(
            Delivery(
                at=self._clock.now(),
                webhook_id=parcel.webhook_id,
                subscription=parcel.subscription,
                event_type=parcel.event_type,
                resource=parcel.resource,
                event_id=parcel.event_id,
                attempt=attempt,
                outcome=outcome,
                status=tried.status if tried else None,
                error=tried.error if tried else None,
                url=url,
            )
        )
