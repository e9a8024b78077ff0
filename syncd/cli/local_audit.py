"""Counting the deliveries of this machine's database, with the same answers as /v1 gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from syncd.console.bodies import RemoveView, SaveView
from syncd.console.intake import apart
from syncd.console.queries import DeliveryCounts, DeliveryExport, DeliveryTail
from syncd.console.v1.audit import AuditApi
from syncd.console.v1.export import ExportApi
from syncd.console.v1.tail import TailApi
from syncd.console.v1.views import ViewsApi
from syncd.core.query.address import from_parameters
from syncd.store.database import Database

from .reach_audit import Export, Json, Query
from .valid import valid

Checked = Callable[..., Any]  # a model and what was given for it


@dataclass(frozen=True, slots=True)
class _Read:
    rows: int
    pieces: Iterator[bytes]
    action: None = None

    def sent(self) -> None:
        """Nobody stands between."""


class LocalAudit:
    def __init__(self, db: Database, checked: Checked) -> None:
        self._api, self._exports, self._tail, self._views = AuditApi(db), ExportApi(db), TailApi(db), ViewsApi(db)
        self._checked = checked

    def facets(self, query: Query) -> Json:
        own, terms = apart(query.items(), DeliveryCounts)
        return self._api.facets(self._checked(DeliveryCounts, own), from_parameters(terms))

    def histogram(self, query: Query) -> Json:
        return self._api.histogram(from_parameters(query.items()))

    def tail(self, query: Query) -> Json:
        own, terms = apart(query.items(), DeliveryTail)
        return self._tail.tail(self._checked(DeliveryTail, own), from_parameters(terms))

    def views(self, by: str) -> list[Json]:
        return self._views.found(by)

    def save_view(self, fields: Json) -> Json:
        return self._views.save(valid(SaveView, fields))

    def remove_view(self, name: str, fields: Json) -> Json:
        return self._views.remove(name, valid(RemoveView, fields))

    @contextmanager
    def export(self, query: Query) -> Iterator[Export]:
        own, terms = apart(query.items(), DeliveryExport)
        found = self._exports.export(self._checked(DeliveryExport, own), from_parameters(terms))
        yield _Read(found.rows, found.pieces)

    def lag(self, query: Query) -> Json:
        return self._api.lag(from_parameters(query.items()))
