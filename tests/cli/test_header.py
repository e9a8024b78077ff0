"""CSV without rows has its header all the same, and it is the one that rows have."""

from __future__ import annotations

import csv

import pytest

from syncd.cli.header import header
from syncd.cli.output import show

from .conftest import Syncd

LISTS = {
    "deliveries list": "deliveries",
    "links list": "links",
    "links repair": "repairs",
    "conflicts list": "conflicts",
    "views list": "views",
    "actions list": "actions",
    "cases list": "cases",
    "tokens list": "tokens",
    "connectors list": "connectors",
    "routes list": "routes",
}


@pytest.mark.parametrize("words", LISTS)
def test_a_list_without_rows_has_its_header(syncd: Syncd, words: str) -> None:
    ended = syncd(*words.split(), "-o", "csv")
    assert ended.code == 0
    (line,) = csv.reader(ended.out.splitlines())
    assert line == list(header(LISTS[words]))


def test_it_names_what_rows_have(syncd: Syncd, link: int) -> None:
    syncd("cases", "open", "Checkout is slow")
    for words, noun in (("links list", "links"), ("cases list", "cases"), ("deliveries list", "deliveries")):
        found = syncd(*words.split()).json
        assert all(set(row) <= set(header(noun)) for row in found), words


def test_where_nothing_is_declared_the_columns_of_the_table_do(capsys: pytest.CaptureFixture[str]) -> None:
    show([], "csv", columns=("id", "at"), below="what")
    assert capsys.readouterr().out == "id,at,what\n"
    show([], "csv")
    assert not capsys.readouterr().out
