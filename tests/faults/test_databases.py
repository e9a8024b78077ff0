"""PostgreSQL is restarted, its connections are cut, its tables locked, it takes no writes; SQLite has another writer that does not let go."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import text

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from syncd.flow.status.parts import PARTS
from syncd.store import heartbeats
from tests.e2e.fleet import Fleet, fleet
from tests.e2e.waiting import until
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


def test_postgresql_takes_no_writes_for_a_while(tmp_path: Path) -> None:
    """As after a failover to a standby, or where its keeper closes it since its disk is full; and nobody starts anything again."""
    with serving(durable=True) as server:
        url = server.create()
        with _under_load(tmp_path, url, "PostgreSQL read-only") as (made, _):
            for _ in range(sized(1, 2, 5)):
                _pause(2)
                _close(server, url, is_closed=True)
                until(lambda: httpx.get(f"{made.web_url()}/readyz").status_code == 503, "the receiver is not ready")
                assert "read-only" in httpx.get(f"{made.web_url()}/readyz").text
                _pause(12)  # Signs of life are given every ten seconds.
                with made.db.read() as tx:
                    closed_at = made.db.now(tx)
                _close(server, url, is_closed=False)
                until(lambda: httpx.get(f"{made.web_url()}/readyz").status_code == 200, "the receiver is ready again")
                until(partial(_all_beat_since, made, closed_at), "every part gives signs of life again")
        said = "".join(program.said() for program in made.programs)
    assert "Traceback" not in said, said[-4000:]


def _close(server: Postgres, url: str, *, is_closed: bool) -> None:
    name = urlsplit(url).path.removeprefix("/")
    server.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if is_closed else "off"}')
    if is_closed:
        _cut(server, url)


def _all_beat_since(made: Fleet, moment: datetime) -> bool:
    with made.db.read() as tx:
        return {one.part for one in heartbeats.latest(tx) if one.at > moment} == set(PARTS)


def test_sqlite_is_locked_by_another(tmp_path: Path) -> None:
    file = tmp_path / "syncd.db"
    with _under_load(tmp_path, f"sqlite:///{file}", "SQLite `database is locked`"):
        for seconds in (2, 12) * sized(1, 3, 10):
            _pause(3)
            with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                _pause(seconds)
                other.execute("ROLLBACK")
