"""Gate 0: the database takes writes. While it does not, nothing comes in and nothing goes out, whatever else is wrong."""

from __future__ import annotations

from syncd.core.diagnostics import CATALOGUE

from .facts import Facts, Way
from .gate import Gate
from .verdict import Verdict, Who


def stored(facts: Facts, _: Way) -> Verdict | None:
    if facts.outage is None:
        return None
    return Verdict(
        Gate.STORED, facts.outage.sentence, Who.YOU, CATALOGUE[facts.outage.code].cure, code=facts.outage.code
    )
