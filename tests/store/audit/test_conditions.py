"""Every field and every sign finds the same rows on both databases, and nothing that is typed becomes part of a statement."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from syncd.core.query.fields import FIELDS, Kind
from syncd.core.query.reading import read
from syncd.core.query.terms import Query, only
from syncd.store.audit.conditions import COLUMNS
from syncd.store.audit.pages import page
from syncd.store.database import Database
from tests.core.query.asked import QUERIES

from .rows import NOW, ROWS, fill

ALL = {1, 2, 3, 4, 5, 6}
FOUND: dict[str, set[int]] = {
    "": ALL,
    "id:3": {3},
    "id:2..3,6": {2, 3, 6},
    "at:2026-11-21": {5, 6},
    "at:2026-11-20": {4},
    "at<2026-11-14": {1, 2},
    "at>=2026-11-21T12:59": {6},
    "at:2026-11-19T00:00..2026-11-20": {3, 4},
    "age<24h": {4, 5, 6},
    "age>=2h": {1, 2, 3, 4, 5},
    "age>2h": {1, 2, 3, 4},
    "age:1d..10d": {2, 3},
    "direction:outbound": {3, 4},
    "outcome:failed,retrying": {3, 4},
    "-outcome:applied,suppressed": {3, 4, 6},
    "outcome:re*": {4, 6},
    "outcome:*": ALL,
    "-outcome:*": set(),
    "reason:echo": {5},
    "-reason:echo": ALL - {5},
    "change:comment": {3},
    "change:none": set(),
    'change:"none"': {6},
    "action:look": {4},
    "action:none": ALL - {4},
    "case:CS-10": {2},
    "case:cs-10": {2, 4},  # ours, and what another system calls just so
    "-case:cs-10": ALL - {2, 4},
    "case:CS-10*": {2, 3},
    "case:*10": {2, 4},
    "case:C*1": {1, 3, 6},
    'case:"C*1"': {6},
    "case:none": {5},
    "case:*": ALL - {5},
    "-case:*": {5},
    "incident:Q10,none": {1, 2, 3, 4, 5},
    'incident:"Q[1]"*': {6},
    'incident:Q*"[1]"': {6},
    "link:1": {1},
    "link:none": {3, 4, 5, 6},
    "link<10": {1},
    "-link:1": {2, 3, 4, 5, 6},
    "-link:1,none": {2},
    "connector:payments": {1},
    "integration:other": {3, 4},
    "source:cases": {3},
    "target:pagerduty": {3},
    "http:4xx": {3, 4},
    "http:404,5xx": {3, 6},
    "http>=429": {4, 6},
    "-http:none": {2, 3, 4, 6},
    "attempt:0": {1, 5, 6},
    "attempt:2..3": {3, 4},
    "latency>2s": {4, 5},
    "latency:2s": {3},
    "latency<=2s": {2, 3},
    "latency:none": {1, 6},
    "took:1s..2s": {3},
    'actor:"Ana Lima"': {1, 2, 3, 4},
    "actor:Åsa,none": {5, 6},
    "trace:0af7651916cd43dd8448eb211c80319c": {3, 4},
    "trace:0af*": {3, 4},
    "-trace:none": {3, 4},
    "request:e2.*": {3, 4},
    "replay:3": {6},
    "errand:2": {3, 4},
    "arrival:7": {5},
    '"not found"': {3, 6},
    "text:LIMA": {1, 2, 3, 4},
    "100%": {3},
    '"_it_"': {3},
    '"\\\\"': {3},
    '"[gone]?"': {3},
    "not*either": {6},
    "-lima": {5, 6},
    "payments": {1},
    "outcome:failed lima http:404": {3},
    "outcome:failed outcome:applied": set(),
    'case:"\'; DROP TABLE cases; --"': set(),
}


@pytest.fixture
def filled(db: Database) -> Database:
    fill(db)
    return db


def found(db: Database, query: Query, *within: str) -> set[int]:
    with db.read() as tx:
        first = min(row["id"] for row in page(tx, read(""), NOW, limit=10).rows)
        return {row["id"] - first + 1 for row in page(tx, query, NOW, limit=10, within=within).rows}


def test_each_query_finds_its_rows_on_either_database(filled: Database) -> None:
    wrong = {query: (found(filled, read(query)), rows) for query, rows in FOUND.items()}
    assert {query: both for query, both in wrong.items() if both[0] != both[1]} == {}


def test_every_field_is_tried_above_and_is_a_column() -> None:
    assert {term.field for query in FOUND for term in read(query).terms} == set(FIELDS)
    assert set(COLUMNS) == {name for name, field in FIELDS.items() if field.kind is not Kind.WORDS}


def test_a_query_and_its_negation_share_no_row_and_leave_none_out(filled: Database) -> None:
    for query in FOUND:
        for term in read(query).terms:
            is_so = found(filled, Query((term,)))
            is_not = found(filled, Query((type(term)(term.field, term.values, not term.is_negated),)))
            assert (is_so & is_not, is_so | is_not) == (set(), ALL), query


def test_whoever_may_see_some_accounts_sees_only_those(filled: Database) -> None:
    assert found(filled, read(""), "other") == {3, 4}
    assert found(filled, read("-integration:other"), "other") == set()
    assert found(filled, read("integration:pagerduty,none"), "other", "nothing") == set()
    assert found(filled, only("case", "CS-101"), "pagerduty") == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(QUERIES)
def test_anything_that_can_be_asked_is_answered(filled: Database, query: Query) -> None:
    assert found(filled, query) <= ALL


def test_there_are_as_many_as_the_tests_count() -> None:
    assert len(ROWS) == len(ALL)
