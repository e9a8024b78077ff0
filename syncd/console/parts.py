"""What the console stands on. It is joined in wiring, once per process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from syncd.clock import Clock
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.store.cases import Cases
from syncd.store.database import Database

from .demo_plan import DemoPlan


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    cases: Cases
    connections: Connections
    ring: Callable[[Sequence[int]], object]
    clock: Clock
    api_token: str = field(repr=False)  # empty: nobody gets in
    demo: DemoPlan | None = None
    closing: threading.Event = field(default_factory=threading.Event)  # set when the server is to end: streams end

    def setup(self) -> Setup:
        """For whoever connects an account while the daemon runs."""
        return Setup(
            self.database, self.connections.vault, self.clock, self.connections.outgoing, self.connections.tolls
        )
