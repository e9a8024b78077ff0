"""After a judging the cases of its findings are brought in step with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncd.evidence.findings.judging import Finding
from syncd.evidence.rules.values import Rules
from syncd.store import integrations
from syncd.store.cases import Cases
from syncd.store.database import Database

from .following import Followed, follow


@dataclass(frozen=True, slots=True)
class Casework:
    db: Database
    cases: Cases
    rules: Rules

    def after(self, slug: str, found: Iterable[Finding]) -> Sequence[Followed]:
        """Of an account that is there, and still collected from."""
        if not self.rules.open_cases:
            return ()
        with self.db.read() as tx:
            account = integrations.get(tx, slug)
        if account is None or not account.gives_evidence:
            return ()
        return follow(self.cases, account, found, self.rules)
