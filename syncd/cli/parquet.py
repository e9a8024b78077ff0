"""Lines of JSON as a Parquet file: each column of the type that the table says, whatever stands in it."""

from __future__ import annotations

from pathlib import Path

from syncd.store.audit.export import KINDS, Kind

_TYPES = {Kind.NUMBER: "BIGINT", Kind.FRACTION: "DOUBLE", Kind.MOMENT: "TIMESTAMPTZ", Kind.TEXT: "VARCHAR"}


def write_parquet(lines: Path, to: Path) -> None:
    import duckdb

    columns = {name: _TYPES[kind] for name, kind in KINDS.items()}
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        found = engine.read_json(str(lines), format="newline_delimited", columns=columns)
        found.write_parquet(str(to), compression="zstd")
