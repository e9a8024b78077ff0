"""Looks at both sides of one case again and again, and remembers since when one of them has not followed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from syncd.console.demo.client import DemoClient
from syncd.console.demo.mishaps import ALL_WELL, Standing
from syncd.console.demo.panes import (
    CASE,
    INCIDENT,
    CasePane,
    IncidentPane,
    Panes,
    case_pane,
    changed_side,
    differences,
    incident_pane,
)
from syncd.console.demo_plan import DemoPlan
from syncd.errors import SyncdError

PATIENCE = 3.0  # seconds in which the other side usually follows
_FRESH = 0.25  # several tabs share one look


@dataclass(frozen=True, slots=True)
class Lag:
    what: str
    behind: str  # case, incident, or empty when that cannot be told
    since: float


@dataclass(frozen=True, slots=True)
class Look:
    panes: Panes
    lags: tuple[Lag, ...]
    at: float

    def late(self) -> Lag | None:
        """The difference that has stood longest, once it has stood too long."""
        oldest = min(self.lags, key=lambda lag: lag.since, default=None)
        return oldest if oldest is not None and self.at - oldest.since >= PATIENCE else None

    def sentence(self) -> str:
        lag = self.late()
        if lag is None:
            return ""
        if not lag.behind:
            return f"The two sides differ in {lag.what}{self._guess()}"
        return f"The {lag.behind} has not followed yet ({lag.what}){self._guess()}"

    def _guess(self) -> str:
        known = self.panes.standing.chips()
        return f": {', and '.join(known)}." if known else " — is the worker running?"

    def age(self) -> str:
        lag = self.late()
        return "" if lag is None else f"{self.at - lag.since:.0f} s"


class Watch:
    def __init__(self, client: DemoClient, plan: DemoPlan, key: str, monotonic: Callable[[], float]) -> None:
        self._client, self._plan, self._key = client, plan, key
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._last: Look | None = None
        self._is_stale = False

    def expect_change(self) -> None:
        """Somebody has just done something, and wants to see it.

        The loop says so, and must not wait for who looks: that one asks this very server, which then would never answer.
        """
        self._is_stale = True

    def look(self) -> Look:
        with self._lock:
            now = self._monotonic()
            if self._last is None or self._is_stale or now - self._last.at >= _FRESH:
                self._is_stale = False
                self._last = compare(self._last, self._read(), self._monotonic())
            return self._last

    def _read(self) -> Panes:
        if not self._key:
            return Panes(None, None)
        panes = Panes(self._case(), None, standing=self._standing())
        try:
            link = self._client.link(self._key)
            number = str(link.get("incident_id") or "")
            did = tuple(self._client.deliveries(self._key, number))
        except SyncdError as error:
            return replace(panes, incident=str(error))
        return replace(panes, incident=self._incident(number), did=did, link=str(link.get("id", "")))

    def _standing(self) -> Standing:
        try:
            return self._client.standing()
        except SyncdError:  # The incident's side says that the simulator is away.
            return ALL_WELL

    def _case(self) -> CasePane | str:
        try:
            return case_pane(self._client.case(self._key))
        except SyncdError as error:
            return str(error)

    def _incident(self, number: str) -> IncidentPane | str | None:
        if not number:
            return None
        try:
            return incident_pane(self._client.incident(number), self._plan)
        except SyncdError as error:
            return str(error)


def compare(last: Look | None, panes: Panes, now: float) -> Look:
    standing = {lag.what: lag for lag in last.lags} if last else {}
    lags = []
    for what, behind in differences(panes).items():
        leader = changed_side(last.panes, panes, what) if last else ""
        known = standing.get(what)
        if known is None:
            lags.append(Lag(what, behind or _other(leader), now))
        else:
            # When the same side moves on, it is the other one that is still behind, and since then.
            lags.append(replace(known, behind=_other(leader)) if leader else known)
    return Look(panes, tuple(lags), now)


def _other(side: str) -> str:
    return {CASE: INCIDENT, INCIDENT: CASE}.get(side, "")
