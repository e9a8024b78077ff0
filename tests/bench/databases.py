"""What the parts that measure a full database have in common: both kinds of it, rows by the million, and what their times come to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import text

from syncd.logs import configure
from syncd.store.database import Database
from tests.parts.postgres import serving

from .process import free_port
from .rig import Rig, rig

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
    "postgresql": "WITH n AS (SELECT i FROM generate_series(1, {count}) AS i)",
}


def on_both(measure: Callable[[str], object]) -> dict[str, object]:
    """By the address of an empty database of each kind."""
    configure("error")
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, object] = {"sqlite": measure(f"sqlite:///{folder}/syncd.db")}
    with serving({"shared_buffers": "128MB"}, durable=True) as postgres:
        figures["postgresql"] = measure(postgres.create())
    return figures


def with_rig_on_both(measure: Callable[[Rig], object]) -> dict[str, object]:
    """By a home with all that a daemon needs."""
    configure("error")
    figures: dict[str, object] = {"sqlite": _with_rig("", measure)}
    with serving({"shared_buffers": "128MB"}, durable=True) as postgres:
        figures["postgresql"] = _with_rig(postgres.create(), measure)
    return figures


def _with_rig(url: str, measure: Callable[[Rig], object]) -> object:
    with tempfile.TemporaryDirectory() as folder, rig(Path(folder), free_port(), database_url=url) as ready:
        return measure(ready)


def fill(db: Database, statements: Sequence[tuple[str, int]], at: Mapping[str, str]) -> None:
    """Each with `{numbers}`, the time `{at}` of its number and the `{count}` of its rows."""
    kind = "sqlite" if db.is_sqlite else "postgresql"
    with db.write() as tx:
        for statement, count in statements:
            when, numbers = at[kind].format(count=count), _NUMBERS[kind].format(count=count)
            filled = statement.format(numbers=numbers, at=when, count=count)
            tx.execute(text(filled.replace(":", "\\:")))


def analyse(db: Database) -> None:
    with db.engine.connect() as tx:
        tx.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "ANALYZE" if db.is_sqlite else "VACUUM ANALYZE"
        )


def times(took: Sequence[float], shares: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds; of the shortest ones so large a share is not longer."""
    ordered = sorted(took)
    return {name: round(ordered[int(share * (len(ordered) - 1))], 1) for name, share in shares.items()}
