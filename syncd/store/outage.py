"""Trouble of the database itself, told from faults of ours: away, full, locked by another, or read-only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError

from syncd.errors import DatabaseAway, DiskFull, Locked, TakesNoWrites, Unavailable

from .writer_queue import PATIENCE, held_for

_DISK_FULL = re.compile(
    "database or disk is full|No space left on device|Disk quota exceeded"
)  # SQLite's and PostgreSQL's
#: A standby after a failover, a server that its keeper has closed for want of room, a file or a file system that may only be read.
_READ_ONLY_SQLSTATE = "25006"
_READ_ONLY = {
    "SQLITE_READONLY",
    "SQLITE_READONLY_DIRECTORY",
}  # Others of its kind have other causes: a file that was moved away, say.
_LOCKED = {"SQLITE_BUSY", "SQLITE_LOCKED"}


def is_outage(error: Exception) -> bool:
    """The database itself is the trouble: nothing else can be tried in this transaction."""
    return isinstance(error, OperationalError | InterfaceError | Unavailable) or _is_read_only(error)


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _outage(error) from error
    except DatabaseError as error:
        # Its kinds are faults of a statement, and so of ours; but that nothing may be written comes as one of them too.
        if type(error) is not DatabaseError and not _is_read_only(error):
            raise
        raise _outage(error) from error


def _outage(error: DBAPIError) -> DatabaseAway:
    first = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else "no answer"
    if _DISK_FULL.search(first):
        return DiskFull(f"The disk of the database is full ({first}); free some space, and it goes on by itself.")
    if _is_read_only(error):
        cause = f"The database takes no writes: it is read-only, a standby or without room on its disk ({first})"
        return TakesNoWrites(f"{cause}; make it writable or name the primary, and it goes on by itself.")
    if _name(error) in _LOCKED:
        return Locked(held_for(PATIENCE))
    where = "its file and its folder" if isinstance(error.orig, sqlite3.Error) else "that the server runs"
    return DatabaseAway(f"The database cannot be used ({first}); check database_url and {where}.")


def _is_read_only(error: Exception) -> bool:
    if isinstance(error, InternalError):
        return getattr(error.orig, "sqlstate", None) == _READ_ONLY_SQLSTATE
    return isinstance(error, OperationalError) and _name(error) in _READ_ONLY


def _name(error: DBAPIError) -> str:
    """As SQLite calls it."""
    return getattr(error.orig, "sqlite_errorname", "")
