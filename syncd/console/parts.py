"""What the console stands on. It is joined in wiring, once per process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from syncd.clock import Clock
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.console.demo_plan import DemoPlan
from syncd.console.evidence_answers import Answers, Shelf
from syncd.core.why.proving import Nobody, Prover
from syncd.evidence.desk import Desk
from syncd.evidence.rules.values import Rules
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.systems.channels.port import Channel

REQUEST_SECONDS = 90.0  # a webhook that takes another's place has to be pinged first


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    cases: Cases
    connections: Connections
    ring: Callable[[Sequence[int]], object]
    clock: Clock
    api_token: str = field(repr=False)  # empty: nobody gets in
    demo: DemoPlan | None = None
    public_url: str = ""  # where the internet reaches us; empty: nobody has said
    channels: Callable[[], Mapping[str, Channel]] = dict  # where notices go
    rules: Rules = field(default_factory=Rules)  # what evidence is judged by
    roster: str = ""  # the file of the organisation's people
    prover: Prover = field(default_factory=Nobody)  # what evidence knows, for whoever asks why
    closing: threading.Event = field(default_factory=threading.Event)  # set when the server is to end: streams end
    #: A file of Parquet is made while nothing is sent yet, and may be of any size: one at a time, over /v1 and on pages.
    parquet_turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), init=False, repr=False)
    shelf: Shelf = field(default_factory=Shelf, init=False, repr=False)  # answers of evidence, by these very rules

    def desk(self) -> Desk:
        return Desk(self.database, self.rules, self.roster)

    def answers(self) -> Answers:
        return Answers(self.desk(), self.clock, self.shelf)

    def setup(self) -> Setup:
        """For whoever connects an account while the daemon runs: all that one request asks over there shares its deadline."""
        until = self.clock.monotonic() + REQUEST_SECONDS
        known = self.connections
        return Setup(self.database, known.vault, self.clock, known.outgoing, known.tolls, until)
