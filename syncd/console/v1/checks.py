"""/v1/integrations/{slug}/checks and /v1/codes: what the last diagnosis of an account found, and what each code means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.core.api_codes import API_CODES
from syncd.core.checked import Checked
from syncd.core.diagnostics import CATALOGUE
from syncd.errors import NotFound
from syncd.flow.doctor import rights
from syncd.store import integrations, probes
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class ChecksApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/integrations/{slug}/checks"): self._checks,
            ("GET", "/v1/codes"): self._codes,
        }

    async def _checks(self, request: Request) -> Response:
        return JSONResponse({"checks": await run_in_threadpool(self.checks, request.path_params["slug"])})

    async def _codes(self, _: Request) -> Response:
        return JSONResponse({"codes": codes()})

    def checks(self, slug: str) -> list[Json]:
        with self.database.read() as tx:
            account, kept = integrations.get(tx, slug), probes.of(tx, slug)
        if account is None:
            raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
        if account.system != "pagerduty":
            return []
        found = rights.last_found(kept, account)
        return [row_as_json({**shown(one), **rights.moments(probe)}) for one, probe in found]


def codes() -> list[Json]:
    """What helps by OAuth stands only where it is something else."""
    told = (asdict(entry) for entry in (*CATALOGUE.values(), *API_CODES.values()))
    return [{name: value for name, value in one.items() if value or name != "cure_by_oauth"} for one in told]


def shown(one: Checked) -> Json:
    """The same for the command line's JSON and here."""
    return {
        "integration": one.integration,
        "mark": one.mark,
        "check": one.check,
        "state": one.state,
        "finding": one.finding,
        "code": one.code,
        "cure": one.cure,
        "who": one.who,
    }
