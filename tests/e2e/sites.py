"""Where a fleet keeps its rows and rings its bells: the embedded pair, and the pair a production site has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from tests.e2e.fleet import Fleet, fleet
from tests.parts.ports import free_port
from tests.parts.postgres import Postgres


@contextmanager
def embedded(folder: Path) -> Iterator[Fleet]:
    """SQLite and Valkey on a unix socket, one process of each kind; every webhook comes twice."""
    with (
        private_folder() as place,
        running(Valkey(place)) as valkey,
        fleet(folder, f"sqlite:///{folder / 'syncd.db'}", valkey.url, worker_processes=2) as made,
    ):
        made.pagerduty_peer.turn(copies=2)
        yield made


@contextmanager
def shared(folder: Path, postgres: Postgres) -> Iterator[Fleet]:
    """PostgreSQL and Redis over TCP, two webs and two workers; a subscription for each web, so every event comes twice."""
    with (
        _database(postgres) as url,
        private_folder() as place,
        running(Valkey(place, port=free_port())) as valkey,
        fleet(folder, url, valkey.url, webs=2, workers=2) as made,
    ):
        yield made


@contextmanager
def mortal(folder: Path, postgres: Postgres | None) -> Iterator[Fleet]:
    """One worker with one process, so that a kill meets everything that is under way; lanes enough to hold it all at once."""
    with (
        _database(postgres) if postgres is not None else nullcontext(f"sqlite:///{folder / 'syncd.db'}") as url,
        private_folder() as place,
        running(Valkey(place)) as valkey,
        fleet(folder, url, valkey.url, worker_threads=32) as made,
    ):
        yield made


@contextmanager
def _database(postgres: Postgres) -> Iterator[str]:
    url = postgres.create()
    yield url
    postgres.drop(url)
