"""SQL that is compiled once for each process and not once for each test: a fifth of the suite's time was the same statements."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from sqlalchemy import Compiled, Connection, Dialect, Engine, event

Key = tuple[object, ...]


class Statements(MutableMapping[Key, Compiled]):
    """An engine's own are kept by its dialect, and each test's database has another one that says the same."""

    def __init__(self) -> None:
        self._kept: dict[Key, Compiled] = {}

    def __getitem__(self, key: Key) -> Compiled:
        return self._kept[_by_name(key)]

    def __setitem__(self, key: Key, compiled: Compiled) -> None:
        self._kept[_by_name(key)] = compiled

    def __delitem__(self, key: Key) -> None:
        del self._kept[_by_name(key)]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _by_name(key: Key) -> Key:
    dialect, *statement = key
    return (dialect.name if isinstance(dialect, Dialect) else dialect, *statement)


_STATEMENTS = Statements()


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_STATEMENTS)
