"""A query as the action log keeps it: which records, and of whom; no words.

Words are looked for in sentences and names, so whoever types some may type what stands on a case, and the log is read by auditors, who see no
cases. Without its words a line says rather too much was taken out than too little. What records are called stands in the log anyway.
"""

from __future__ import annotations

import re

from syncd.credential import OUR_TOKEN, unkeyed

from .fields import FIELDS, Kind
from .terms import Query, Term, Text
from .writing import write_term

WORDS = "…"  # in place of what was typed
#: What is called by whoever keeps it may look like anything, also like a key.
_RECORDS = frozenset({"case", "incident", "request", "trace"})
_TOKEN = re.compile(rf"{OUR_TOKEN}[\w-]+", re.ASCII)


def without_words(query: Query) -> str:
    """No query at all is an empty one: it finds everything."""
    return " ".join(_told(term) for term in query.terms)


def _told(term: Term) -> str:
    if FIELDS[term.field].kind is Kind.WORDS:
        return write_term(Term(term.field, (Text((WORDS,)),), term.is_negated))
    text = _TOKEN.sub(f"{OUR_TOKEN}{WORDS}", write_term(term))
    return text if term.field in _RECORDS else unkeyed(text)
