"""What every behaviour of the simulated PagerDuty shares: the account, the switches, the time and a way to tell the world."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from syncd.clock import Clock
from syncd.simulator.account import Account, Incident, LogEntry
from syncd.simulator.asked import Json
from syncd.simulator.ids import Ids
from syncd.simulator.later import Later
from syncd.simulator.switches import Switches


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

    def now(self) -> datetime:
        return self.clock.now()


def record(
    world: World,
    incident: Incident,
    kind: str,
    agent: Json | None,
    *,
    note: str | None = None,
    channel: Json | None = None,
) -> LogEntry:
    """Write a log entry; every change of an incident passes here."""
    now = world.now()
    entry = LogEntry(
        id=world.ids.log_entry(),
        type=f"{kind}_log_entry",
        created_at=now,
        agent=agent,
        channel=channel or {"type": "api" if agent else "auto"},
        note=note,
    )
    incident.log.append(entry)
    incident.updated_at = now
    world.revision += 1
    return entry
