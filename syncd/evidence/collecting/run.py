"""A collecting in somebody's hands, and the ways in which it leaves them before its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from syncd.core import retry
from syncd.store import integrations
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection as Collecting
from syncd.store.integrations import Integration

from .asking import Asking
from .worker import Worker


class PutOff(Exception):
    def __init__(self, why: str, pause: timedelta, *, requests: int = 1, has_failed: bool = False) -> None:
        super().__init__(why)
        self.pause, self.requests, self.has_failed = pause, requests, has_failed


class Lost(Exception):
    """Its lease ran out, and somebody else does it by now."""


class Differs(Exception):
    """The answers that are kept are not those that this release asks for, or not what was kept: it says which."""


@dataclass(slots=True)
class Run:
    worker: Worker
    taken: Collecting
    asking: Asking

    def renew(self, renewed: Collecting | None) -> Collecting:
        if renewed is None:
            raise Lost
        self.taken = renewed
        return renewed

    def renewed(self, tx: Tx) -> Collecting:
        return self.renew(collections.renew(tx, self.taken, self.worker.db.now(tx)))


def account_of(worker: Worker, taken: Collecting) -> Integration:
    with worker.db.read() as tx:
        found = integrations.get(tx, taken.integration)
    if found is None:
        raise PutOff("The account was removed.", retry.CAPS[-1], requests=0)
    return found
