"""/v1/integrations/{slug}/log and /v1/connection-log: what happened to a connection, or to all. It stays when the account is removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import carried
from syncd.console.queries import LogQuery
from syncd.console.within import caller_of
from syncd.errors import NotFound
from syncd.store import connection_log, integrations
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class ConnectionLogApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/integrations/{slug}/log"): self._log, ("GET", "/v1/connection-log"): self._log}

    async def _log(self, request: Request) -> Response:
        asked, slug = carried(request, LogQuery), request.path_params.get("slug", "")
        rows = await run_in_threadpool(
            history, self.database, slug, before=asked.before, limit=asked.limit, scope=caller_of(request).scope
        )
        return JSONResponse({"log": rows})


def history(
    db: Database, slug: str, *, before: int | None = None, limit: int = 100, scope: Collection[str] = ()
) -> list[Json]:
    """Newest first; the next page begins before the id that this one ends with. Of all accounts when none is named."""
    with db.read() as tx:
        found = connection_log.listing(tx, slug, before=before, limit=limit, within=scope)
        if slug and not found and integrations.get(tx, slug) is None:
            raise NotFound(
                f"Nothing is known of an integration called {slug}; `syncd integrations log` shows all there is."
            )
    return [row_as_json(asdict(one)) for one in found]
