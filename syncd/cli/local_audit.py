"""Counting the deliveries of this machine's database, with the same answers as /v1 gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from syncd.console.bodies import DeliveryCounts, DeliveryExport, DeliveryTail
from syncd.console.intake import apart
from syncd.console.v1.audit import AuditApi
from syncd.console.v1.export import ExportApi
from syncd.console.v1.tail import TailApi
from syncd.core.query.address import from_parameters

from .reach_audit import Export, Json, Query

Checked = Callable[..., Any]  # a model and what was given for it


class LocalAudit:
    def __init__(self, api: AuditApi, exports: ExportApi, tail: TailApi, checked: Checked) -> None:
        self._api, self._exports, self._tail, self._checked = api, exports, tail, checked

    def facets(self, query: Query) -> Json:
        own, terms = apart(query.items(), DeliveryCounts)
        return self._api.facets(self._checked(DeliveryCounts, own), from_parameters(terms))

    def histogram(self, query: Query) -> Json:
        return self._api.histogram(from_parameters(query.items()))

    def tail(self, query: Query) -> Json:
        own, terms = apart(query.items(), DeliveryTail)
        return self._tail.tail(self._checked(DeliveryTail, own), from_parameters(terms))

    @contextmanager
    def export(self, query: Query) -> Iterator[Export]:
        own, terms = apart(query.items(), DeliveryExport)
        yield self._exports.export(self._checked(DeliveryExport, own), from_parameters(terms))

    def lag(self, query: Query) -> Json:
        return self._api.lag(from_parameters(query.items()))
