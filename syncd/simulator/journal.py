"""What was asked of a simulator and what it delivered: two growing lists that tests compare with syncd's own rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from syncd.clock import Clock
from syncd.simulator.asked import Asked, Json

REAL = Clock()  # waiting for something to happen is real waiting


@dataclass(slots=True)
class Request:
    number: int
    at: datetime
    method: str
    target: str  # path and query
    caller_id: str | None  # the caller's X-Request-Id
    request_id: str  # ours, in the answer
    status: int | None = None  # None: no answer was given
    applied: bool = False  # something changed
    applied_at: datetime | None = None
    fault: str | None = None
    body: str = ""
    trace: str | None = None  # the caller's traceparent


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to deliver a webhook, or the reason why there was none."""

    at: datetime
    webhook_id: str
    subscription: str
    event_type: str
    resource: str
    event_id: str
    attempt: int
    outcome: str  # delivered | retrying | dropped | lost | held | gone
    status: int | None = None
    error: str | None = None
    url: str = ""


@dataclass(slots=True)
class Journal:
    requests: list[Request] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    written: int = 0  # lines ever written, cleared ones included
    changed: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def begin(self, asked: Asked, at: datetime, request_id: str) -> Request:
        with self.changed:
            entry = Request(
                number=len(self.requests) + 1,
                at=at,
                method=asked.method,
                target=asked.target,
                caller_id=asked.header("x-request-id"),
                request_id=request_id,
                body=asked.body.decode("utf-8", "replace"),
                trace=asked.header("traceparent"),
            )
            self.requests.append(entry)
            self.written += 1
            self.changed.notify_all()
            return entry

    def add(self, delivery: Delivery) -> None:
        with self.changed:
            self.deliveries.append(delivery)
            self.written += 1
            self.changed.notify_all()

    def wait(self, is_so: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Until it is so, asking again after every new line; the question is asked without our lock."""
        deadline = REAL.monotonic() + seconds
        seen = self.written
        while not is_so():
            if not self._wait_for_more(seen, deadline - REAL.monotonic()):
                return is_so()
            seen = self.written
        return True

    def _wait_for_more(self, seen: int, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.written != seen, max(0.0, seconds))

    def mark_applied(self, entry: Request, at: datetime) -> None:
        with self.changed:
            entry.applied, entry.applied_at = True, at
            self.written += 1
            self.changed.notify_all()

    def finish(self, entry: Request, status: int | None) -> None:
        with self.changed:
            entry.status = status
            self.written += 1
            self.changed.notify_all()

    def clear(self) -> None:
        with self.changed:
            self.requests.clear()
            self.deliveries.clear()

    def requests_shown(self) -> list[Json]:
        with self.changed:
            return [_shown(each) for each in self.requests]

    def deliveries_shown(self) -> list[Json]:
        with self.changed:
            return [_shown(each) for each in self.deliveries]


def _shown(entry: Request | Delivery) -> Json:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(entry).items()}
