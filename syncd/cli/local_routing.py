"""Rules and presets of the local database, with the same answers as /v1 gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from pydantic import BaseModel

from syncd.console.bodies import (
    AddPreset,
    AddRule,
    ImportRules,
    MoveRule,
    RemovePreset,
    RemoveRule,
)
from syncd.console.queries import ExplainQuery, PreviewQuery
from syncd.console.v1.presets import PresetsApi
from syncd.console.v1.routes import RoutesApi

from .reach_routing import Json, Query

Model = TypeVar("Model", bound=BaseModel)


class Valid(Protocol):
    """Raises Misconfigured for what /v1 would not take."""

    def __call__(self, model: type[Model], fields: Mapping[str, object]) -> Model: ...


class LocalRouting:
    def __init__(self, routes: RoutesApi, presets: PresetsApi, valid: Valid) -> None:
        self._routes, self._presets, self._valid = routes, presets, valid

    def rules(self) -> list[Json]:
        return self._routes.found()

    def add_rule(self, fields: Json) -> Json:
        return self._routes.add(self._valid(AddRule, fields))

    def act_on_rule(self, name: str, act: str, fields: Json) -> Json:
        if act == "move":
            return self._routes.move(name, self._valid(MoveRule, fields))
        return self._routes.remove(name, self._valid(RemoveRule, fields))

    def explain(self, query: Query) -> Json:
        return self._routes.explain(self._valid(ExplainQuery, query))

    def take_over(self, fields: Json) -> Json:
        return self._routes.take_over(self._valid(ImportRules, fields))

    def export(self) -> Json:
        return self._routes.export()

    def presets(self) -> list[Json]:
        return self._presets.found()

    def add_preset(self, fields: Json) -> Json:
        return self._presets.add(self._valid(AddPreset, fields))

    def remove_preset(self, name: str, fields: Json) -> Json:
        return self._presets.remove(name, self._valid(RemovePreset, fields))

    def preview(self, query: Query) -> Json:
        return self._presets.preview(self._valid(PreviewQuery, query))
