"""Requests of a trial: what is refused is an answer like any other, and only who cannot be reached ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.connections.joining.setup import Setup
from syncd.errors import Postponed, Refused
from syncd.systems.answer import Answer
from syncd.systems.document import Json, pick, pick_list
from syncd.systems.http import Http, Params, segment


@dataclass(frozen=True, slots=True)
class Asking:
    setup: Setup
    http: Http

    def send(self, method: str, path: str, *, json: object = None, params: Params | None = None) -> Answer:
        return self.http.send(self.setup.trip("trial"), method, path, json=json, params=params)

    def tried(self, method: str, path: str, *, json: object = None) -> Answer | Refused | Postponed:
        try:
            return self.send(method, path, json=json)
        except (Refused, Postponed) as refused:
            return refused

    def change(self, ref: str, **fields: object) -> Answer | Refused | Postponed:
        body = {"incident": {"type": "incident_reference", **fields}}
        return self.tried("PUT", incident(ref), json=body)

    def look(self, ref: str) -> Json:
        found = pick(self.send("GET", incident(ref)).document(), "incident")
        return found if isinstance(found, dict) else {}

    def listed(self, path: str, name: str, params: Params | None = None) -> Sequence[object]:
        return pick_list(self.send("GET", path, params=params).document(), name)


def incident(ref: str) -> str:
    return f"/incidents/{segment(ref)}"
