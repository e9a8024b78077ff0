"""A real receiver of webhooks on loopback: it keeps what comes and answers what it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from syncd.simulator.asked import Json


@dataclass(frozen=True, slots=True)
class Got:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Json:
        value: Json = json.loads(self.body)["event"]
        return value

    @property
    def hook(self) -> Json:
        value: Json = json.loads(self.body)
        return value


@dataclass(slots=True)
class Receiver:
    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)  # statuses of the next tries; then `status`
    status: int = 202
    stalls: int = 0  # so many tries are answered too late
    changed: threading.Condition = field(default_factory=threading.Condition)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        got = Got(dict(request.headers), await request.body())
        with self.changed:
            self.got.append(got)
            status = self.answers.popleft() if self.answers else self.status
            stalls, self.stalls = self.stalls > 0, max(0, self.stalls - 1)
            self.changed.notify_all()
        if stalls:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await Response(status_code=status)(scope, receive, send)

    def wait(self, is_so: Callable[[list[Got]], bool], seconds: float = 5.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: is_so(self.got), seconds), f"only {len(self.got)} webhooks came"

    def wait_for(self, count: int) -> list[Got]:
        self.wait(lambda got: len(got) >= count)
        return list(self.got)

    def event_types(self) -> list[str]:
        return [each.event["event_type"] for each in self.got]


@dataclass(slots=True)
class Mailbox:
    """Hands what comes to the receiver whose address it was sent to."""

    url: str = ""
    boxes: dict[str, Receiver] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.boxes[scope["path"].split("/")[1]](scope, receive, send)

    def empty(self) -> Receiver:
        name = f"box{len(self.boxes)}"
        self.boxes[name] = Receiver(url=f"{self.url}/{name}")
        return self.boxes[name]
