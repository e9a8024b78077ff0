"""kill -9 of a worker at every point between claim and settle: nothing is written twice, nothing is lost, and the books match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.e2e import books
from tests.e2e.books import Books
from tests.e2e.deaths import POINTS, Death, Kill, Point, die
from tests.e2e.program import Program
from tests.e2e.sites import mortal
from tests.parts.postgres import Postgres

BACKENDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Afterlife:
    deaths: Mapping[Point, Death]
    books: Books


def _whole(worker: Program) -> None:
    worker.kill()


def _child(worker: Program) -> None:
    assert worker.kill_children(), "The worker had no process to kill."


#: backend -> how the first and the second death come, and whether the hooks of our own writes are lost on the way
WAYS: Mapping[str, tuple[Kill, Kill, bool]] = {"sqlite": (_child, _whole, False), "postgresql": (_whole, _child, True)}


@pytest.fixture(scope="module")
def afterlives(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Afterlife]]:
    """Both sites wait for their leases at the same time."""
    with ExitStack() as stack:
        fleets = {
            name: stack.enter_context(mortal(tmp_path_factory.mktemp(name), postgres if name == "postgresql" else None))
            for name in BACKENDS
        }
        dying = {
            name: die(fleet, first=WAYS[name][0], second=WAYS[name][1], are_echoes_lost=WAYS[name][2])
            for name, fleet in fleets.items()
        }
        for _ in range(2):
            for one in dying.values():
                next(one)
        found = {}
        for name, one in dying.items():
            deaths = dict(zip(POINTS, next(one), strict=True))
            found[name] = Afterlife(deaths, books.read(fleets[name]))
        yield found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("point", POINTS, ids="-".join)
def test_a_worker_dies(afterlives: Mapping[str, Afterlife], backend: str, point: Point) -> None:
    afterlives[backend].deaths[point].check()


@pytest.mark.parametrize("backend", BACKENDS)
def test_books_match_after_the_deaths(afterlives: Mapping[str, Afterlife], backend: str) -> None:
    found = afterlives[backend].books
    assert len(found.lost()) >= len(POINTS)
    books.match(found, were_workers_killed=True)
    assert {row["state"] for row in found.errands.values()} <= {"delivered", "withdrawn"}
