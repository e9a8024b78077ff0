"""/v1/alerts: an alert is sent to a service key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.bodies import SendAlert
from syncd.console.intake import carried
from syncd.console.problem import Problem
from syncd.console.within import caller_of, require_named
from syncd.core.alert import record_of
from syncd.flow.orders import alerting
from syncd.store.database import Database
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class AlertsApi:
    database: Database
    ring: Callable[[Sequence[int]], object]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", "/v1/alerts"): self._send}

    async def _send(self, request: Request) -> Response:
        body = carried(request, SendAlert)
        require_named(caller_of(request), body.connector)  # Its account has its name.
        key = request.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= 255:
            raise Problem(422, "An Idempotency-Key has 1 to 255 characters.", code="SYN-API-IDEMPOTENCY")
        sent = await run_in_threadpool(self.send, body, key)
        return JSONResponse(sent, 202 if sent["is_new"] else 200)

    def send(self, body: SendAlert, idempotency_key: str | None) -> Json:
        links = tuple((one.text or one.href, one.href) for one in body.links)
        order = alerting.Order(
            body.connector,
            body.action,
            body.by,
            body.summary,
            body.severity,
            body.dedup_key,
            body.source,
            body.details,
            links,
        )
        done = alerting.send(self.database, order, idempotency_key)
        if done.is_new:
            self.ring([done.shard])
        return {
            "connector": body.connector,
            "action": body.action,
            "dedup_key": done.dedup_key,
            "record": record_of(body.connector, done.dedup_key),
            "is_new": done.is_new,
        }
