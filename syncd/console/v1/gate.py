"""The routes of /v1, each behind the gate with the permit that its table gives it, and read as it is declared."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console import row_numbers
from syncd.console.bearer import Gate, Handler
from syncd.console.contract.declared import OPERATIONS
from syncd.console.contract.once import doing_once
from syncd.console.contract.reading import reading
from syncd.console.logbook import Logbook
from syncd.console.parts import Parts
from syncd.console.permits import API
from syncd.console.v1.access import AccessApi
from syncd.console.v1.actions import ActionsApi
from syncd.console.v1.alerts import AlertsApi
from syncd.console.v1.arrivals import ArrivalsApi
from syncd.console.v1.audit import AuditApi
from syncd.console.v1.authorising import AuthorisingApi
from syncd.console.v1.bundles import BundlesApi
from syncd.console.v1.cases import CasesApi
from syncd.console.v1.checks import ChecksApi
from syncd.console.v1.conflicts import ConflictsApi
from syncd.console.v1.connection_log import ConnectionLogApi
from syncd.console.v1.connectors import ConnectorsApi
from syncd.console.v1.deliveries import DeliveriesApi
from syncd.console.v1.evidence import EvidenceApi
from syncd.console.v1.export import ExportApi
from syncd.console.v1.integrations import IntegrationsApi
from syncd.console.v1.joining import JoiningApi
from syncd.console.v1.links import LinksApi
from syncd.console.v1.making_connectors import MakingConnectorsApi
from syncd.console.v1.mappings import MappingsApi
from syncd.console.v1.notices import NoticesApi
from syncd.console.v1.presets import PresetsApi
from syncd.console.v1.repairs import RepairsApi
from syncd.console.v1.replays import ReplaysApi
from syncd.console.v1.routes import RoutesApi
from syncd.console.v1.status import StatusApi
from syncd.console.v1.tail import TailApi
from syncd.console.v1.views import ViewsApi
from syncd.console.v1.webhooks import WebhooksApi
from syncd.console.v1.why import WhyApi


def routes(parts: Parts) -> list[Route]:
    row_numbers.make_known()
    gate, logbook = Gate(parts.api_token, parts.database), Logbook(parts.database)
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
        MakingConnectorsApi(parts.setup),
        MappingsApi(parts.database, lambda: parts.connections, parts.setup),
        ChecksApi(parts.database),
        DeliveriesApi(parts.database),
        WhyApi(parts.database, lambda: parts.connections, parts.clock, parts.public_url, parts.prover),
        AuditApi(parts.database),
        ArrivalsApi(parts.database),
        StatusApi(parts.database, parts.connections.vault, parts.channels),
        ExportApi(parts.database, parts.parquet_turn),
        TailApi(parts.database),
        ViewsApi(parts.database),
        ReplaysApi(parts.database, parts.connections, parts.ring),
        RoutesApi(parts.database, parts.cases, lambda: parts.connections),
        PresetsApi(parts.database, parts.cases, lambda: parts.connections, parts.clock),
        RepairsApi(parts.database, lambda: parts.connections, parts.clock),
        AccessApi(parts.database),
        EvidenceApi(parts.answers()),
        BundlesApi(parts.desk(), lambda: parts.connections.vault),
        NoticesApi(parts.database, parts.channels),
        ActionsApi(parts.database),
    ):
        for (method, path), handler in api.handlers().items():
            declared = OPERATIONS.get((method, path))
            permit = None if declared is None else API.get(declared.place)
            once = doing_once(parts.database, declared, handler)
            if declared is None or not (declared.is_write or declared.takes_out):
                guarded = gate.only(permit, reading(declared, once))
            else:
                logged = logbook.begins(once) if declared.is_write else once
                guarded = gate.only(permit, reading(declared, logged), f"{method} {declared.address}")
            by_path.setdefault(path, {})[method] = guarded
    # One route for each path, so that a wrong method is told all the right ones.
    return [Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in by_path.items()]


def _by_method(handlers: Mapping[str, Handler]) -> Handler:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return endpoint
