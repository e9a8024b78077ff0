"""Where a request came from: of a proxy it is believed only where one is said to stand before."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.receiver.limits import Tally
from tests.receiver.site import running


async def _address(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client else "")


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ({}, "127.0.0.1"),
        ({"console_url": "http://localhost:8082"}, "127.0.0.1"),
        ({"public_url": "http://127.0.0.1:8080"}, "127.0.0.1"),
        ({"console_url": "https://syncd.example.com"}, "192.0.2.7"),
        ({"public_url": "https://syncd.example.com"}, "192.0.2.7"),
    ],
)
def test_what_a_peer_on_this_machine_says_is_believed_only_of_a_proxy(told: dict[str, str], believed: str) -> None:
    with running(Starlette(routes=[Route("/", _address)]), Tally(Clock()), **told) as port:
        claimed = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}
        assert httpx.get(f"http://127.0.0.1:{port}/", headers=claimed, trust_env=False).text == believed
