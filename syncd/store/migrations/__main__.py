"""Drafts the next migration from what the tables have become: `python -m syncd.store.migrations "add a column"`.

A draft: it says nothing of partial indexes and checks on SQLite, and people have to read it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from syncd.clock import Clock
from syncd.store import schema
from syncd.store.database import Database


def draft(message: str) -> None:
    with TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'draft.db'}", Clock())
        number = int(schema.upgrade(db) or 0) + 1
        with db.write() as tx:
            command.revision(schema.config(tx), message, autogenerate=True, rev_id=f"{number:04}")
        db.close()


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "change")
