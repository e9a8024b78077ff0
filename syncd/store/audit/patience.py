"""A question that takes too long is stopped: it must not keep the database from those who write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from syncd.errors import Misconfigured
from syncd.store.database import Database, Tx

SECONDS = 3.0
_STEPS = 20_000  # of SQLite's own, between two looks at the clock: less than a millisecond
#: Rows lie in the order they came in, so that those of a time are neighbours. PostgreSQL supposes that each is fetched from somewhere
#: else, and would rather read a whole table than a tenth of it by its index.
_NEIGHBOURS = 1.1
_CANCELLED = "57014"  # as PostgreSQL numbers it


@contextmanager
def patient_read(db: Database, seconds: float = SECONDS) -> Iterator[Tx]:
    with db.read() as tx:
        try:
            if db.is_sqlite:
                with _stopped_after(db, tx, seconds):
                    yield tx
            else:
                tx.execute(text(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"))
                tx.execute(text(f"SET LOCAL random_page_cost = {_NEIGHBOURS}"))
                yield tx
        except OperationalError as error:
            if not _is_stopped(error):
                raise
            message = (
                f"This took longer than {seconds:g} s and was stopped; ask for less, by age, case, link or outcome."
            )
            raise Misconfigured(message) from error


@contextmanager
def _stopped_after(db: Database, tx: Tx, seconds: float) -> Iterator[None]:
    connection = tx.connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101  the driver of this engine
    ends = db.clock.monotonic() + seconds
    connection.set_progress_handler(lambda: db.clock.monotonic() > ends, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _is_stopped(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _CANCELLED or str(error.orig) == "interrupted"
