"""/v1/deliveries/facets, /histogram, /lag and /fields: how many deliveries a query finds, and what can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import asked_for, carried
from syncd.console.queries import DeliveryCounts
from syncd.console.within import caller_of
from syncd.core.query import window, writing
from syncd.core.query.fault import guess
from syncd.core.query.fields import FACETS, FIELDS, TAKES
from syncd.core.query.terms import Query
from syncd.errors import Misconfigured
from syncd.store.audit import counts
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database
from syncd.store.row_json import Json

Scope = frozenset[str]
_ALL: Scope = frozenset()


@dataclass(frozen=True, slots=True)
class AuditApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/deliveries/facets"): self._facets,
            ("GET", "/v1/deliveries/histogram"): _answering(self.histogram),
            ("GET", "/v1/deliveries/lag"): _answering(self.lag),
            ("GET", "/v1/deliveries/fields"): self._fields,
        }

    async def _facets(self, request: Request) -> Response:
        asked, query = carried(request, DeliveryCounts), asked_for(request)
        return JSONResponse(await run_in_threadpool(self.facets, asked, query, caller_of(request).scope))

    async def _fields(self, _: Request) -> Response:
        return JSONResponse({"fields": fields()})

    def facets(self, asked: DeliveryCounts, query: Query, scope: Scope = _ALL) -> Json:
        by = _counted_by(asked.by)
        with patient_read(self.database) as tx:
            found = counts.facets(tx, query, self.database.now(tx), by, within=scope)
        facets = {name: [asdict(one) for one in values] for name, values in found.by.items()}
        return {**_meant(query), "counted": found.counted, "is_capped": found.is_capped, "facets": facets}

    def histogram(self, query: Query, scope: Scope = _ALL) -> Json:
        with patient_read(self.database) as tx:
            found = counts.histogram(tx, query, self.database.now(tx), within=scope)
        bars = [{"at": bar.at.isoformat(), "outcomes": dict(bar.outcomes)} for bar in found.bars]
        ends = {"start": found.start.isoformat(), "end": found.end.isoformat(), "step_s": found.step_s}
        return {**_meant(query), **ends, "bars": bars}

    def lag(self, query: Query, scope: Scope = _ALL) -> Json:
        with patient_read(self.database) as tx:
            found = counts.lag(tx, query, self.database.now(tx), within=scope)
        shares = {f"p{share}_ms": found.ms.get(share) for share in counts.SHARES}
        return {**_meant(query), "counted": found.counted, **shares}


def _answering(count: Callable[[Query, Scope], Json]) -> Handler:
    async def answer(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(count, asked_for(request), caller_of(request).scope))

    return answer


def _meant(query: Query) -> Json:
    """What was counted: also the time, where none was named."""
    return {"query": writing.write(window.bounded(query))}


def _counted_by(asked: str) -> Sequence[str]:
    names = [name.strip() for name in asked.split(",") if name.strip()] or ["outcome", "reason", "direction"]
    for name in names:
        if name not in FACETS:
            near = guess(name, FACETS)
            raise Misconfigured(f"Nothing is counted by {name!r}{near}; use {', '.join(FACETS)}.")
    return list(dict.fromkeys(names))


def fields() -> list[Json]:
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "says": one.sentence,
            "takes": TAKES[one.kind],
            "example": one.example,
            "values": list(one.choices),
            "may_be_none": one.may_be_none,
            "is_counted_by": one.is_facet,
        }
        for one in FIELDS.values()
    ]
