"""What stands between us and a daemon elsewhere: no token, a wrong one, nobody there, somebody else there."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from syncd.simulator.server import serve

from .conftest import Syncd


def test_the_token_comes_from_the_environment(syncd: Syncd, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert syncd("cases", "list", "--server", elsewhere).code == 0
    monkeypatch.setenv("SYNCD_TOKEN", "wröng")
    wrong = syncd("cases", "list", "--server", elsewhere)
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "syncd: The bearer token is missing or wrong. See SYNCD_TOKEN.\n"
    monkeypatch.delenv("SYNCD_TOKEN")
    assert "SYNCD_TOKEN is not set" in syncd("cases", "list", "--server", elsewhere).err


@pytest.mark.parametrize(("server", "code"), [("http://127.0.0.1:1", 3), ("syncd.test", 2), ("ftp://syncd.test", 2)])
def test_an_address_where_nobody_is(syncd: Syncd, monkeypatch: pytest.MonkeyPatch, server: str, code: int) -> None:
    monkeypatch.setenv("SYNCD_TOKEN", "x")
    ended = syncd("deliveries", "list", "--server", server)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("syncd: ")
    assert server in ended.err


@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_address_where_somebody_else_is(syncd: Syncd, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("SYNCD_TOKEN", "x")

    async def other(_: object) -> PlainTextResponse:
        return PlainTextResponse("hello", status)

    with serve(Starlette(routes=[Route("/{path:path}", other)])) as url:
        ended = syncd("links", "list", "--server", url)
    assert (ended.code, ended.out) == (3, "")
    assert "not as syncd does; check --server" in ended.err


@pytest.mark.parametrize(
    ("status", "problem", "code"),
    [
        (502, "SYN-FAR-REFUSED", 2),
        (503, "SYN-FAR-BUSY", 2),
        (500, "SYN-API-KEYS", 2),
        (503, "SYN-API-AWAY", 3),
        (503, "SYN-PAG-NETWORK", 3),
        (502, "SYN-PAG-SENDER", 2),
    ],
)
def test_an_error_elsewhere_ends_as_it_would_here(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch, status: int, problem: str, code: int
) -> None:
    monkeypatch.setenv("SYNCD_TOKEN", "x")

    async def refuses(_: object) -> JSONResponse:
        told = {"detail": "It is refused; ask again.", "code": problem}
        return JSONResponse(told, status, media_type="application/problem+json")

    with serve(Starlette(routes=[Route("/{path:path}", refuses)])) as url:
        ended = syncd("links", "list", "--server", url)
    assert (ended.code, ended.err) == (code, "syncd: It is refused; ask again.\n")
