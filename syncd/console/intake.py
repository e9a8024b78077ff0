"""Reading what a request carries, within limits of size and time, and checking it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import ClientDisconnect, Request

from syncd.core.permissions import Caller
from syncd.core.query.address import from_parameters
from syncd.core.query.terms import Query
from syncd.store.cases import clean

from .problem import Fault, Problem

MOST_BYTES = 512 * 1024
SECONDS = 10.0

Model = TypeVar("Model", bound=BaseModel)


async def read(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > MOST_BYTES:
        raise _too_large()
    taken = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for piece in request.stream():
                taken += piece
                if len(taken) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError as error:
        raise Problem(408, f"The body did not arrive within {SECONDS:.0f} s.", headers=_CLOSE) from error
    except ClientDisconnect as error:
        raise Problem(400, "The client went away before its body had arrived.") from error
    return bytes(taken)


_CLOSE = {"Connection": "close"}


def _too_large() -> Problem:
    return Problem(413, f"The body is larger than {MOST_BYTES // 1024} KiB.", headers=_CLOSE)


def carried(request: Request, model: type[Model]) -> Model:
    """What the gate has read by the route's declaration. Whoever asks for something else than is declared gets nothing."""
    given = request.state.carried
    if not isinstance(given, model):
        raise TypeError(f"{request.url.path} is declared to carry {type(given).__name__}, and not {model.__name__}.")
    return given


def asked_for(request: Request) -> Query:
    """The query that the gate has read beside what is `carried`."""
    terms: Query = request.state.terms
    return terms


async def json_sent(request: Request, model: type[BaseModel]) -> bytes:
    """Of the right media type, and not nothing."""
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "The body must be application/json.")
    body = await read(request)
    if not body.strip():
        raise Problem(422, f"The request has no body; send a JSON object {_fields(model)}.")
    return body


def body_of(request: Request, model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(_signed(request, model, body))
    except ValidationError as error:
        raise _not_valid(error) from error


def _signed(request: Request, model: type[BaseModel], body: bytes) -> bytes:
    """Who did it is whose token it was, whatever the body says; only this machine's own token may speak for others."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or caller.may_name_others or "by" not in model.model_fields:
        return body
    try:
        given = from_json(body)
    except ValueError:
        return body  # Whoever validates it says what is wrong.
    return json.dumps({**given, "by": caller.name}).encode() if isinstance(given, dict) else body


def _fields(model: type[BaseModel]) -> str:
    """Which it needs, and which it takes."""
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    free = [name for name in model.model_fields if name not in needed]
    return f"with {' and '.join(needed)}" + (f" (and, if you like, {', '.join(free)})" if free else "")


def query(request: Request, model: type[Model]) -> Model:
    return valid(request.query_params, model)


def deliveries_asked(request: Request, model: type[Model]) -> tuple[Model, Query]:
    """What the model names is about the list or the count; everything else is the query."""
    own, terms = apart(request.query_params.multi_items(), model)
    return valid(own, model), from_parameters(terms)


def apart(pairs: Iterable[tuple[str, str]], model: type[BaseModel]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    given = list(pairs)
    own = {name: text for name, text in given if name in model.model_fields}
    return own, [(name, text) for name, text in given if name not in own]


def valid(given: Mapping[str, str], model: type[Model]) -> Model:
    """What an address carries, of its path as well."""
    try:
        # Nothing is called what no database stores, and one that is asked for it all the same fails.
        return model.model_validate_strings({name: clean(text) for name, text in given.items()})
    except ValidationError as error:
        raise _not_valid(error) from error


def _not_valid(error: ValidationError) -> Problem:
    faults = faults_of(error)
    return Problem(422, f"The request is not valid: {told(faults)}.", faults=faults)


def faults_of(error: ValidationError) -> list[Fault]:
    """Without the values: they may be anything."""
    found = error.errors(include_url=False, include_input=False)
    return [Fault(".".join(map(str, each["loc"])), _sentence(each)) for each in found]


def _sentence(each: ErrorDetails) -> str:
    """Of a word that is none of ours, those there are."""
    if each["type"] in {"literal_error", "enum"}:
        words = str(each["ctx"]["expected"]).replace("'", "")
        return f"use {words}"
    if each["type"] == "string_too_short" and each["ctx"]["min_length"] == 1:
        return "must not be empty"
    return each["msg"]


def told(faults: Sequence[Fault]) -> str:
    return "; ".join(f"{fault.field}: {fault.sentence}" if fault.field else fault.sentence for fault in faults)


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a plain form; of a repeated one the last. Lines end as they were typed: browsers send CR LF, whatever it was."""
    body = await read(request)
    try:
        sent = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
        return {name: text.replace("\r\n", "\n") for name, text in sent}
    except ValueError as error:
        raise Problem(400, "The form cannot be read.") from error
