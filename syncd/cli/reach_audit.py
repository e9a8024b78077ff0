"""Counting deliveries for commands: those of the local database, or of a daemon's /v1. Both give the same JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]
Query = Mapping[str, str]


class Export(Protocol):
    @property
    def rows(self) -> int: ...

    @property
    def pieces(self) -> Iterator[bytes]: ...

    @property
    def action(self) -> int | None:
        """The number of its row in the log of the daemon that sends it."""

    def sent(self) -> Sent | None:
        """What the daemon says it has sent, once all of it is here; nothing where there is none between us and the rows."""


@dataclass(frozen=True, slots=True)
class Sent:
    sha256: str = ""  # empty: it does not say, and why
    why_not: str = ""


class AuditReach(Protocol):
    def facets(self, query: Query) -> Json: ...

    def histogram(self, query: Query) -> Json: ...

    def lag(self, query: Query) -> Json: ...

    def tail(self, query: Query) -> Json: ...

    def views(self, by: str) -> list[Json]:
        """One's own first, and everybody's."""

    def save_view(self, fields: Json) -> Json: ...

    def remove_view(self, name: str, fields: Json) -> Json: ...

    def export(self, query: Query) -> AbstractContextManager[Export]: ...
