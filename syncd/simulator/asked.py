"""One request and one answer as plain values, so that the same behaviour serves ASGI, an httpx transport and tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]  # JSON at the very edge: what a body holds before it is looked at.

JSON_TYPE = "application/json"
NOT_AN_OBJECT = "it must be a JSON object"


class NotJson(ValueError):
    """The body is not a JSON object."""


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    @property
    def target(self) -> str:
        return f"{self.path}?{self.raw_query}" if self.raw_query else self.path

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.raw_query, keep_blank_values=True)

    def one(self, name: str) -> str | None:
        return next((value for key, value in self.pairs() if key == name), None)

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs() if key == f"{name}[]")

    def json(self) -> Json:
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise NotJson(NOT_AN_OBJECT) from error
        if not isinstance(value, dict):
            raise NotJson(NOT_AN_OBJECT)
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, more: Mapping[str, str]) -> Answer:
        return Answer(self.status, self.body, {**self.headers, **more})

    def json(self) -> Json:
        value: Json = json.loads(self.body)
        return value


def answer(status: int, value: Any = None) -> Answer:  # noqa: ANN401 - any JSON value may be an answer
    if value is None:
        return Answer(status)
    return Answer(status, encode(value), {"content-type": f"{JSON_TYPE}; charset=utf-8"})


def encode(value: Any) -> bytes:  # noqa: ANN401 - any JSON value may be encoded
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
