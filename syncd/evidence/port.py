"""How rooms of evidence that judge, or answer, ask for what is known: whoever collects fills this."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from syncd.evidence.facts.account import Facts
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store.database import Tx

#: Everything known of an account, of this window, as it was known at this time.
FactsOf = Callable[[Tx, str, Span, datetime], Facts]


def judged_window(rules: Rules, at: datetime) -> Span:
    """As far back, and as far ahead, as anything is judged."""
    return Span(at - rules.window, at + timedelta(days=rules.gap_days))
