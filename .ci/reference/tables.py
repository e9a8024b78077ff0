"""docs/tables.md: every table with its columns, and what the comments beside them say."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping
from types import ModuleType

from sqlalchemy import Column, Table
from sqlalchemy.types import TypeEngine

import syncd.store
from syncd.store.tables import metadata

_CLASS = re.compile(r'^class (\w+)\(TypedColumns\):\n(?:    """(.*?)"""\n)?(.*?)(?=^\S)', re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    (\w+)(?:: [^=\n]+)? = Column\((?:.*)\)(?:  # (.*))?$", re.MULTILINE)
_TABLE = re.compile(r'^\w+ = Table\(\s*"(\w+)",\s*metadata,\s*(\w+)', re.MULTILINE)

_HEAD = [
    "# Tables",
    "",
    "For whoever asks the database. The tables are syncd's own and may change with a release; what is meant for SQL of yours is the view of",
    "[sql.md](sql.md). Moments are UTC. The names are those of PostgreSQL; SQLite has the same tables.",
    "",
]


def tables() -> str:
    lines = [*_HEAD]
    found = _described()
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        about, comments = found[table.name]
        lines += [f"## `{table.name}`", ""]
        if about:
            lines += [about, ""]
        lines += ["| column | type | |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {_kind(one)} | {_cell(comments.get(one.name, ''))} |" for one in table.columns]
        lines += [*_unique(table), ""]
    return "\n".join(lines)


def _described() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Of each table what its class says, and its columns' comments."""
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for module in _modules():
        source = inspect.getsource(module)
        classes = {name: (about, body) for name, about, body in _CLASS.findall(source)}
        for table, columns in _TABLE.findall(source):
            about, body = classes[columns]
            found[table] = (" ".join(about.split()), dict(_COLUMN.findall(body)))
    return found


def _modules() -> list[ModuleType]:
    names = [one.name for one in pkgutil.iter_modules(syncd.store.__path__) if one.name.startswith("tables")]
    return [importlib.import_module(f"syncd.store.{name}") for name in names]


def _kind(column: Column[object]) -> str:
    kind: TypeEngine[object] = column.type
    word = type(kind).__name__
    length = getattr(kind, "length", None)
    notes = [*(["key"] if column.primary_key else []), *(["may be null"] if column.nullable else [])]
    notes += [f"→ `{one.target_fullname}`" for one in column.foreign_keys]
    return ", ".join([f"{word}({length})" if length else word, *notes])


def _unique(table: Table) -> list[str]:
    """What there can be only one of."""
    together = [
        one.columns.keys() for one in table.constraints if type(one).__name__ == "UniqueConstraint" and one.columns
    ]
    return [f"\nNo two rows have the same {' and '.join(f'`{name}`' for name in names)}." for names in sorted(together)]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
