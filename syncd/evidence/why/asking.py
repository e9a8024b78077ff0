"""What evidence says of a name, asked of every account: read in one transaction, put before the gates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.core.why.proving import Proof, Thing
from syncd.errors import cause_of
from syncd.evidence.answering import accepted
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.sight import hidden_as_found, without_what_is_hidden
from syncd.evidence.port import FactsOf, judged_window
from syncd.evidence.rules.values import Rules
from syncd.store import integrations, probes
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration

from . import incidents, schedules, services
from .known import Account, Known

_ABOUT: Mapping[Thing, Callable[[Known, str], Sequence[Proof]]] = {
    Thing.SERVICE: services.about,
    Thing.SCHEDULE: schedules.about,
    Thing.INCIDENT: incidents.about,
}


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
            known = [self._known(tx, one, now) for one in accounts]
        return [proof for one in known for thing in things for proof in _ABOUT[thing](one, name)]

    def _known(self, tx: Tx, one: Integration, now: datetime) -> Known:
        if not one.gives_evidence:
            return Known(_account(one), Facts(), self.rules, now)
        seen = hidden_as_found(probes.of(tx, one.slug))
        facts = without_what_is_hidden(self.facts_of(tx, one.slug, judged_window(self.rules, now), now), seen)
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
