"""/v1/connectors: what cases are sent by, and how one is removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining.connectors import badge
from syncd.console.bearer import Handler
from syncd.console.bodies import RemoveConnector
from syncd.console.intake import carried
from syncd.console.within import caller_of, require_named
from syncd.errors import NotFound
from syncd.flow.accounts import cure
from syncd.flow.orders import removing_connector
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class ConnectorsApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/connectors"): self._list,
            ("DELETE", "/v1/connectors/{name}"): self._remove,
        }

    async def _list(self, request: Request) -> Response:
        found = await run_in_threadpool(self.found)
        mine = [one for one in found if caller_of(request).reaches(one["integration"])]
        return JSONResponse({"connectors": mine})

    async def _remove(self, request: Request) -> Response:
        body, name = carried(request, RemoveConnector), request.path_params["name"]
        require_named(caller_of(request), await run_in_threadpool(self._account, name))
        return JSONResponse(await run_in_threadpool(self.remove, name, body))

    def _account(self, name: str) -> str:
        """Empty, and so nobody's but of who may touch every account, where there is no such connector."""
        try:
            return removing_connector.account_of(self.database, name)
        except NotFound:
            return ""

    def found(self) -> list[Json]:
        with self.database.read() as tx:
            accounts = integrations.all_of(tx)
            return [_shown(one, accounts[one.integration]) for one in connectors.all_of(tx).values()]

    def remove(self, name: str, body: RemoveConnector) -> Json:
        """With a dry run what would go with it."""
        if body.dry_run:
            planned = removing_connector.plan(self.database, name)
            return {"name": name, "live_links": planned.reach.links, "says": planned.says}
        says = removing_connector.remove(self.database, name, by=body.by, ends_links=body.end_links)
        return {"name": name, "says": says}


def _shown(one: Connector, account: Integration) -> Json:
    is_away = not account.is_connected
    return {
        "name": one.name,
        "path": badge(one.path),
        "integration": one.integration,
        "state": _state(account),
        "service": one.service_name or one.service_id,
        "also": [each.called for each in one.others],
        "cases": one.case_system,
        "priorities": " ".join(f"{pair['case']}={pair['name'] or pair['incident']}" for pair in one.priorities),
        "banner": f"Integration {account.slug} is disconnected ({account.code}). {cure(account)}" if is_away else "",
    }


def _state(account: Integration) -> str:
    """Of the account that it sends by: what keeps most from it comes first."""
    if not account.is_connected:
        return f"disconnected {account.code}"
    if account.is_paused:
        return "paused"
    return "observed" if account.is_observed else str(account.state)
