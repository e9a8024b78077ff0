"""Counting the deliveries of a daemon elsewhere, over its /v1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from syncd.errors import SyncdError

from .reach_audit import Export, Json, Query, Sent
from .remote_routing import Ask

Stream = Callable[[str, Query], AbstractContextManager[httpx.Response]]  # a path and what is asked for there


@dataclass(frozen=True, slots=True)
class _Coming:
    rows: int
    pieces: Iterator[bytes]
    action: int | None
    ask: Ask

    def sent(self) -> Sent:
        if self.action is None:
            return Sent(why_not="it is of an older release, which keeps no digest")
        try:
            it = self.ask("GET", f"/v1/deliveries/export/{self.action}")
        except SyncdError as error:
            return Sent(why_not=str(error).rstrip("."))
        if it["outcome"] == "done" and it["taken"]:
            return Sent(it["taken"]["sha256"])
        return Sent(why_not=f"its action {self.action} is {it['outcome']}")


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
            told = answer.headers
            number = told.get("x-syncd-action", "")
            action = int(number) if number.isdecimal() else None
            yield _Coming(int(told.get("x-syncd-rows", "0")), answer.iter_bytes(), action, self._ask)
