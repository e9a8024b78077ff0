"""The action log as doors keep it: nothing is done that is not written down first, and how it ended is written after it."""

from __future__ import annotations

import structlog

from syncd.core.deeds import Deed, End, Taken
from syncd.errors import SyncdError
from syncd.store import actions
from syncd.store.database import Database

log = structlog.stdlib.get_logger()


def begin(db: Database, deed: Deed) -> int:
    """Raises where it cannot be written: then it is not done either."""
    with db.write() as tx:
        return actions.begin(tx, deed, db.now(tx))


def end(db: Database, number: int, outcome: End, status: int, detail: str = "", taken: Taken | None = None) -> None:
    """Where it cannot be written its row stays `begun`, which is what it says of all whose end is unknown."""
    try:
        with db.write() as tx:
            actions.end(tx, number, db.now(tx), outcome, status, detail, taken)
    except SyncdError as error:
        log.error("action.end_not_written", action=number, outcome=outcome, status=status, error=str(error))  # noqa: TRY400  Its sentence is all there is to say.


def note(db: Database, deed: Deed, outcome: End, status: int, detail: str = "") -> None:
    """What has ended already. Raises where it cannot be written."""
    with db.write() as tx:
        actions.add(tx, deed, db.now(tx), outcome, status, detail)


def note_refusal(db: Database, deed: Deed, outcome: End, status: int, detail: str = "") -> None:
    """Nothing was changed: that it cannot be written must not hide why it was refused."""
    try:
        note(db, deed, outcome, status, detail)
    except SyncdError as error:
        log.error("action.refusal_not_written", who=deed.who, act=deed.act, status=status, error=str(error))  # noqa: TRY400  As above.
