"""Counting the deliveries of a daemon elsewhere, over its /v1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from .reach_audit import Export, Json, Query
from .remote_routing import Ask

Stream = Callable[[str, Query], AbstractContextManager[httpx.Response]]  # a path and what is asked for there


@dataclass(frozen=True, slots=True)
class _Coming:
    rows: int
    pieces: Iterator[bytes]


class RemoteAudit:
    def __init__(self, ask: Ask, stream: Stream) -> None:
        self._ask, self._stream = ask, stream

    def facets(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/deliveries/facets", params=query))

    def histogram(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/deliveries/histogram", params=query))

    def lag(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/deliveries/lag", params=query))

    def tail(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/deliveries/tail", params=query))

    def views(self, by: str) -> list[Json]:
        return list(self._ask("GET", "/v1/views", params={"by": by})["views"])

    def save_view(self, fields: Json) -> Json:
        return dict(self._ask("POST", "/v1/views", json=fields))

    def remove_view(self, name: str, fields: Json) -> Json:
        return dict(self._ask("DELETE", f"/v1/views/{quote(name, safe='')}", json=fields))

    @contextmanager
    def export(self, query: Query) -> Iterator[Export]:
        with self._stream("/v1/deliveries/export", query) as answer:
            yield _Coming(int(answer.headers.get("x-syncd-rows", "0")), answer.iter_bytes())
