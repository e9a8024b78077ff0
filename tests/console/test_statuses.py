"""Every error of syncd has its answer over HTTP, from one table: none ends as a fault of ours that is none."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd import errors
from syncd.connections.routing.wrong import Wrong
from syncd.console import problem
from syncd.console.statuses import STANDINGS
from syncd.core.api_codes import API_CODES
from syncd.core.diagnostics import CATALOGUE
from syncd.errors import SyncdError
from syncd.flow.access.signing_in import NotNow
from syncd.flow.access.tokens import NoEntry
from syncd.flow.once import UnderWay, Unrepeatable

pytestmark = pytest.mark.anyio
SOURCES = Path(errors.__file__).parent
CODE = re.compile(r'"(SYN-(?:API|FAR|CASE)-[A-Z]+)"')
SAID = "It is wrong; mend it."

RAISED: dict[type[SyncdError], tuple[SyncdError, int, str]] = {
    SyncdError: (SyncdError(SAID), 500, "SYN-API-BROKEN"),
    errors.Misconfigured: (errors.Misconfigured(SAID), 422, "SYN-API-BODY"),
    errors.CannotUnseal: (errors.CannotUnseal(SAID), 500, "SYN-API-KEYS"),
    errors.Unavailable: (errors.Unavailable(SAID), 503, "SYN-API-AWAY"),
    errors.DatabaseAway: (errors.DatabaseAway(SAID), 503, "SYN-API-AWAY"),
    errors.DiskFull: (errors.DiskFull(SAID), 507, "SYN-API-DISK"),
    errors.TakesNoWrites: (errors.TakesNoWrites(SAID), 503, "SYN-API-AWAY"),
    errors.Locked: (errors.Locked(SAID), 503, "SYN-API-AWAY"),
    errors.NotFound: (errors.NotFound(SAID), 404, "SYN-API-NOTFOUND"),
    errors.Conflict: (errors.Conflict(SAID), 409, "SYN-CASE-STATE"),
    errors.SameAccount: (
        errors.SameAccount(SAID, host="globex.pagerduty.com", other="globex"),
        409,
        "SYN-API-CONNECTED",
    ),
    errors.TakesNoAlerts: (errors.TakesNoAlerts(SAID), 409, "SYN-API-ALERTS"),
    errors.PartFailed: (errors.PartFailed(SAID), 500, "SYN-API-BROKEN"),
    errors.Rejected: (errors.Rejected(SAID), 401, "SYN-API-TOKEN"),
    errors.BadSignature: (errors.BadSignature(SAID), 401, "SYN-API-TOKEN"),
    errors.NoSecret: (errors.NoSecret(SAID), 503, "SYN-API-KEYS"),
    errors.Unreadable: (errors.Unreadable(SAID), 400, "SYN-API-BODY"),
    NoEntry: (NoEntry(SAID, "SYN-API-REVOKED"), 401, "SYN-API-REVOKED"),
    NotNow: (NotNow(SAID, 7.2), 429, "SYN-API-SLOWED"),
    UnderWay: (UnderWay(SAID), 409, "SYN-API-UNDERWAY"),
    Unrepeatable: (Unrepeatable(SAID), 409, "SYN-API-ONCE"),
    errors.SideError: (errors.SideError(SAID), 502, "SYN-FAR-FAILED"),
    errors.Unreachable: (errors.Unreachable(SAID), 502, "SYN-FAR-UNREACHABLE"),
    errors.OffLimits: (errors.OffLimits(SAID), 502, "SYN-FAR-OFFLIMITS"),
    errors.Untrusted: (errors.Untrusted(SAID), 502, "SYN-FAR-UNTRUSTED"),
    errors.Ambiguous: (errors.Ambiguous(SAID), 504, "SYN-FAR-SILENT"),
    errors.RateLimited: (errors.RateLimited(SAID, retry_after=7.2), 503, "SYN-FAR-BUSY"),
    errors.Postponed: (errors.Postponed(SAID, reason="busy"), 503, "SYN-FAR-LATER"),
    errors.Unauthorised: (errors.Unauthorised(SAID, status=401), 502, "SYN-FAR-CREDENTIAL"),
    errors.UnknownSender: (errors.UnknownSender(SAID), 502, "SYN-PAG-SENDER"),
    errors.ReadOnly: (errors.ReadOnly(SAID), 502, "SYN-PAG-READONLY"),
    errors.UnknownServiceKey: (errors.UnknownServiceKey(SAID), 502, "SYN-PAG-SERVICE-KEY"),
    errors.GrantRefused: (errors.GrantRefused(SAID), 502, "SYN-FAR-CREDENTIAL"),
    errors.Refused: (errors.Refused(SAID, status=400), 502, "SYN-FAR-REFUSED"),
}


def _kinds(of: type[SyncdError]) -> Iterator[type[SyncdError]]:
    yield of
    for one in of.__subclasses__():
        yield from _kinds(one)


async def _answer(error: SyncdError, path: str = "/v1/it") -> httpx.Response:
    async def broken(_: Request) -> Response:
        raise error

    app = Starlette(routes=[Route(path, broken)], exception_handlers={SyncdError: problem.answer_syncd})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


def test_every_error_of_the_tree_stands_in_the_table_and_is_tried_here() -> None:
    tree = {one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, SyncdError)}
    assert tree <= set(STANDINGS)
    assert set(STANDINGS) == set(RAISED)
    ours = {one for one in _kinds(SyncdError) if one.__module__.startswith("syncd.")}
    assert {next(kind for kind in one.__mro__ if kind in STANDINGS) for one in ours} == set(STANDINGS)


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
async def test_an_error_becomes_its_status_and_says_its_sentence(kind: type[SyncdError]) -> None:
    error, status, code = RAISED[kind]
    answer = await _answer(error)
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    is_ours = code == "SYN-API-BROKEN"
    assert told["detail"] == ("syncd itself failed on this; the log has the traceback." if is_ours else SAID)
    waits = {429: "8", 503: "8" if kind is errors.RateLimited else "5", 409: "1" if kind is UnderWay else None}.get(
        status
    )
    assert answer.headers.get("retry-after") == waits
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


def test_every_code_that_an_answer_may_have_is_explained() -> None:
    found = {code for file in SOURCES.rglob("*.py") for code in CODE.findall(file.read_text(encoding="utf-8"))}
    assert len(found) > 25
    assert found <= {*API_CODES, *CATALOGUE}


async def test_an_error_that_has_a_code_of_its_own_answers_with_it() -> None:
    answer = await _answer(errors.Unavailable(SAID, explained_by="SYN-PAG-NETWORK"))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "SYN-PAG-NETWORK", "5")


async def test_a_rule_that_is_wrong_names_its_field() -> None:
    answer = await _answer(Wrong("title", "this is to be a text"))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "The request is not valid: title: this is to be a text."
    assert answer.json()["errors"] == [{"field": "title", "detail": "this is to be a text."}]


async def test_a_page_says_it_in_plain_words() -> None:
    answer = await _answer(errors.NotFound(SAID), "/cases/nothing")
    assert (answer.status_code, answer.text) == (404, SAID)


def test_an_option_of_a_command_is_a_field_to_whoever_asks_over_http() -> None:
    said = "Say so by --consent; name one by --act-as-person, see `syncd integrations set acme --email ADDRESS`--where -- x--y."
    assert problem.by_fields(said) == (
        "Say so by consent; name one by act_as_person, see `syncd integrations set acme --email ADDRESS`where -- x--y."
    )
