"""The OpenAPI document of /v1, written from the declarations that requests are read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from syncd import __version__
from syncd.console.problem import TITLES, ProblemBody
from syncd.core.api_codes import API_CODES
from syncd.core.diagnostics import CATALOGUE
from syncd.core.query.address import WHOLE
from syncd.core.query.fields import FIELDS, TAKES

from .declared import OPERATIONS
from .operation import Answer, Operation

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_ROW_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_NAMED = {"type": "string", "minLength": 1}
#: Every term of the query language is a parameter of its own, and all of them must hold.
_TERMS: Sequence[Json] = [
    {"name": name, "in": "query", "required": False, "description": says, "schema": {"type": "string"}}
    for name, says in (
        (WHOLE, "A whole query, as docs/query.md has it. A field is negated by a minus before its name."),
        *((one.name, f"{one.sentence} It takes {TAKES[one.kind]}.") for one in FIELDS.values()),
    )
]
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, a request is done once and answered alike, for 24 h.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_ABOUT = (
    "Every refusal is problem+json with a sentence that has the cause and the fix, and a code that `GET /v1/codes` explains. "
    "A field that is not declared is refused. The role that a route needs is the action in its `security`."
)


@cache
def document() -> Json:
    schemas, refs = _schemas()
    paths: dict[str, Json] = {}
    for one in OPERATIONS.values():
        paths.setdefault(one.address, {})[one.method.lower()] = _operation(one, refs)
    refused = sorted({status for one in OPERATIONS.values() for status in one.refusals})
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncd", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {f"Refused{status}": _refusal(status) for status in refused},
            "schemas": schemas,
        },
    }


def _schemas() -> tuple[Json, Mapping[type[BaseModel], Json]]:
    models: dict[type[BaseModel], None] = {ProblemBody: None}
    for one in OPERATIONS.values():
        models.update(dict.fromkeys([*([one.body] if one.body else []), *one.answers.values()]))
    keyed, found = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    schemas: Json = dict(sorted(found["$defs"].items()))
    loosened: list[type[BaseModel]] = [ProblemBody, *_answers()]
    for model in loosened:
        _loosen(schemas.get(model.__name__, {}))
    schemas["ProblemBody"]["properties"]["code"]["enum"] = sorted({*API_CODES, *CATALOGUE})
    return schemas, {model: keyed[model, "validation"] for model in models}


def _loosen(schema: Json) -> None:
    """What a later release adds to an answer breaks nobody."""
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]


def _answers() -> set[type[Answer]]:
    """With those they are made of."""
    waiting, found = [Answer], set[type[Answer]]()
    while waiting:
        found |= (fresh := set(waiting.pop().__subclasses__()))
        waiting += fresh
    return found


def _operation(one: Operation, refs: Mapping[type[BaseModel], Json]) -> Json:
    told: Json = {
        "operationId": one.name,
        "summary": one.summary,
        **({"description": one.says} if one.says else {}),
        "tags": [one.noun],
        "security": [{"token": [str(one.permit.action)]}],
        "parameters": [
            *_in_path(one),
            *_in_query(one),
            *(_TERMS if one.is_queried else ()),
            *([_KEY] if one.is_write and not one.makes_anew else ()),
        ],
        "responses": {
            **{str(status): _given(status, refs[answer]) for status, answer in one.answers.items()},
            **({"200": _file(one)} if one.files else {}),
            **{str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in one.refusals},
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": refs[one.body]}}}
    return told


def _in_path(one: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _ROW_NUMBER if kind == "number" else _NAMED}
        for name, kind in one.named
    ]


def _in_query(one: Operation) -> list[Json]:
    schema = one.query.model_json_schema(ref_template=_REF)
    shared = schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": _plain(of, shared)}
        for name, of in schema.get("properties", {}).items()
    ]


def _plain(schema: Json, shared: Json) -> Json:
    """A parameter is there or not, and never null; what it refers to is small enough to stand in its place."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    (kind,) = kinds
    kept = {name: value for name, value in kind.items() if name not in {"title", "default", "$ref"}}
    if "$ref" in kind:
        kept |= {name: value for name, value in shared[kind["$ref"].rpartition("/")[2]].items() if name != "title"}
    default = schema.get("default")
    return {**kept, "default": default} if default not in {None, ""} else kept


def _given(status: int, schema: Json) -> Json:
    return {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": schema}}}


def _file(one: Operation) -> Json:
    told: Json = {"description": "A file", "content": {kind: {"schema": {"type": "string"}} for kind in one.files}}
    headers = {name: {"description": says, "schema": {"type": "string"}} for name, says in one.headers.items()}
    return {**told, "headers": headers} if headers else told


def _refusal(status: int) -> Json:
    told: Json = {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="ProblemBody")}}},
    }
    header = {401: "WWW-Authenticate", 409: "Retry-After", 503: "Retry-After"}.get(status)
    return {**told, "headers": {header: {"schema": {"type": "string"}}}} if header else told
