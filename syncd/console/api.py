"""The routes of /v1, each behind the gate with the permit that its table gives it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import row_numbers
from .api_access import AccessApi
from .api_alerts import AlertsApi
from .api_authorising import AuthorisingApi
from .api_cases import CasesApi
from .api_checks import ChecksApi
from .api_conflicts import ConflictsApi
from .api_connection_log import ConnectionLogApi
from .api_connectors import ConnectorsApi
from .api_deliveries import DeliveriesApi
from .api_integrations import IntegrationsApi
from .api_joining import JoiningApi
from .api_links import LinksApi
from .api_presets import PresetsApi
from .api_repairs import RepairsApi
from .api_replays import ReplaysApi
from .api_routes import RoutesApi
from .api_webhooks import WebhooksApi
from .bearer import Gate, Handler
from .parts import Parts
from .permits import API


def routes(parts: Parts) -> list[Route]:
    row_numbers.make_known()
    gate = Gate(parts.api_token, parts.database)
    by_path: dict[str, dict[str, Handler]] = {}
    for api in (
        CasesApi(parts.cases, parts.database),
        AlertsApi(parts.database, parts.ring),
        LinksApi(parts.database),
        ConflictsApi(parts.database, lambda: parts.connections, parts.ring),
        IntegrationsApi(parts.database),
        ConnectionLogApi(parts.database),
        JoiningApi(parts.setup, parts.public_url),
        WebhooksApi(parts.setup, parts.public_url),
        AuthorisingApi(parts.setup, parts.cases.site),
        ConnectorsApi(parts.database),
        ChecksApi(parts.database),
        DeliveriesApi(parts.database),
        ReplaysApi(parts.database, parts.connections, parts.ring),
        RoutesApi(parts.database, parts.cases, lambda: parts.connections),
        PresetsApi(parts.database, parts.cases, lambda: parts.connections, parts.clock),
        RepairsApi(parts.database, lambda: parts.connections, parts.clock),
        AccessApi(parts.database),
    ):
        for (method, path), handler in api.handlers().items():
            by_path.setdefault(path, {})[method] = gate.only(API.get((method, path)), handler)
    # One route for each path, so that a wrong method is told all the right ones.
    return [Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in by_path.items()]


def _by_method(handlers: Mapping[str, Handler]) -> Handler:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return endpoint
