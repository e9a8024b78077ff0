"""Does what goes wrong in the demo: to the simulated PagerDuty, over HTTP, and to our own processes. Nothing is pretended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncd.console.demo.client import DemoClient
from syncd.console.demo.mishaps import (
    RATE_LIMIT_S,
    SAID_AFTER_CLOSING,
    SAID_LIMITED,
    SAID_REVOKED,
    SAID_TWICE,
    SAID_WITHOUT_WORKER,
)
from syncd.console.demo_plan import DemoPlan
from syncd.errors import Conflict, NotFound

_OVER = frozenset({"resolved", "closed"})


class Mischief:
    def __init__(self, client: DemoClient, plan: DemoPlan) -> None:
        self._client, self._plan = client, plan
        self._acts: Mapping[str, Callable[[str], None]] = {
            "rate-limit": self._limit,
            "revoke-key": self._revoke,
            "restore-key": self._restore,
            "bad-signature": self._forge,
            "same-twice": self._repeat,
            "close-then-act": self._close,
            "kill-worker": self._kill,
            "down": self._go_down,
            "up-again": self._come_up,
        }

    def do(self, slug: str, key: str) -> None:
        act = self._acts.get(slug)
        if act is None:
            raise NotFound(f"Nothing called {slug!r} can go wrong in the demo.")
        act(key)

    def _limit(self, key: str) -> None:
        self._require_open(key)
        self._client.lay({"status": 429, "count": 0, "lasts_s": RATE_LIMIT_S})
        self._comment(key, SAID_LIMITED)

    def _revoke(self, key: str) -> None:
        self._require_open(key)
        self._client.turn_key("revoke")
        self._comment(key, SAID_REVOKED)

    def _restore(self, _key: str) -> None:
        self._client.turn_key("restore")
        if self._client.is_disconnected():
            self._client.reconnect()

    def _forge(self, key: str) -> None:
        event = {"event_type": "incident.resolved", "forged": True}
        self._client.act_on_incident(self._incident(key), "event", event)

    def _repeat(self, key: str) -> None:
        incident = self._incident(key)
        self._client.switch({"copies": 2})
        try:
            self._client.act_on_incident(incident, "note", {"text": SAID_TWICE})
        finally:
            self._client.switch({"copies": 1})

    def _close(self, key: str) -> None:
        self._require_open(key)
        incident = self._incident(key)
        if self._client.incident(incident)["status"] == "resolved":
            raise Conflict(f"The incident of {key} is resolved already; open a new case for this.")
        self._client.act_on_case(key, "close", {})
        self._client.act_on_incident(incident, "resolve", {"resolution_note": SAID_AFTER_CLOSING})

    def _kill(self, key: str) -> None:
        incident = self._incident(key)
        if self._plan.end_worker is None:
            raise Conflict("No worker was started by this demo, so none is killed: nobody would bring another.")
        if not self._plan.end_worker():
            raise Conflict(
                "There is no worker just now: the next one is about to be started; press it again in a moment."
            )
        self._client.act_on_incident(incident, "note", {"text": SAID_WITHOUT_WORKER})

    def _go_down(self, key: str) -> None:
        self._require_open(key)
        self._client.lay({"status": 503, "count": 0})
        other = "P2" if self._client.case(key)["priority"] == "P1" else "P1"
        self._client.act_on_case(key, "priority", {"priority": other})

    def _come_up(self, _key: str) -> None:
        self._client.clear_faults()

    def _comment(self, key: str, text: str) -> None:
        self._client.act_on_case(key, "comments", {"text": text})

    def _require_open(self, key: str) -> None:
        status = self._client.case(key)["status"]
        if status in _OVER:
            raise Conflict(f"{key} is {status}, so little of it still travels; reopen it, or open a new case for this.")
        self._incident(key)

    def _incident(self, key: str) -> str:
        number = self._client.incident_id(key)
        if not number:
            raise Conflict(f"{key} has no incident yet.")
        return number
