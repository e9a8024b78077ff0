"""What every behaviour of the simulated PagerDuty shares: the account, the switches, the time and a way to tell the world."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, cast

from syncd.clock import Clock
from syncd.simulator.account import Account, Incident, LogEntry
from syncd.simulator.asked import Json
from syncd.simulator.ids import Ids
from syncd.simulator.later import Later
from syncd.simulator.switches import Switches

Made = TypeVar("Made")

_KEPT = 32  # lists remembered at once


class Announce(Protocol):
    def __call__(
        self,
        event_type: str,
        data: Json,
        *,
        agent: Json | None,
        resource: str,
        service_id: str | None,
        is_forged: bool = False,
    ) -> None:
        """`is_forged`: it is sent by somebody who knows where webhooks go, and has no secret to sign them with."""


def _nobody_listens(
    event_type: str,
    data: Json,
    *,
    agent: Json | None,
    resource: str,
    service_id: str | None,
    is_forged: bool = False,
) -> None:
    """Used until webhooks are attached."""


@dataclass(slots=True)
class World:
    account: Account
    switches: Switches
    clock: Clock
    ids: Ids
    announce: Announce = _nobody_listens
    revision: int = 0  # +1 with every change: tells whether a request changed anything
    later: Later = field(default_factory=Later)
    lock: threading.RLock = field(default_factory=threading.RLock)
    channel: str = "api"  # by which what happens now is done
    _made: dict[Hashable, tuple[int, object]] = field(default_factory=dict, repr=False)

    def now(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def hands(self) -> Iterator[None]:
        """Somebody acts in PagerDuty's own pages, and not by its API."""
        with self.lock:
            before, self.channel = self.channel, "website"
            try:
                yield
            finally:
                self.channel = before

    def remembered(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What costs much to make, and pages ask for one after the other, is made anew only after a change."""
        known = self._made.get(key)
        if known is None or known[0] != self.revision:
            if len(self._made) >= _KEPT:
                self._made.pop(next(iter(self._made)))
            known = self._made[key] = (self.revision, make())
        return cast("Made", known[1])


def record(
    world: World,
    incident: Incident,
    kind: str,
    agent: Json | None,
    *,
    note: str | None = None,
    channel: Json | None = None,
    more: Json | None = None,
) -> LogEntry:
    """Write a log entry; every change of an incident passes here."""
    now = world.now()
    entry = LogEntry(
        id=world.ids.log_entry(),
        type=f"{kind}_log_entry",
        created_at=now,
        agent=agent,
        channel=channel or {"type": world.channel if agent else "auto"},
        note=note,
        more=more,
    )
    incident.log.append(entry)
    incident.updated_at = now
    world.revision += 1
    return entry
