"""Asking for deliveries: the same rows here, elsewhere and over HTTP, and counted the same."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from syncd.clock import Clock
from syncd.core.query.address import to_parameters
from syncd.core.query.fields import FIELDS
from syncd.core.query.reading import read
from syncd.store.database import Database
from tests.store.audit.rows import fill
from tests.store.audit.test_conditions import FOUND

from .conftest import TOKEN, Syncd


@pytest.fixture
def both(store: Database, elsewhere: str, tmp_path: Path) -> str:
    """The same rows here and there."""
    fill(store)
    there = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'syncd.db'}", Clock())
    fill(there)
    there.close()
    return elsewhere


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_finds_the_same_rows_everywhere(syncd: Syncd, both: str, field: str) -> None:
    queries = [query for query in FOUND if read(query).names(field)]
    assert queries
    with httpx.Client(base_url=both, headers={"Authorization": f"Bearer {TOKEN}"}) as api:
        for query in queries:
            asked = urlencode(to_parameters(read(query)))
            by_parameters = api.get(f"/v1/deliveries?{asked}").json()["deliveries"]
            here = syncd("deliveries", "list", "--", query).json
            there = syncd("deliveries", "list", "--server", both, "--", query).json
            assert here == there == by_parameters, query
            if field != "age":  # The rows are of one day, and the clock goes on.
                assert {row["id"] for row in here} == FOUND[query], query


def test_words_and_options_must_all_hold(syncd: Syncd, both: str) -> None:
    assert both
    assert [row["id"] for row in syncd("deliveries", "list", "http>=400", "attempt:3", "--case", "CS-*").json] == [3]
    assert [row["id"] for row in syncd("deliveries", "list", "--outcome", "failed,retrying").json] == [4, 3]


def test_a_query_that_cannot_be_read_is_told_the_same_everywhere(syncd: Syncd, both: str) -> None:
    here = syncd("deliveries", "list", "case:1 outcom:failed")
    there = syncd("deliveries", "list", "case:1 outcom:failed", "--server", both)
    assert (here.code, here.out, here.err) == (there.code, there.out, there.err)
    assert here.code == 2
    assert here.err.startswith("syncd: At character 8: 'outcom' is no field, did you mean outcome; the fields are id,")


def test_stats(syncd: Syncd, both: str) -> None:
    words = ("deliveries", "stats", "id>0", "--by", "outcome", "--by", "integration")
    here, there = syncd(*words).json, syncd(*words, "--server", both).json
    assert {**here, "histogram": None} == {**there, "histogram": None}
    assert (here["query"], here["counted"], here["is_capped"]) == ("id>=1", 6, False)
    assert here["facets"]["outcome"][0] == {"value": "applied", "count": 2}
    assert here["lag"] == {"query": "id>=1", "counted": 4, "p50_ms": 2000, "p95_ms": 60_000, "p99_ms": 60_000}
    assert sum(sum(bar["outcomes"].values()) for bar in here["histogram"]["bars"]) == 6
    table = syncd(*words, "-o", "table")
    assert table.out.splitlines()[0].split() == ["FIELD", "VALUE", "COUNT"]
    assert table.err == (
        "Counted: 6 for id>=1; half took at most 2000 ms, of a hundred 95 at most 60000 ms and 99 at most 60000 ms.\n"
    )
    assert "none says how long it took" in syncd("deliveries", "stats", "id:1", "-o", "table").err


def test_what_nothing_is_counted_by(syncd: Syncd, both: str) -> None:
    assert both
    wrong = syncd("deliveries", "stats", "--by", "outcom")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("syncd: Nothing is counted by 'outcom', did you mean outcome; use direction, outcome,")


def test_fields(syncd: Syncd) -> None:
    shown = syncd("deliveries", "fields").json
    assert [one["name"] for one in shown] == list(FIELDS)
    assert syncd("deliveries", "fields", "-o", "table").out.splitlines()[0].split() == [
        "NAME",
        "EXAMPLE",
        "SAYS",
        "TAKES",
    ]


@pytest.mark.parametrize(
    "words", [("-outcome:applied",), ("-outcome:applied case:CS-*",), ("case:CS-*", "-outcome:applied")]
)
def test_a_term_that_begins_with_a_dash_is_no_option(syncd: Syncd, both: str, words: tuple[str, ...]) -> None:
    """`-outcome:...` reads like `-o utcome:...`, which the other -o would take the place of without a word."""
    assert both
    asked = syncd("deliveries", "list", "--", *words).json
    assert asked
    assert syncd("deliveries", "list", *words, "-o", "json").json == asked
    assert syncd("deliveries", "list", "-o", "json", *words).json == asked
    counted = syncd("deliveries", "stats", *words, "-o", "json").json
    assert counted["histogram"]["query"] == " ".join([*words, "age<7d"])


def test_a_word_that_could_be_a_form_of_output_is_not_guessed_at(syncd: Syncd, both: str) -> None:
    assert both
    ended = syncd("deliveries", "list", "-observed", "-o", "json")
    assert ended.code == 2
    assert "a word that is not to stand in it comes behind a --: -- -observed" in ended.err
    assert syncd("deliveries", "list", "-ojson", "--case", "-outcome:failed").json == [], "the value of an option"


def test_a_name_with_a_digit_is_told_to_be_no_field(syncd: Syncd) -> None:
    assert syncd("deliveries", "list", "e2e<5s").err.startswith("syncd: At character 1: 'e2e' is no field")
