"""The OpenAPI document as people read it: routes by noun, with what each needs, takes, answers and refuses. Nothing is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .document import document

Json = Mapping[str, Any]
_SEVERAL = 3
_DEEPEST = 3  # of an answer in an answer; what is deeper has the name of its kind
_KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
_FORMATS = {"date-time": "date and time", "password": "secret text"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    is_required: bool
    says: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    fields: Sequence[Field]
    file: str = ""  # the media types, where it is one


@dataclass(frozen=True, slots=True)
class Refusal:
    status: str
    title: str


@dataclass(frozen=True, slots=True)
class RouteTold:
    method: str
    address: str
    summary: str
    says: str
    action: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    answers: Sequence[Answer]
    refusals: Sequence[Refusal]

    @property
    def anchor(self) -> str:
        words = "".join(one if one.isalnum() else " " for one in self.address).split()
        return "-".join([self.method.lower(), *words])


@dataclass(frozen=True, slots=True)
class Noun:
    routes: Sequence[RouteTold]
    shared: Sequence[Field]  # parameters that several of them take alike, such as the terms of a query


@cache
def reference() -> Mapping[str, Noun]:
    told = document()
    found: dict[str, list[RouteTold]] = {}
    for address, methods in told["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_route(told, method.upper(), address, operation))
    return {noun: _noun(routes) for noun, routes in sorted(found.items())}


def _noun(routes: Sequence[RouteTold]) -> Noun:
    counted = Counter(one for route in routes for one in route.parameters)
    shared = [one for one, count in counted.items() if count >= _SEVERAL and not one.is_required]
    return Noun([replace(one, parameters=[it for it in one.parameters if it not in shared]) for one in routes], shared)


def _route(told: Json, method: str, address: str, operation: Json) -> RouteTold:
    body = operation.get("requestBody")
    answers, refusals = [], []
    for status, answer in operation["responses"].items():
        if "$ref" in answer:
            refusals.append(Refusal(status, _meant(told, answer)["description"]))
        else:
            answers.append(_answer(told, status, answer))
    return RouteTold(
        method,
        address,
        operation["summary"],
        operation.get("description", ""),
        operation["security"][0]["token"][0],
        [_parameter(told, one) for one in operation["parameters"]],
        list(_fields(told, body["content"]["application/json"]["schema"])) if body else [],
        answers,
        refusals,
    )


def _parameter(told: Json, one: Json) -> Field:
    return Field(one["name"], _kind(told, one["schema"]), one["required"], one.get("description", ""))


def _answer(told: Json, status: str, answer: Json) -> Answer:
    given = answer["content"].get("application/json")
    if given is None:
        return Answer(status, [], ", ".join(answer["content"]))
    return Answer(status, list(_fields(told, given["schema"])))


def _fields(told: Json, schema: Json, before: str = "", depth: int = 1) -> Iterator[Field]:
    """Those of an object, and of the objects and lists of objects in it."""
    it = _meant(told, schema)
    for name, each in it.get("properties", {}).items():
        yield Field(f"{before}{name}", _kind(told, each), name in it.get("required", []), each.get("description", ""))
        inner, mark = _object_in(told, each)
        if inner is not None and depth < _DEEPEST:
            yield from _fields(told, inner, f"{before}{name}{mark}", depth + 1)


def _object_in(told: Json, schema: Json) -> tuple[Json | None, str]:
    """What has fields of its own, and how their names go on."""
    for one in schema.get("anyOf", [schema]):
        it = _meant(told, one)
        if it.get("type") == "array" and _meant(told, it.get("items", {})).get("properties"):
            return it["items"], "[]."
        if it.get("properties"):
            return it, "."
    return None, ""


def _kind(told: Json, schema: Json) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(told, one) for one in schema["anyOf"]))
    it = _meant(told, schema)
    if "enum" in it or "const" in it:
        return f"one of {', '.join(map(str, it.get('enum', [it.get('const')])))}"
    if it.get("type") == "array":
        return f"list of {_plural(_kind(told, it.get('items', {})))}"
    if it.get("type") == "object":
        return "object"
    kind = _FORMATS.get(it.get("format", ""), _KINDS.get(it.get("type", ""), "anything"))
    return kind + _bounds(it) + _default(schema)


def _plural(kind: str) -> str:
    return "objects" if kind == "object" else kind


def _bounds(it: Json) -> str:
    least, most = it.get("minimum", it.get("exclusiveMinimum")), it.get("maximum")
    if most is not None and most < 10**15:
        return f", {least if least is not None else 'up'} to {most}"
    longest = it.get("maxLength")
    return f", up to {longest} characters" if longest else ""


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in {None, ""} or isinstance(default, list | dict) else f"; {default} unless named"


def _meant(told: Json, schema: Json) -> Json:
    """What a reference leads to."""
    found = schema
    while "$ref" in found:
        *_, kind, name = found["$ref"].split("/")
        found = told["components"][kind][name]
    return found
