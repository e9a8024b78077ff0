"""Rules and presets of a daemon elsewhere, over its /v1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from .reach_routing import Json, Query

Ask = Callable[..., Any]  # method, path, and what goes with it; the JSON of the answer


class RemoteRouting:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def rules(self) -> list[Json]:
        return list(self._ask("GET", "/v1/routes")["routes"])

    def add_rule(self, fields: Json) -> Json:
        return dict(self._ask("POST", "/v1/routes", json=fields))

    def act_on_rule(self, name: str, act: str, fields: Json) -> Json:
        return dict(self._ask("POST", f"/v1/routes/{quote(name, safe='')}/{act}", json=fields))

    def explain(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/routes/explain", params=query))

    def take_over(self, fields: Json) -> Json:
        return dict(self._ask("POST", "/v1/routes/import", json=fields))

    def export(self) -> Json:
        return dict(self._ask("GET", "/v1/routes/export"))

    def presets(self) -> list[Json]:
        return list(self._ask("GET", "/v1/presets")["presets"])

    def add_preset(self, fields: Json) -> Json:
        return dict(self._ask("POST", "/v1/presets", json=fields))

    def remove_preset(self, name: str, fields: Json) -> Json:
        return dict(self._ask("POST", f"/v1/presets/{quote(name, safe='')}/remove", json=fields))

    def preview(self, query: Query) -> Json:
        return dict(self._ask("GET", "/v1/presets/preview", params=query))
