"""After a collection, or a judging: what is known now is judged, and the cases of its findings are brought in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from syncd.evidence.facts.sight import hidden_as_found, without_what_is_hidden
from syncd.evidence.findings.judging import Acceptance, findings
from syncd.evidence.port import FactsOf, judged_window
from syncd.evidence.rules.values import Rules
from syncd.store import integrations, probes
from syncd.store.cases import Cases
from syncd.store.database import Database, Tx

from .following import Followed, follow

#: What was accepted of an account.
AcceptancesOf = Callable[[Tx, str], Iterable[Acceptance]]


@dataclass(frozen=True, slots=True)
class Casework:
    db: Database
    cases: Cases
    facts_of: FactsOf
    acceptances_of: AcceptancesOf
    rules: Rules

    def after(self, slug: str) -> Sequence[Followed]:
        """Where nobody has chosen a check nothing is read."""
        if not self.rules.open_cases:
            return ()
        with self.db.read() as tx:
            now, account = self.db.now(tx), integrations.get(tx, slug)
            if account is None or not account.has_evidence:
                return ()
            seen = hidden_as_found(probes.of(tx, slug))
            facts = without_what_is_hidden(self.facts_of(tx, slug, judged_window(self.rules, now), now), seen)
            accepted = tuple(self.acceptances_of(tx, slug))
        return follow(self.cases, account, findings(facts, self.rules, now, accepted), self.rules)
