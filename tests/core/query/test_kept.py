"""What the action log keeps of a query: all that names a record, and no word of anybody."""

from __future__ import annotations

import pytest
from hypothesis import given

from syncd.core.query.fields import FIELDS, Kind
from syncd.core.query.kept import without_words
from syncd.core.query.reading import read
from syncd.core.query.terms import Query, Term, Text
from syncd.credential import unkeyed

from .asked import QUERIES

KEY = "u+Ab3dEf6hIj9kLm2nOp"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("outcome:failed,held age<24h case:CS-10*", "outcome:failed,held age<24h case:CS-10*"),
        ('refused "by Ana" -text:secret,other link:7', '"…" "…" -"…" link:7'),
        ("actor:syncd_pat_0123456789ab_secret", "actor:syncd_pat_…"),
        (f'actor:"{KEY}"', "actor:(what was typed looks like a key)"),
        ("trace:0af7651916cd43dd8448eb211c80319c", "trace:0af7651916cd43dd8448eb211c80319c"),
    ],
)
def test_it_names_the_records_and_says_no_words(typed: str, kept: str) -> None:
    assert without_words(read(typed)) == kept


@given(QUERIES)
def test_of_any_query_the_terms_are_told_and_the_words_are_not(query: Query) -> None:
    unworded = [
        Term(one.field, (Text(("…",)),), one.is_negated) if FIELDS[one.field].kind is Kind.WORDS else one
        for one in query.terms
    ]
    kept = without_words(query)
    if kept == unkeyed(kept) and "syncd_pat_" not in kept and "looks like a key" not in kept:
        assert read(kept) == Query(tuple(unworded))
