"""POST /v1/connectors: one is made, on an account or by a service key, which comes in the body and is told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining.connectors import Made, add_connector
from syncd.connections.joining.paths import BIDIRECTIONAL, refuse_what_does_not_fit
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.console.bearer import Handler
from syncd.console.bodies import AddConnector
from syncd.console.intake import carried
from syncd.console.told_connectors import made_known
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class MakingConnectorsApi:
    setup: Callable[[], Setup]  # it needs the master key

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", "/v1/connectors"): self._add}

    async def _add(self, request: Request) -> Response:
        body = carried(request, AddConnector)
        return JSONResponse(await run_in_threadpool(self.add, body), 201)

    def add(self, body: AddConnector) -> Json:
        secret = body.secret.get_secret_value()
        given = {
            "--integration": body.integration,
            "--service": body.service,
            "--service-name": body.service_name,
            "--where": body.where,
            "--secret": secret,
            "--also": " ".join(body.also),
        }
        refuse_what_does_not_fit(body.path, given)
        setup = self.setup()
        return made_known(
            setup, _on_account(setup, body) if body.path == BIDIRECTIONAL else _by_key(setup, body, secret)
        )


def _on_account(setup: Setup, body: AddConnector) -> Made:
    return add_connector(
        setup,
        body.name,
        integration=body.integration,
        service=body.service,
        case_system=body.cases,
        priorities=body.priorities,
        policy=body.policy,
        by=body.by,
        also=body.also,
    )


def _by_key(setup: Setup, body: AddConnector, secret: str) -> Made:
    return add_service_key(
        setup,
        body.name,
        key=secret,
        service_name=body.service_name,
        case_system=body.cases,
        where=body.where or "us",
        priorities=body.priorities,
        policy=body.policy,
        by=body.by,
    )
