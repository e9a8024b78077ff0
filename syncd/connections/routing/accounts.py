"""The accounts that presets name: known here or not, and asked over there, each question once however many presets ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from syncd.clock import Clock
from syncd.connections.joining.connectors import is_used
from syncd.connections.joining.setup import existing, talking
from syncd.errors import Conflict, SyncdError
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import EscalationPolicy, Priority
from syncd.systems.trip import Trip

_Told = TypeVar("_Told")
_SECONDS = 20.0  # for a few questions to an account, while somebody waits


class Accounts:
    """For one reading: an account that could not be asked is not waited for again."""

    def __init__(self, db: Database, reach: Callable[[Integration], Http], clock: Clock) -> None:
        self._db, self._reach, self._clock = db, reach, clock
        self._lines: dict[str, tuple[Http, Trip]] = {}
        self._away: dict[str, SyncdError] = {}
        self._priorities: dict[str, Sequence[Priority]] = {}
        self._policies: dict[str, Sequence[EscalationPolicy]] = {}

    def known(self, slug: str) -> Integration:
        """Nobody is asked for it. Raises NotFound, or Conflict where it is another kind of account."""
        with self._db.read() as tx:
            found = existing(tx, slug)
        if found.system != "pagerduty":
            raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
        return found

    def priorities(self, slug: str) -> Sequence[Priority]:
        """Those that are used there, and none where the account has no such feature."""
        if slug not in self._priorities:
            told, _ = self._asked(slug, account.list_priorities)
            self._priorities[slug] = [one for one in told if is_used(one)]
        return self._priorities[slug]

    def policies(self, slug: str) -> Sequence[EscalationPolicy]:
        if slug not in self._policies:
            self._policies[slug] = self._asked(slug, account.list_policies)
        return self._policies[slug]

    def _asked(self, slug: str, question: Callable[[Http, Trip], _Told]) -> _Told:
        if slug in self._away:
            raise self._away[slug]
        try:
            with talking():
                return question(*self._line(slug))
        except SyncdError as error:
            self._away[slug] = error
            raise

    def _line(self, slug: str) -> tuple[Http, Trip]:
        if slug not in self._lines:
            trip = Trip.begin("preset", self._clock.monotonic, _SECONDS)
            self._lines[slug] = self._reach(self.known(slug)), trip
        return self._lines[slug]
