"""An answer: what is known of an account, judged, beside what was accepted and what was seen before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncd import __version__
from syncd.store.database import Tx
from syncd.store.evidence import acceptances, results

from .facts.account import Facts
from .findings.judging import Acceptance, Result
from .known import Known, facts_for
from .report.report import Account, History, Report, Wanted, report_of
from .report.strips import Told, begin
from .rules.values import Rules
from .spans import Span


@dataclass(frozen=True, slots=True)
class Question:
    slug: str
    subdomain: str
    window: Span
    rules: Rules
    asked_by: str
    made_at: datetime

    @property
    def known_at(self) -> datetime:
        """Of a time that is over, what was known at its end."""
        return min(self.window.end, self.made_at)


def _unchanged(facts: Facts) -> Facts:
    return facts


def answer(
    tx: Tx, known: Known, question: Question, through: Callable[[Facts], Facts] = _unchanged
) -> tuple[Facts, Report]:
    """`through` what the facts go before anything is made of them."""
    slug, at = question.slug, question.known_at
    facts = through(facts_for(known, tx, slug, question.window, at, question.made_at))
    account = Account(slug, question.subdomain)
    wanted = Wanted(account, question.asked_by, question.made_at, question.window, at, __version__)
    collected = known.collected(tx, slug, question.window, at)
    return facts, report_of(facts, question.rules, wanted, accepted(tx, slug, at), collected, history(tx, slug, at))


def accepted(tx: Tx, slug: str, at: datetime) -> tuple[Acceptance, ...]:
    """Those that had been given by then, and those that have run out, which is told."""
    found = acceptances.standing(tx, slug, at)
    return tuple(Acceptance(one.check, one.by, one.until, one.why, one.subject) for one in found)


def history(tx: Tx, slug: str, at: datetime) -> History:
    told = results.between(tx, slug, begin(at), at)
    return History(tuple(Told(one.check, one.at, Result(one.result)) for one in told), results.first_seen(tx, slug, at))
