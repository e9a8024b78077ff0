"""What each account's key may do is asked every night, and soon after something was refused; what has changed is told."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.probes import written
from syncd.connections.probes.asking import asking_of
from syncd.connections.probes.connecting import EVERY
from syncd.core.diagnostics import Subject, needed
from syncd.core.judging import Answer, Heard
from syncd.store import diagnoses, integrations, probes
from syncd.store.database import Database
from syncd.store.diagnoses import Due
from syncd.store.integrations import Integration
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

from . import accounts

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
FIRST = timedelta(hours=1)  # after a worker first sees an account that nobody has diagnosed
SOON = timedelta(minutes=5)  # after nobody answered
SECONDS = 30.0
_REFUSED = {Heard.KEY_REFUSED, Heard.OTHER_REGION}
_HEARD = _REFUSED | {Heard.ANSWERED, Heard.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    db: Database
    connections: Connections
    clock: Clock

    def look(self) -> bool:
        """At one account whose turn it is. False: there is none."""
        due = self._taken()
        if due is None:
            return False
        with self.db.read() as tx:
            account = integrations.get(tx, due.integration)
            self.connections.know_all(tx)
        if account is None or not written.uses_of(account):
            self._forget(due)
        elif account.is_paused:
            self._end(due, EVERY)
        else:
            self._diagnose(due, account)
        return True

    def _diagnose(self, due: Due, account: Integration) -> None:
        try:
            answers = diagnose(self.db, self.connections, self.clock, account)
        except errors.Misconfigured as error:
            log.warning("account.not_diagnosed", integration=account.slug, why=str(error))
            self._end(due, EVERY)
            return
        self._end(due, EVERY if answers[Subject.KEY].heard in _HEARD else SOON)

    def _taken(self) -> Due | None:
        """Asked before it is written: nearly always there is nothing to do."""
        with self.db.read() as tx:
            now, known = self.db.now(tx), diagnoses.known(tx)
            new = [slug for slug, one in integrations.all_of(tx).items() if slug not in known and written.uses_of(one)]
        if not new and not any(next_at <= now for next_at in known.values()):
            return None
        with self.db.write() as tx:
            now = self.db.now(tx)
            for slug in new:
                diagnoses.begin(tx, slug, now + FIRST)
            return diagnoses.take(tx, now, now + LEASE)

    def _end(self, due: Due, after: timedelta) -> None:
        with self.db.write() as tx:
            diagnoses.end(tx, due, self.db.now(tx) + after)

    def _forget(self, due: Due) -> None:
        with self.db.write() as tx:
            diagnoses.forget(tx, due.integration)
            probes.forget(tx, due.integration)


def diagnose(
    db: Database,
    connections: Connections,
    clock: Clock,
    account: Integration,
    *,
    subjects: Collection[Subject] = (),
    purpose: Purpose = Purpose.EVIDENCE,
) -> Mapping[Subject, Answer]:
    """What is needed, and `subjects` besides. It is written down, and told where it has changed. A person who waits for it has
    another purpose than a night.
    """
    uses = written.uses_of(account)
    trip = Trip.begin(f"d{account.slug}-{secrets.token_hex(3)}", clock.monotonic, SECONDS, purpose=purpose)
    answers = asking_of(connections, account, trip).all_of({*needed(uses), *subjects})
    key = answers[Subject.KEY]
    if key.heard in _REFUSED:
        accounts.refused(db, connections, account.slug, errors.Unauthorised(key.said, status=401), is_diagnosed=True)
    with db.write() as tx:
        written.write_of(tx, account, answers, db.now(tx))
    return answers
