"""Every behaviour of the sync in both directions, in real processes, on an embedded site and on a production one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import books
from tests.e2e.books import Books
from tests.e2e.fleet import Fleet
from tests.e2e.sites import embedded, shared
from tests.e2e.telling import PARTS, Part, Told, tell_all


@dataclass(frozen=True, slots=True)
class Run:
    fleet: Fleet
    told: Told
    books: Books


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("e2e")
    site = embedded(folder) if request.param == "sqlite" else shared(folder, request.getfixturevalue("postgres"))
    with site as fleet:
        told = tell_all(fleet)
        yield Run(fleet, told, books.read(fleet))


@pytest.mark.parametrize("part", PARTS, ids="-".join)
def test_behaviour(run: Run, part: Part) -> None:
    run.told.check(part)


def test_request_logs_and_rows_match_one_to_one(run: Run) -> None:
    assert len(run.books.told) > 100
    books.match(run.books)


def test_nothing_died_and_nothing_broke(run: Run) -> None:
    """No process ended, no traceback was logged, no attempt lost its worker."""
    assert [one.name for one in run.fleet.programs if not one.is_running()] == []
    assert [complaint for one in run.fleet.programs for complaint in one.complaints()] == []
    assert run.books.lost() == []


def test_both_case_systems_and_both_directions_were_driven(run: Run) -> None:
    applied = {
        (row["direction"], row["source_system"], row["destination_system"])
        for row in run.books.rows
        if row["outcome"] == "applied" and row["change"] != "rules"
    }
    assert applied == {
        ("inbound", "pagerduty", "cases"),
        ("inbound", "pagerduty", "desk"),
        ("outbound", "cases", "pagerduty"),
        ("outbound", "desk", "pagerduty"),
    }
