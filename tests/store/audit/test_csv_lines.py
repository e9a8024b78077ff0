"""Lines of CSV that a database writes are those that Python writes of the same rows, whatever stands in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.core.query.reading import read
from syncd.store import deliveries
from syncd.store.audit import export
from syncd.store.audit.csv_lines import csv_lines
from syncd.store.database import Database
from syncd.store.tables import deliveries as table

from .rows import NOW, ROWS, fill

ALL = read("id>0")
TEXT = st.text(st.sampled_from(list("ab,\"' %s\\=+-@\t\n\r{}é日")), max_size=12) | st.text(max_size=12)


def _lines(db: Database, again: Callable[[str], bool], at_once: int = export.AT_ONCE) -> list[str | export.Line]:
    found = [part for look in csv_lines(partial(db.read), ALL, NOW, again, at_once=at_once) for part in look]
    return [line for part in found for line in (part.split("\n") if isinstance(part, str) else [part])]


def _by_python(db: Database) -> list[str]:
    found = [line for lines in export.lines(partial(db.read), ALL, NOW) for line in lines]
    return [_line(values) for values in found]


def _line(values: object) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)  # type: ignore[arg-type]
    return text.getvalue().removesuffix("\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    texts=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6),
    number=st.none() | st.integers(-(10**9), 10**9),
    wait=st.none() | st.floats(0, 1e9),
)
@example(texts=[("", '"', ","), ('a,"b"', "%s", "%")], number=None, wait=30.0)
def test_a_database_writes_what_python_does(
    db: Database, texts: list[tuple[str, str, str]], number: int | None, wait: float | None
) -> None:
    rows = [
        replace(ROWS[0], detail=detail, actor=actor, case_id=case, e2e_ms=number, retry_after_s=wait)
        for detail, actor, case in texts
    ]
    with db.write() as tx:
        tx.execute(table.delete())
        deliveries.record_many(tx, rows)
    plain = _lines(db, lambda line: not line.isprintable())
    # Only what has to is written by Python, or stands in one look with a line that is broken: everything else comes from the database.
    is_broken = wait is None and any("\n" in "".join(each) for each in texts)
    mine = [each for each in texts if wait is None and not is_broken and "".join(each).isprintable()]
    assert sum(isinstance(line, str) for line in plain) == len(mine)
    written = [line if isinstance(line, str) else _line(line) for line in plain]
    assert sorted(written) == sorted(_by_python(db))


def test_what_is_to_be_looked_at_again_comes_as_its_values_and_in_its_place(db: Database) -> None:
    fill(db)
    found = _lines(db, lambda line: "100%" in line, at_once=4)
    numbers = [int(line.split(",")[0]) if isinstance(line, str) else line[0] for line in found]
    assert numbers == [6, 5, 4, 3, 2, 1]
    (values,) = [line for line in found if not isinstance(line, str) and line[0] == 3]
    assert values[export.NAMES.index("detail")] == ROWS[2].detail


def test_a_row_that_is_pruned_while_it_is_looked_at_is_whole_or_left_out(db: Database) -> None:
    fill(db)

    asked: list[str] = []

    def prune(line: str) -> bool:
        asked.append(line)
        if len(asked) == 1:
            return True  # All of them together.
        if not line.startswith("3,"):
            return False
        with db.write() as tx:
            tx.execute(table.delete().where(table.c.id == 3))
        return True

    found = _lines(db, prune)
    numbers = [int(line.split(",")[0]) if isinstance(line, str) else line[0] for line in found]
    # On SQLite one look sees one state of the table.
    assert numbers == ([6, 5, 4, 3, 2, 1] if db.is_sqlite else [6, 5, 4, 2, 1])
