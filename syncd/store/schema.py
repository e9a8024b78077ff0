"""Which schema the database has, which one this release needs, and the way from one to the other. Not the tables themselves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import inspect, text

from syncd.errors import Misconfigured

from .database import Database, Tx

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = structlog.stdlib.get_logger()

HISTORY = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
    "0032",
    "0033",
    "0034",
    "0035",
    "0036",
    "0037",
    "0038",
    "0039",
)  # a test compares it with the migrations
EMPTY = ""  # the version of a database that has no schema yet
_PATIENCE = "120s"  # for whoever migrates at this moment
_LOCK_TIMEOUT = "5s"  # a migration that waits for a table makes everybody else wait behind it
_STATEMENT_TIMEOUT = "300s"


def upgrade(db: Database) -> str:
    """Bring the schema to this release's; the version it has then. Of several at once one migrates, the others wait."""
    with db.write() as tx:
        _alone(tx)
        before = version(tx)
        _refuse_unknown(before)
        if before != head():
            from alembic import command  # only a migration needs alembic, and every command asks for the version

            command.upgrade(config(tx), "head")
            log.info("schema.upgraded", before=before, after=head())
        return version(tx)


def version(tx: Tx) -> str:
    if not inspect(tx).has_table("alembic_version"):
        return EMPTY
    return str(tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or EMPTY)


def head() -> str:
    """The schema this release is written for."""
    return HISTORY[-1]


def is_current(db: Database) -> bool:
    with db.read() as tx:
        return version(tx) == head()


def require_current(db: Database) -> None:
    with db.read() as tx:
        there = version(tx)
    _refuse_unknown(there)
    require(there, head())


def require_served(db: Database) -> None:
    """For who runs already: a newer schema still fits the release before it, so that an upgrade needs no pause."""
    with db.read() as tx:
        there = version(tx)
    if there == EMPTY or there in HISTORY:
        require(there, head())


def require(there: str, needed: str) -> None:
    if there == EMPTY:
        raise Misconfigured("The database has no schema yet; run `syncd db upgrade`.")
    if there != needed:
        raise Misconfigured(f"The database is at {there} and this release needs {needed}; run `syncd db upgrade`.")


def config(tx: Tx | None = None) -> Config:
    """Alembic's settings without a file, and with no path in them: the migrations are found inside the package."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", "syncd.store:migrations")
    made.attributes["tx"] = tx
    return made


@cache
def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config())


def migrations() -> tuple[str, ...]:
    """What the migrations themselves say, oldest first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def _refuse_unknown(there: str) -> None:
    if there != EMPTY and there not in HISTORY:
        raise Misconfigured(
            f"The database is at {there}, which this release does not know (it knows up to {head()}); "
            "a newer syncd has upgraded it: run that one."
        )


def _alone(tx: Tx) -> None:
    """A writing transaction of SQLite is alone anyway. Every setting here ends with the transaction, for poolers."""
    if tx.dialect.name != "postgresql":
        return
    tx.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
    tx.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'"))
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('syncd.schema'))"))
    tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
