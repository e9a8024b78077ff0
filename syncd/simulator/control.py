"""HTTP control of a running simulator under /_sim/: switches, faults, journals and held webhooks, for any simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.simulator import switches
from syncd.simulator.asgi import DoorApp, asked_of, show
from syncd.simulator.asked import Answer, Asked, Json, NotJson, answer
from syncd.simulator.courier import Courier
from syncd.simulator.faults import Faults, WrongFault, fault_of
from syncd.simulator.hosts import is_loopback
from syncd.simulator.journal import Journal
from syncd.simulator.refusals import Refused, Unknown
from syncd.simulator.routing import Route, find, route
from syncd.simulator.switches import Group, UnknownSwitch

PREFIX = "/_sim"
ORDERS = ("given", "reversed", "shuffled")

Act = Callable[[Asked, dict[str, str]], Answer]


@dataclass(frozen=True, slots=True)
class Controls:
    """What every simulator has to turn and to show."""

    groups: tuple[Group, ...]
    faults: Faults
    journal: Journal
    courier: Courier

    def routes(self) -> tuple[Route[Act], ...]:
        return (
            route("GET", f"{PREFIX}/switches", self._switches),
            route("PATCH", f"{PREFIX}/switches", self._change),
            route("GET", f"{PREFIX}/faults", self._faults),
            route("POST", f"{PREFIX}/faults", self._lay),
            route("DELETE", f"{PREFIX}/faults", self._clear_faults),
            route("GET", f"{PREFIX}/requests", self._requests),
            route("GET", f"{PREFIX}/webhooks", self._webhooks),
            route("DELETE", f"{PREFIX}/journal", self._clear_journal),
            route("POST", f"{PREFIX}/release", self._release),
        )

    def _switches(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        return answer(200, switches.read(*self.groups))

    def _change(self, asked: Asked, _path: dict[str, str]) -> Answer:
        switches.change(asked.json(), *self.groups)
        return answer(200, switches.read(*self.groups))

    def _faults(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        return answer(200, {"faults": self.faults.standing()})

    def _lay(self, asked: Asked, _path: dict[str, str]) -> Answer:
        self.faults.lay(fault_of(asked.json()))
        return answer(201, {"faults": self.faults.standing()})

    def _clear_faults(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        self.faults.clear()
        return answer(204)

    def _requests(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        return answer(200, {"requests": self.journal.requests_shown()})

    def _webhooks(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        return answer(200, {"webhooks": self.journal.deliveries_shown(), "held": self.courier.held()})

    def _clear_journal(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        self.journal.clear()
        return answer(204)

    def _release(self, asked: Asked, _path: dict[str, str]) -> Answer:
        """Held webhooks set out; later ones are held only if the switch stays on."""
        order = asked.json().get("order", "given")
        if order not in ORDERS:
            return wrong(f"The order is one of {', '.join(ORDERS)}.")
        return answer(200, {"released": self.courier.release(order)})


def wrong(sentence: str, status: int = 400) -> Answer:
    body: Json = {"error": sentence}
    return answer(status, body)


class ControlledApp:
    """The simulator's door, with its control beside it. Control answers only to this machine's own names."""

    def __init__(self, door: DoorApp, routes: Iterable[Route[Act]]) -> None:
        self._door: ASGIApp = door
        self._routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{PREFIX}/"):
            await self._door(scope, receive, send)
            return
        await show(self.control(await asked_of(Request(scope, receive))), send)

    def control(self, asked: Asked) -> Answer:
        if not is_loopback(_host(asked)):
            return wrong("The simulator's control answers only to 127.0.0.1, ::1 and localhost.", 403)
        found = find(self._routes, asked)
        if found is None:
            return wrong(f"There is no such control. There are {', '.join(one.shown for one in self._routes)}.", 404)
        act, path = found
        try:
            return act(asked, path)
        except Refused as refused:
            return refused.answer()
        except Unknown as error:
            return wrong(str(error), 404)
        except KeyError as error:
            return wrong(
                f"The body of this control has to name {error.args[0]!r}; `syncd sim --help` shows what each takes."
            )
        except (NotJson, UnknownSwitch, WrongFault, TypeError) as error:
            return wrong(f"This control does not take that body: {error}.")


def _host(asked: Asked) -> str:
    """A page of another origin may reach this port, but not under this name."""
    host = asked.header("host") or ""
    return host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
