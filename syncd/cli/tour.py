"""The demo's guide in the terminal: does one thing on one side after another and says when the other side has followed.

It reads what a person could read: the incident as PagerDuty shows it and the case API, never our tables.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from syncd.clock import Clock

FOLLOWS_WITHIN = 20.0
LOOK_EVERY = 0.1
BETWEEN_STEPS = 1.0
_WIDTH = len("PagerDuty")


@dataclass(frozen=True, slots=True)
class _Step:
    said: str
    act: Callable[[], None]
    followed: Callable[[], str]  # what the other side shows once it has followed; empty until then


class Tour:
    def __init__(self, site: str, token: str, sim_url: str, say: Callable[[str], None]) -> None:
        # Both are on this machine, of which a proxy knows nothing.
        self._cases = httpx.Client(
            base_url=site, headers={"Authorization": f"Bearer {token}"}, timeout=5, trust_env=False
        )
        self._pagerduty = httpx.Client(base_url=sim_url, timeout=5, trust_env=False)
        self._say = say
        self._clock = Clock()
        self._stopped = threading.Event()
        self._case, self._incident = "", ""

    def stop(self) -> None:
        self._stopped.set()

    def run(self, whole: bool) -> None:  # noqa: FBT001  called as a thread's target
        with self._cases, self._pagerduty:
            try:
                self._steps(whole=whole)
            except (httpx.HTTPError, ValueError, LookupError) as error:
                if not self._stopped.is_set():
                    why = str(error).partition("\n")[0] or type(error).__name__
                    self._say(f"The tour ended early ({why}); the demo itself goes on.")

    def _steps(self, *, whole: bool) -> None:
        opened = self._post("/v1/cases", {"title": "Checkout answers slowly", "priority": "P2", "by": "Ana Lima"})
        self._case = opened["key"]
        self._say(self._in_case("opened by Ana Lima, P2"))
        if not self._wait(self._incident_opened) or not whole:
            return
        for step in self._tour():
            if self._stopped.wait(BETWEEN_STEPS):
                return
            self._say(step.said)
            step.act()
            if not self._wait(step.followed):
                return
        self._say("That was the tour. The next change is yours.")

    def _tour(self) -> Sequence[_Step]:
        return [
            _Step(
                _in_pagerduty("Ben Osei acknowledges"),
                lambda: self._act("acknowledge", {}),
                lambda: self._case_shows("status", "acknowledged"),
            ),
            _Step(
                self._in_case("Ana Lima comments"),
                lambda: self._do("comments", {"text": "Rolling back the 14:05 release."}),
                lambda: self._note_shows("Rolling back the 14:05 release."),
            ),
            _Step(
                _in_pagerduty("Ben Osei sets priority P1"),
                lambda: self._act("priority", {"priority": "P1"}),
                lambda: self._case_shows("priority", "P1"),
            ),
            _Step(
                _in_pagerduty("Ben Osei adds a note"),
                lambda: self._act("note", {"text": "Error rate is back to normal."}),
                lambda: self._comment_shows("Error rate is back to normal."),
            ),
            _Step(
                self._in_case("Ana Lima resolves, with a note"),
                lambda: self._do("resolve", {"note": "Bad release rolled back."}),
                lambda: self._incident_shows("resolved"),
            ),
        ]

    def _wait(self, followed: Callable[[], str]) -> bool:
        begun = self._clock.monotonic()
        while not self._stopped.is_set():
            shown, waited = followed(), self._clock.monotonic() - begun
            if shown:
                self._say(f"{shown}, {waited:.1f} s later")
                return True
            if waited > FOLLOWS_WITHIN:
                self._say(f"The other side has not followed within {FOLLOWS_WITHIN:.0f} s; is the worker running?")
                return False
            self._stopped.wait(LOOK_EVERY)
        return False

    def _incident_opened(self) -> str:
        url = self._get_case()["incident_url"]
        self._incident = str(url).rsplit("/", 1)[-1] if url else ""
        return _in_pagerduty(f"incident {self._incident} opened") if self._incident else ""

    def _case_shows(self, field: str, value: str) -> str:
        return self._in_case(f"{field} {value}") if self._get_case()[field] == value else ""

    def _comment_shows(self, text: str) -> str:
        found = [one for one in self._get_case()["comments"] if text in one["text"]]
        return self._in_case(f"comment by {found[0]['author']}") if found else ""

    def _note_shows(self, text: str) -> str:
        found = [one for one in self._get_incident()["notes"] if text in one["content"]]
        return _in_pagerduty(f'note "{found[0]["content"]}"') if found else ""

    def _incident_shows(self, status: str) -> str:
        is_there = self._get_incident()["status"] == status
        return _in_pagerduty(f"incident {self._incident} {status}") if is_there else ""

    def _in_case(self, said: str) -> str:
        return f"{self._case:<{_WIDTH}} {said}"

    def _get_case(self) -> dict[str, Any]:
        found: dict[str, Any] = self._cases.get(f"/v1/cases/{self._case}").raise_for_status().json()
        return found

    def _get_incident(self) -> dict[str, Any]:
        """As people see it: the page may have revoked the key, or taken PagerDuty down."""
        answer = self._pagerduty.get(f"/_sim/incidents/{self._incident}").raise_for_status()
        found: dict[str, Any] = answer.json()["incident"]
        return found

    def _do(self, verb: str, words: dict[str, str]) -> None:
        self._post(f"/v1/cases/{self._case}/{verb}", {"by": "Ana Lima", **words})

    def _act(self, verb: str, words: dict[str, str]) -> None:
        body = {"by": "Ben Osei", **words}
        self._pagerduty.post(f"/_sim/incidents/{self._incident}/{verb}", json=body).raise_for_status()

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self._cases.post(path, json=body).raise_for_status().json()
        return answer


def _in_pagerduty(said: str) -> str:
    return f"{'PagerDuty':<{_WIDTH}} {said}"
