"""Opening the database and its transactions. Writers of SQLite queue up fairly instead of starving each other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from syncd.address.reading import SPELLED
from syncd.clock import Clock
from syncd.errors import DiskFull, Misconfigured, Unavailable

from .writer_queue import WriterQueue

Tx = Connection

_DISK_FULL = re.compile(
    "database or disk is full|No space left on device|Disk quota exceeded"
)  # SQLite's and PostgreSQL's
_DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}


def _make(file: Path) -> None:
    """Cases and payloads are nobody's but the owner's; what stands beside the file takes its rights over.

    One that is there is not opened: to close it would drop the locks that this process has on it already (fcntl(2)), and whoever
    closes next would take itself for the last and delete the log of writes from under us.
    """
    with suppress(OSError):  # It is there. Or it cannot be made, and whoever connects is told in SQLite's words.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


class Database:
    """One per process, made after the fork."""

    def __init__(self, url: str, clock: Clock, *, pool_size: int = 5, is_alone: bool = False, within: int = 5) -> None:
        """`is_alone`: no other host uses this database, so that the clock given here will do. `within`: seconds to connect."""
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.clock = clock
        self.is_alone = is_alone or self.is_sqlite
        self._queue = WriterQueue(Path(f"{self.url.database}.lock")) if self.is_sqlite else None
        self.engine = self._engine(pool_size, within)
        if self.is_sqlite:
            _make(Path(str(self.url.database)))

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that may write. Nothing in it may wait for the network."""
        with _translated():
            if self._queue is None:
                with self.engine.begin() as tx:
                    yield tx
                return
            with self._queue, self.engine.connect() as tx:
                tx.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield tx
                except BaseException:
                    with suppress(OperationalError):  # SQLite has done so itself when its disk is full.
                        tx.exec_driver_sql("ROLLBACK")
                    raise
                tx.exec_driver_sql("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with _translated(), self.engine.connect() as tx:
            if self.is_sqlite:
                tx.exec_driver_sql("BEGIN")
            try:
                yield tx
            finally:
                tx.exec_driver_sql("ROLLBACK") if self.is_sqlite else tx.rollback()

    def now(self, tx: Tx) -> datetime:
        """The one clock that all hosts share: leases and due times are written and compared by it."""
        if self.is_alone:
            return self.clock.now()
        moment: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def close(self) -> None:
        self.engine.dispose()
        if self._queue is not None:
            self._queue.close()

    def _engine(self, pool_size: int, within: int) -> Engine:
        if not self.is_sqlite:
            return create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=5,
                pool_pre_ping=True,
                pool_recycle=1800,
                # Behind a pooler in transaction mode the next statement may meet a server that never prepared it.
                connect_args={"prepare_threshold": None, "connect_timeout": within},
            )
        engine = create_engine(
            self.url, poolclass=QueuePool, pool_size=pool_size, max_overflow=5, connect_args={"timeout": 5.0}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine


def file_of(url: str) -> Path | None:
    """Where SQLite keeps this database; None when a server keeps it."""
    parsed = _parsed(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without its cause, which may quote a password that has a slash in it.
        message = "database_url is not an address; use sqlite:////path/file.db or postgresql+psycopg://user@host/name."
        raise Misconfigured(message) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in _DRIVERS:
        message = f"database_url names {parsed.drivername}; syncd works with sqlite and postgresql."
        raise Misconfigured(message)
    _refuse_memory(parsed)
    if parsed.get_backend_name() == "postgresql":
        _refuse_query(parsed)
    return parsed


def _refuse_query(url: URL) -> None:
    """As the driver would on connecting. What it says quotes a name, which may be the end of a password with an & in it."""
    import psycopg  # noqa: PLC0415  who keeps a file does without it
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    try:
        _, options = url.get_dialect()().create_connect_args(url)
        make_conninfo(**options)
    except (ArgumentError, psycopg.Error):
        message = f"database_url asks behind its ? for what PostgreSQL's library does not take; its query takes name=value, {SPELLED}."
        raise Misconfigured(message) from None


def _refuse_memory(url: URL) -> None:
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        message = "SQLite must be a file, so that several processes can share it."
        raise Misconfigured(message)


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Transactions are begun by hand: the driver's own begin late and as readers, which loses updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def is_outage(error: Exception) -> bool:
    """The database itself is the trouble: nothing else can be tried in this transaction."""
    return isinstance(error, OperationalError | InterfaceError | Unavailable)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _outage(error) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # Its kinds are faults of a statement, and so of ours.
            raise
        raise _outage(error) from error


def _outage(error: DBAPIError) -> Unavailable:
    first = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else "no answer"
    if _DISK_FULL.search(first):
        return DiskFull(f"The disk of the database is full ({first}); free some space, and it goes on by itself.")
    return Unavailable(f"The database cannot be used ({first}); check database_url and that the server runs.")
