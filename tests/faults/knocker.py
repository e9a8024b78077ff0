"""A sender of signed webhooks that notes how each was answered and how long that took."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.webhooks.making import add_hook_secret
from syncd.simulator.signing import pagerduty
from tests.e2e.fleet import ACCOUNT, UNKNOWN_EVENT, Fleet

_EVERY = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Knock:
    at: float  # by the monotonic clock
    seconds: float
    status: int | None  # None: no answer


class Knocker:
    """Its events are ones syncd does not act upon: they are verified, stored and decided as any other."""

    def __init__(self, fleet: Fleet) -> None:
        self.knocks: list[Knock] = []
        self.secret = secrets.token_hex(24)
        setup = Setup(fleet.db, open_vault(fleet.settings, fleet.db), fleet.db.clock, fleet.settings.outgoing())
        add_hook_secret(setup, ACCOUNT, self.secret)
        self._urls = [f"{fleet.web_url(web)}/hooks/{ACCOUNT}" for web in range(len(fleet.web_ports))]
        self._done = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self._work, name="knocker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join(30)

    def since(self, moment: float, until: float = float("inf")) -> Sequence[Knock]:
        return [one for one in self.knocks if moment <= one.at < until]

    def _work(self) -> None:
        with httpx.Client(timeout=10.0, trust_env=False) as http:
            while not self._done.wait(_EVERY):
                self.knocks.append(self._knock(http, len(self.knocks)))

    def _knock(self, http: httpx.Client, number: int) -> Knock:
        body = _event(f"knock-{self.secret[:6]}-{number}")
        headers = {"X-PagerDuty-Signature": pagerduty([self.secret], body)}
        begun = time.monotonic()
        try:
            status = http.post(self._urls[number % len(self._urls)], content=body, headers=headers).status_code
        except httpx.TransportError:
            status = None
        return Knock(begun, time.monotonic() - begun, status)


def p99(knocks: Sequence[Knock]) -> float:
    return sorted(one.seconds for one in knocks)[int(len(knocks) * 0.99)]


def _event(event_id: str) -> bytes:
    event = {
        "id": event_id,
        "event_type": UNKNOWN_EVENT,
        "resource_type": "incident",
        "occurred_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "agent": None,
        "client": None,
        "data": {"id": "QNOBODY", "type": "incident"},
    }
    return json.dumps({"event": event}).encode()
