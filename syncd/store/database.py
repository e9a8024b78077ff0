"""Opening the database and its transactions. Writers of SQLite queue up fairly instead of starving each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from syncd.address.reading import SPELLED
from syncd.clock import Clock
from syncd.errors import DatabaseAway, Misconfigured, TakesNoWrites

from .outage import translated
from .writer_queue import WriterQueue

Tx = Connection

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
        self.trouble: DatabaseAway | None = None  # why the last that this process was to write came to nothing
        if self.is_sqlite:
            _make(Path(str(self.url.database)))

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that may write. Nothing in it may wait for the network."""
        before: int | None = None
        is_over = False
        if isinstance(self.trouble, TakesNoWrites):
            # A connection stays as read-only as it was begun, and with the server that it was begun to.
            self.engine.dispose()
        try:
            with translated(), self._begun() as tx:
                before = None if self.trouble is None else self._written(tx)
                yield tx
                is_over = before is not None and self._written(tx) > before
        except DatabaseAway as error:
            self.trouble = type(error)(str(error))  # Not that one: its traceback holds everything that was under way.
            raise
        if is_over:
            self.trouble = None

    @contextmanager
    def _begun(self) -> Iterator[Tx]:
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

    def _written(self, tx: Tx) -> int:
        """Grows with what is written: a transaction that was to write and had nothing to says nothing of the database."""
        if self.is_sqlite:
            return int(getattr(tx.connection.driver_connection, "total_changes", 0))
        return int(tx.execute(select(func.pg_current_xact_id_if_assigned().is_not(None))).scalar_one())

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with translated(), self.engine.connect() as tx:
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
                hide_parameters=True,  # What people wrote is for nobody who reads a traceback.
                # Behind a pooler in transaction mode the next statement may meet a server that never prepared it.
                connect_args={"prepare_threshold": None, "connect_timeout": within},
            )
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=5,
            hide_parameters=True,
            connect_args={"timeout": 5.0},
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
