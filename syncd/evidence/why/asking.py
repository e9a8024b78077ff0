"""What evidence says of a name, asked of every account: read in one transaction, put before the gates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.why.proving import Proof, Thing
from syncd.errors import cause_of
from syncd.evidence.answering import accepted
from syncd.evidence.facts.account import Facts
from syncd.evidence.port import FactsOf, judged_window
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store import integrations
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration

from . import incidents, schedules, services
from .known import Account, Known

_ABOUT: Mapping[Thing, Callable[[Known, str], Sequence[Proof]]] = {
    Thing.SERVICE: services.about,
    Thing.SCHEDULE: schedules.about,
    Thing.INCIDENT: incidents.about,
}
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)  # PagerDuty is younger than that


@dataclass(frozen=True, slots=True)
class Asking:
    db: Database
    facts_of: FactsOf
    rules: Rules

    def about(self, things: Collection[Thing], name: str, within: Collection[str]) -> Sequence[Proof]:
        with self.db.read() as tx:
            now = self.db.now(tx)
            accounts = [
                one
                for one in integrations.all_of(tx).values()
                if one.system == "pagerduty" and (not within or one.slug in within)
            ]
            return [proof for one in accounts for proof in self._of_account(tx, one, things, name, now)]

    def _of_account(
        self, tx: Tx, one: Integration, things: Collection[Thing], name: str, now: datetime
    ) -> Sequence[Proof]:
        """An incident that is not among those that are judged may be an older one: of all that is kept it is told then."""
        window = judged_window(self.rules, now)
        known = self._known(tx, one, window, now)
        found = [proof for thing in things for proof in _ABOUT[thing](known, name)]
        if Thing.INCIDENT not in things or not one.gives_evidence or any(proof.is_found for proof in found):
            return found
        everything = self._known(tx, one, Span(_BEFORE_ALL, window.end), now)
        return [*(proof for proof in found if proof.thing is not Thing.INCIDENT), *incidents.about(everything, name)]

    def _known(self, tx: Tx, one: Integration, window: Span, now: datetime) -> Known:
        if not one.gives_evidence:
            return Known(_account(one), Facts(), self.rules, now)
        facts = self.facts_of(tx, one.slug, window, now)
        return Known(_account(one), facts, self.rules, now, accepted(tx, one.slug, now))


def _account(one: Integration) -> Account:
    return Account(
        one.slug,
        is_collected=one.gives_evidence,
        is_by_oauth=one.is_by_oauth,
        away="" if one.is_connected else cause_of(one.reason),
        code=one.code,
        why_paused=one.why_paused if one.is_paused else "",
    )
