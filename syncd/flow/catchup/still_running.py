"""Whether parts run on a database that a backup was put in the place of. The backup has their signs of life in it, however young."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from syncd import errors
from syncd.store import heartbeats
from syncd.store.database import Database
from syncd.store.heartbeats import Heartbeat

HEARD_WITHIN = 15.0  # seconds; each part gives a sign of life every 10
_YOUNG = timedelta(minutes=1)


def require_stopped(db: Database, wait: Callable[[float], object]) -> None:
    """A part that runs gives another sign of life; what stands in the backup stays as it is."""
    before = _signs(db)
    if not before:
        return
    wait(HEARD_WITHIN)
    if running := sorted({one.part for one in _signs(db) - before}):
        raise errors.Conflict(
            f"These parts run on this database: {', '.join(running)}; stop every part, then say when the backup was made, which "
            "their signs of life hide: `syncd restored --made TIME`."
        )


def _signs(db: Database) -> set[Heartbeat]:
    with db.read() as tx:
        now = db.now(tx)
        return {one for one in heartbeats.latest(tx) if not one.is_stopped and now - one.at < _YOUNG}
