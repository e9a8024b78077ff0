"""Rules and presets for commands: those of the local database, or of a daemon's /v1. Both give the same JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Json = dict[str, Any]
Query = Mapping[str, str]


class RoutingReach(Protocol):
    def rules(self) -> list[Json]: ...

    def add_rule(self, fields: Json) -> Json: ...

    def act_on_rule(self, name: str, act: str, fields: Json) -> Json:
        """`act` is the last part of the address of /v1/routes/{name}/{act}."""

    def explain(self, query: Query) -> Json: ...

    def take_over(self, fields: Json) -> Json: ...

    def export(self) -> Json: ...

    def presets(self) -> list[Json]: ...

    def add_preset(self, fields: Json) -> Json: ...

    def remove_preset(self, name: str, fields: Json) -> Json: ...

    def preview(self, query: Query) -> Json: ...
