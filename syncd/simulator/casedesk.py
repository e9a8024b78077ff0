"""A second, independent case system as one object: it speaks syncd's case API and sends signed hooks."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Self

import httpx
from starlette.types import ASGIApp

from syncd.clock import Clock
from syncd.simulator.asgi import DoorApp, DoorTransport
from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.cases import Cases
from syncd.simulator.control import PREFIX, Act, ControlledApp, Controls
from syncd.simulator.courier import Courier
from syncd.simulator.desk_api import DeskApi, shown
from syncd.simulator.desk_hooks import DeskHooks
from syncd.simulator.door import Door
from syncd.simulator.faults import Faults
from syncd.simulator.ids import Ids
from syncd.simulator.journal import Journal
from syncd.simulator.routing import Route, route
from syncd.simulator.switches import Carriage, DeskSwitches

TOKEN = "desk-demo-token"  # noqa: S105 - well known on purpose: it opens nothing real
HOOK_SECRET = "whsec_c3luY2Qgc2ltdWxhdGVkIGNhc2UgZGVzayBzZWNyZXQ="  # noqa: S105 - the same
URL = "http://127.0.0.1:8092"


class CaseDesk:
    """People work on it through `cases` (in the same process) or the HTTP API; close it to end the courier's threads."""

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        hook_url: str | None = None,
        hook_secret: str = HOOK_SECRET,
        token: str = TOKEN,
        url: str = URL,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        time, dice = clock or Clock(), Random(seed)  # noqa: S311 - faults must repeat with the seed
        self.token, self.carriage, self.switches = token, Carriage(), DeskSwitches()
        self.journal, self.faults = Journal(), Faults(Random(seed + 2), time)  # noqa: S311 - the same
        self.hooks = DeskHooks(time, Ids(seed), self.switches, url=hook_url, secrets=[hook_secret])
        self.courier = Courier(self.hooks, self.carriage, self.journal, time, dice, verify=verify)
        self.hooks.courier = self.courier
        self.cases = Cases(time, url, self.hooks, reopens_closed=lambda: self.switches.reopens_closed)
        self.api = DeskApi(self.cases, self.switches, token)
        self.door = Door(self.api, self.faults, self.journal, time, Ids(seed + 1))
        controls = Controls((self.carriage, self.switches), self.faults, self.journal, self.courier)
        self.app: ASGIApp = ControlledApp(DoorApp(self.door), (*controls.routes(), *self._routes()))

    def _routes(self) -> tuple[Route[Act], ...]:
        return (route("GET", f"{PREFIX}/state", self._state), route("PUT", f"{PREFIX}/hook", self._set_hook))

    def _state(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        with self.cases.lock:
            return answer(
                200, {"revision": self.api.revision, "cases": [shown(it) for it in self.cases.cases.values()]}
            )

    def _set_hook(self, asked: Asked, _path: dict[str, str]) -> Answer:
        """Where hooks go; without a url none are sent."""
        body: Json = asked.json()
        self.hooks.url = body["url"]
        if "secrets" in body:
            self.hooks.secrets = [str(secret) for secret in body["secrets"]]
        return answer(204)

    def transport(self, pass_time: Callable[[float], None] | None = None) -> httpx.BaseTransport:
        """The API without a socket, for runs in simulated time."""
        return DoorTransport(self.door, pass_time)

    def close(self) -> None:
        self.courier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
