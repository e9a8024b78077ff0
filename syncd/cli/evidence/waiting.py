"""Whoever waits for a collecting: how far it is, and when no waiting helps any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncd.cli.saying import say

if TYPE_CHECKING:
    from syncd.clock import Clock
    from syncd.connections.open import Connections
    from syncd.errors import SyncdError
    from syncd.store.database import Database
    from syncd.store.evidence.collections import Collection

_STAYS = "What was collected stays, and the rest goes on where it stopped once that is mended."


@dataclass(slots=True)
class Progress:
    """At a terminal a line about all of it whenever something moves; elsewhere one for each dataset, when it is done or has to wait."""

    is_at_terminal: bool
    _all: str = ""
    _each: dict[int, str] = field(default_factory=dict)

    def tell(self, found: Sequence[Collection]) -> None:
        if self.is_at_terminal:
            line = _together(found)
            if line != self._all:
                say(line, err=True)
            self._all = line
            return
        for one in found:
            line = _alone(one)
            if line and line != self._each.get(one.id):
                say(line, err=True)
                self._each[one.id] = line


def _together(found: Sequence[Collection]) -> str:
    """How many are done, and what is under way or waits for something."""
    done = sum(one.state == "done" for one in found)
    now = next((one for one in found if one.state == "running"), None) or next(
        (one for one in found if one.state == "waiting" and one.detail), None
    )
    under_way = f", {now.dataset}: {_counted(now.requests, 'request')}" if now is not None else ""
    waits = f" ({now.detail})" if now is not None and now.detail else ""
    return f"{done} of {len(found)} datasets{under_way}{waits}"


def _alone(one: Collection) -> str:
    if one.state == "done":
        lacks = missing_of(one)
        return f"{one.dataset}: {_counted(one.records, 'record')}, {_counted(one.requests, 'request')}{f'; {lacks}' if lacks else ''}"
    return f"{one.dataset} waits: {one.detail}" if one.state == "waiting" and one.detail else ""


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def missing_of(one: Collection) -> str:
    from syncd.evidence.collecting.replay import missing_of as lacks
    from syncd.evidence.facts.dataset import Name as Dataset
    from syncd.evidence.facts.dataset import all_told

    return "; ".join(all_told(lacks(one), Dataset(one.dataset)))


@dataclass(slots=True)
class Hindered:
    """What only a person mends, of the collectings that somebody waits for here."""

    db: Database
    connections: Connections
    clock: Clock
    _why: dict[int, SyncdError] = field(default_factory=dict)

    def by(self, taken: Collection, why: SyncdError) -> None:
        """A credential that was refused is asked about at once: a daemon would do so, and there may be none."""
        from syncd.errors import SyncdError, Unauthorised
        from syncd.flow.diagnosing import diagnose
        from syncd.store import integrations
        from syncd.systems.toll import Purpose

        self._why[taken.id] = why
        if not isinstance(why, Unauthorised):
            return
        with self.db.read() as tx:
            account = integrations.get(tx, taken.integration)
        if account is not None and account.is_connected:
            try:
                diagnose(self.db, self.connections, self.clock, account, purpose=Purpose.STATUS)
            except SyncdError as error:
                self._why[taken.id] = error

    def told_of(self, found: Sequence[Collection], slug: str) -> SyncdError | None:
        """None: some of it is done, or will be by itself."""
        from syncd.errors import SyncdError
        from syncd.evidence.collecting import due
        from syncd.store import integrations

        left = [one for one in found if one.state != "done"]
        if not left:
            return None
        try:
            with self.db.read() as tx:
                due.refuse(integrations.get(tx, slug), slug)
        except SyncdError as error:
            return error
        if any(one.state != "waiting" or one.id not in self._why for one in left):
            return None
        return self._why[left[0].id]


def tell_what_stays() -> None:
    say(_STAYS, err=True)
