"""The database of whoever runs the daemon, for commands that look into it: one that is not there is said, and never made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store.database import Database, file_of
from syncd.store.schema import require_current
from syncd.wiring import database

from .hush import hush


@contextmanager
def existing_database(settings: Settings) -> Iterator[Database]:
    _require_file(settings)
    db = database(settings)
    try:
        require_current(db)
        with hush():
            yield db
    finally:
        db.close()


def _require_file(settings: Settings) -> None:
    """Opening SQLite makes the file, and an empty one in the wrong home looks like a daemon that has lost everything."""
    file = file_of(settings.sql_url())
    if is_missing(file):
        named = "SYNCD_DATABASE_URL" if settings.database_url else "SYNCD_HOME"
        message = f"There is nothing here yet, no {file}; start with `syncd up`, or set {named} to where it runs."
        raise Misconfigured(message)


def is_missing(file: Path | None) -> bool:
    """A server's database never is."""
    try:
        if file is not None:
            file.stat()
    except FileNotFoundError:
        return True
    except OSError:  # Whoever opens it says what is wrong with it.
        return False
    return False
