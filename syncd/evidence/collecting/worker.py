"""Who collects evidence: with what it reaches accounts, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.judging import Answer
from syncd.store.database import Database
from syncd.store.evidence.collections import Collection as Collecting
from syncd.store.integrations import Integration
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from . import sights
from .catalogue import Wants


def nobody(_: str) -> None:
    """Is told of it."""


def never_mind(_taken: Collecting, _why: errors.SyncdError) -> None:
    """Is told what a person has to mend."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who does it. `wait` says whether the process is to end meanwhile; `after` is told of an account that was collected from, `refused`
    of what no waiting mends: a credential that is not accepted, a setting that is wrong.
    """

    db: Database
    connections: Connections
    clock: Clock
    wait: Callable[[float], bool]
    wants: Wants = field(default_factory=Wants)
    after: Callable[[str], None] = nobody
    http: Callable[[Integration, str], Http] | None = None  # None: by the connections
    look: Callable[[Integration, Trip], Answer] | None = None  # what its key sees; None: it is asked
    refused: Callable[[Collecting, errors.SyncdError], None] = never_mind

    def opened(self, integration: Integration, limited_by: str) -> Http:
        return (self.http or self.connections.pagerduty_apart)(integration, limited_by)

    def seen(self, integration: Integration, trip: Trip) -> Answer:
        if self.look is not None:
            return self.look(integration, trip)
        return sights.seen(self.opened(integration, ""), self.connections, integration, trip)
