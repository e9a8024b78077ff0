"""The two far sides as a person sees them: what they show, what they were asked, what is done on them. Never our tables."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = Mapping[str, Any]

_FRESH = 0.25  # seconds; many threads share one look


def client(base_url: str, token: str = "") -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=base_url, headers=headers, timeout=20.0, trust_env=False)


@dataclass(slots=True)
class Peer:
    """A simulator in another process, through its control API."""

    name: str
    base_url: str
    http: httpx.Client = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _seen_at: float = 0.0
    _seen: Json = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.http = client(self.base_url)

    def answers(self) -> bool:
        try:
            return self.http.get("/_sim/switches").is_success
        except httpx.TransportError:
            return False

    def state(self, *, anew: bool = False) -> Json:
        """Everything it shows, at most a moment old."""
        with self._lock:
            if anew or time.monotonic() - self._seen_at > _FRESH:
                self._seen = self._get("/_sim/state")
                self._seen_at = time.monotonic()
            return self._seen

    def requests(self) -> list[Json]:
        return list(self._get("/_sim/requests")["requests"])

    def hooks(self) -> list[Json]:
        return list(self._get("/_sim/webhooks")["webhooks"])

    def turn(self, **switches: object) -> None:
        self.http.patch("/_sim/switches", json=switches).raise_for_status()

    def lay(self, **fault: object) -> None:
        self.http.post("/_sim/faults", json=fault).raise_for_status()

    def clear_faults(self) -> None:
        self.http.delete("/_sim/faults").raise_for_status()

    def post(self, path: str, body: Json) -> Json:
        answer = self.http.post(path, json=dict(body))
        assert answer.is_success, f"{self.name} answered {answer.status_code} to {path}: {answer.text}"
        value: Json = answer.json() if answer.content else {}
        return value

    def _get(self, path: str) -> Json:
        value: Json = self.http.get(path).raise_for_status().json()
        return value


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """People at work in PagerDuty's own interface."""

    peer: Peer

    def act(self, incident: str, verb: str, by: str | None = "Ben Osei", **words: object) -> Json:
        return self.peer.post(f"/_sim/incidents/{incident}/{verb}", {"by": by, **words})

    def open(self, title: str, by: str = "Ben Osei") -> str:
        return str(self.peer.post("/_sim/incidents", {"title": title, "by": by})["incident"]["id"])

    def incident(self, number: str) -> Json:
        for anew in (False, True):
            for it in self.peer.state(anew=anew)["incidents"]:
                if it["id"] == number:
                    found: Json = it
                    return found
        raise AssertionError(f"PagerDuty has no incident {number!r}.")

    def titled(self, title: str) -> list[Json]:
        return [it for it in self.peer.state()["incidents"] if it["title"] == title]

    def notes(self, number: str) -> list[str]:
        return [str(note["content"]) for note in self.incident(number)["notes"]]


@dataclass(frozen=True, slots=True)
class Cases:
    """People at work on cases over the HTTP API that the built-in cases and the case desk share."""

    name: str  # the slug
    http: httpx.Client = field(repr=False)

    def open(self, title: str, connector: str, priority: str = "P3", **words: object) -> Json:
        asked = {"title": title, "connector": connector, "priority": priority, "by": "Ana Lima", **words}
        return self._post("/v1/cases", asked)

    def act(self, key: str, verb: str, by: str = "Ana Lima", **words: object) -> Json:
        return self._post(f"/v1/cases/{key}/{verb}", {"by": by, **words})

    def case(self, key: str) -> Json:
        value: Json = self.http.get(f"/v1/cases/{key}").raise_for_status().json()
        return value

    def _post(self, path: str, body: Json) -> Json:
        answer = self.http.post(path, json=dict(body))
        assert answer.is_success, f"{self.name} answered {answer.status_code} to {path}: {answer.text}"
        value: Json = answer.json()
        return value
