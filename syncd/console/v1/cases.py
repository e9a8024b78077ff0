"""/v1/cases: what programs do to the built-in cases."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.bodies import Act, OpenCase
from syncd.console.case_acts import BODIES, do, listed, new_case, reused
from syncd.console.intake import carried
from syncd.console.problem import Problem
from syncd.console.queries import CaseQuery
from syncd.console.within import caller_of, require_connector
from syncd.core.changes import Status
from syncd.store.case_json import case_as_json, file_as_json
from syncd.store.cases import PRIORITIES, Cases, Hand
from syncd.store.database import Database

VIA = "api"


@dataclass(frozen=True, slots=True)
class CasesApi:
    cases: Cases
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/v1/cases"): self._open,
            ("GET", "/v1/cases"): self._list,
            ("GET", "/v1/cases/{key}"): self._show,
            ("GET", "/v1/names"): self._names,
            **{("POST", f"/v1/cases/{{key}}/{act}"): self._act(act, body) for act, body in BODIES.items()},
        }

    async def _open(self, request: Request) -> Response:
        body = carried(request, OpenCase)
        account = await run_in_threadpool(require_connector, self.database, caller_of(request), body.connector)
        new = new_case(body)
        opened = await run_in_threadpool(self.cases.open, new, Hand(body.by, VIA), _idempotency_key(request, account))
        if not opened.is_same:
            raise Problem(422, reused(opened.case.key), code="SYN-API-IDEMPOTENCY")
        shown = case_as_json(opened.case, self.cases.site)
        where = {"Location": f"/v1/cases/{opened.case.key}"}
        return JSONResponse(shown, 201 if opened.is_new else 200, where)

    async def _list(self, request: Request) -> Response:
        asked = carried(request, CaseQuery)
        found = await run_in_threadpool(listed, self.cases, asked, caller_of(request).scope)
        return JSONResponse({"cases": found, "next": found[-1]["key"] if len(found) == asked.limit else None})

    async def _show(self, request: Request) -> Response:
        file = await run_in_threadpool(self.cases.file, request.path_params["key"])
        return JSONResponse(file_as_json(file, self.cases.site))

    async def _names(self, _: Request) -> Response:
        """What whoever joins these cases to their own system has to map."""
        return JSONResponse({"statuses": list(Status), "priorities": list(PRIORITIES)})

    def _act(self, act: str, model: type[Act]) -> Handler:
        async def handler(request: Request) -> Response:
            body = carried(request, model)
            shown = await run_in_threadpool(do, self.cases, request.path_params["key"], body, VIA)
            return JSONResponse(shown, 201 if act == "comments" else 200)

        return handler


def _idempotency_key(request: Request, account: str) -> str | None:
    """Tokens for some accounts have keys of their own in each: from another's they would learn of its cases."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= 255:
        raise Problem(422, "An Idempotency-Key has 1 to 255 characters.", code="SYN-API-IDEMPOTENCY")
    if key is None or not account:
        return key
    return hashlib.sha256(f"{account}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
