"""A query, its text and its address are the same thing, and whatever somebody types ends in a query or in a sentence."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as some

from syncd.core.query.address import from_parameters, to_parameters
from syncd.core.query.fault import QueryError
from syncd.core.query.fields import FIELDS
from syncd.core.query.reading import read
from syncd.core.query.terms import NONE, Query, Span, Term, Text
from syncd.core.query.writing import write

from .asked import QUERIES, SCRIBBLE


@given(QUERIES)
@example(Query((Term("case", (Text(("none",)), NONE)),)))
@example(Query((Term("text", (Text(("-a:b,c",)),)), Term("text", (Text(('"\\ ',)),)))))
@example(Query((Term("http", (Span(500, 600), Span(None, 1), Span(600, None))),)))
@example(Query((Term("at", (Span(84_600_000_000, 86_400_000_000),)),)))
def test_what_is_written_is_read_as_the_same(query: Query) -> None:
    assert read(write(query)) == query


@given(QUERIES)
def test_an_address_carries_it(query: Query) -> None:
    carried = parse_qsl(urlencode(to_parameters(query)), keep_blank_values=True, strict_parsing=bool(query.terms))
    assert from_parameters(carried) == query


@given(QUERIES, QUERIES)
def test_q_and_parameters_must_all_hold(whole: Query, others: Query) -> None:
    assert from_parameters([("q", write(whole)), *to_parameters(others)]) == whole & others


def _read(pairs: list[tuple[str, str]]) -> Query | QueryError:
    try:
        return from_parameters(pairs)
    except QueryError as error:
        return error


@settings(max_examples=500)
@given(SCRIBBLE | some.text(max_size=40))
def test_anything_typed_is_a_query_or_a_sentence(text: str) -> None:
    query = _read([("q", text)])
    if isinstance(query, QueryError):
        assert 0 <= query.position <= len(text)
        assert str(query).endswith(".")
        return
    written = write(query)
    assert read(written) == query
    assert write(read(written)) == written


@settings(max_examples=500)
@given(some.sampled_from(["-reason", *FIELDS, "nothing", "-", ""]), SCRIBBLE | some.text(max_size=40))
def test_any_parameter_is_a_term_or_a_sentence(name: str, text: str) -> None:
    query = _read([(name, text)])
    if isinstance(query, QueryError):
        assert name in str(query)
    else:
        assert from_parameters(to_parameters(query)) == query
