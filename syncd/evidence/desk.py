"""Where doors ask for evidence: the account that is meant, an answer about it as people ask, and answers that were given before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from syncd.errors import NotFound
from syncd.evidence.answering import Question, answer
from syncd.evidence.bundle.making import report_in
from syncd.evidence.known import Kept, Known
from syncd.evidence.report.changes import Change, changes
from syncd.evidence.report.period import period_of
from syncd.evidence.report.plain import Plain, plain
from syncd.evidence.rules.values import Rules
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.evidence import leaving, snapshots
from syncd.store.evidence.snapshots import Snapshot
from syncd.store.integrations import Integration

PAGERDUTY = "pagerduty"
USUAL = "30d"


def none_called(slug: str, there: Iterable[str]) -> NotFound:
    near = get_close_matches(slug.lower(), list(there), n=1)
    guess = f"; did you mean {near[0]}?" if near else "; `syncd integrations list` shows those there are."
    return NotFound(f"There is no PagerDuty account called {slug}{guess}")


@dataclass(frozen=True, slots=True)
class Desk:
    db: Database
    rules: Rules = field(default_factory=Rules)
    roster: str = ""  # the file of the organisation's people
    known: Known = field(default_factory=Kept)

    def accounts(self) -> Sequence[Integration]:
        """Those that evidence is collected from."""
        with self.db.read() as tx:
            return [one for one in integrations.all_of(tx).values() if one.system == PAGERDUTY and one.gives_evidence]

    def account(self, slug: str) -> Integration:
        with self.db.read() as tx:
            found = integrations.get(tx, slug)
            if found is None or found.system != PAGERDUTY:
                raise none_called(
                    slug, (one.slug for one in integrations.all_of(tx).values() if one.system == PAGERDUTY)
                )
        return found

    def question(self, slug: str, period: str, by: str) -> Question:
        subdomain = self.account(slug).account_host.partition(".")[0]
        with self.db.read() as tx:
            now = self.db.now(tx)
        return Question(slug, subdomain, period_of(period, now), self.rules, by, now)

    def report(self, slug: str, period: str, by: str) -> Plain:
        return self.answered(self.question(slug, period, by))

    def answered(self, question: Question) -> Plain:
        with self.db.read() as tx:
            return plain(answer(tx, self.known, question)[1])

    def snapshot(self, slug: str, number: int) -> Snapshot:
        """Also of an account that is gone."""
        with self.db.read() as tx:
            found = snapshots.get(tx, leaving.known_as(tx, slug), number)
        if found is None:
            raise NotFound(f"{slug} has no snapshot {number}; `syncd evidence snapshots {slug}` shows them.")
        return found

    def given_before(self, slug: str, number: int) -> Plain:
        """As it was given then."""
        return report_in(self.snapshot(slug, number))

    def compared(self, slug: str, before: int, after: int | None, by: str) -> list[Change]:
        """With another answer that was given, or with how it is now, over as long a time."""
        first = self.given_before(slug, before)
        second = self.report(slug, _as_long(first), by) if after is None else self.given_before(slug, after)
        return changes(first, second)


def _as_long(report: Plain) -> str:
    start, end = (datetime.fromisoformat(report["window"][edge]) for edge in ("start", "end"))
    return f"{max((end - start).days, 1)}d"
