"""PostgreSQL is restarted, its connections are cut and its tables locked; SQLite has another writer that does not let go."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from tests.e2e.fleet import Fleet, fleet
from tests.faults.crowd import Crowd
from tests.faults.deaths import seeded
from tests.faults.figures import reached
from tests.faults.knocker import Knocker
from tests.faults.size import sized
from tests.parts.postgres import Postgres, serving

QUIET_WITHIN = 150.0  # a hook that was turned away twice is sent again after 30 s


@contextmanager
def _under_load(folder: Path, url: str, row: str) -> Iterator[tuple[Fleet, Crowd]]:
    with private_folder() as place, running(Valkey(place)) as valkey, fleet(folder, url, valkey.url) as made:
        crowd, knocker = Crowd(made, seeded(17), links=8, acts_a_second=8), Knocker(made)
        with crowd.at_work(), knocker.at_work():
            yield made, crowd
            _pause(2)
        made.await_quiet(QUIET_WITHIN)
        answers = Counter(one.status for one in knocker.knocks)
        wrongs = crowd.wrongs()
        reached(row, "webhooks, by answer", ", ".join(f"{n} x {status}" for status, n in answers.items()), "200 or 503")
        reached(row, "changes lost, doubled, out of order", len(wrongs), "0")
        assert set(answers) <= {200, 503}
        assert wrongs == []


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def test_postgresql_is_restarted_cut_off_and_locked(tmp_path: Path) -> None:
    with serving(durable=True) as first, ExitStack() as lives:
        server, url = first, first.create()
        with _under_load(tmp_path, url, "PostgreSQL restarted, connections cut, 2 s of lock") as (made, _):
            for _ in range(sized(1, 3, 10)):
                _pause(2)
                server = lives.enter_context(server.restarted())
                _pause(4)
                _cut(server, url)
                _pause(2)
                with made.db.write() as tx:
                    tx.execute(text("LOCK TABLE arrivals, errands, links IN ACCESS EXCLUSIVE MODE"))
                    _pause(2)


def _cut(server: Postgres, url: str) -> None:
    name = urlsplit(url).path.removeprefix("/")
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  our own


def test_sqlite_is_locked_by_another(tmp_path: Path) -> None:
    file = tmp_path / "syncd.db"
    with _under_load(tmp_path, f"sqlite:///{file}", "SQLite `database is locked`"):
        for seconds in (2, 12) * sized(1, 3, 10):
            _pause(3)
            with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                _pause(seconds)
                other.execute("ROLLBACK")
