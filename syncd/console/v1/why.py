"""/v1/why: what keeps a case and its incident apart, who has to act, and how it came so far. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.console.bearer import Handler
from syncd.console.intake import carried, valid
from syncd.console.queries import WhyOptions, WhyQuery
from syncd.console.within import caller_of
from syncd.core.why.proving import Nobody, Proof, Prover
from syncd.flow.why.answer import Answer, Asker
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json

_NOBODY = Nobody()


@dataclass(frozen=True, slots=True)
class WhyApi:
    database: Database
    connections: Callable[[], Connections]  # only to compare, and for an incident's number: it needs the master key
    clock: Clock
    public_url: str = ""
    prover: Prover = _NOBODY

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/why"): self._why, ("GET", "/v1/why/{ref}"): self._why_named}

    async def _why(self, request: Request) -> Response:
        """An address has slashes, so that it is asked for by ?ref=."""
        return await self._answered(request, carried(request, WhyQuery))

    async def _why_named(self, request: Request) -> Response:
        options = carried(request, WhyOptions)
        named = valid({"ref": request.path_params["ref"]}, WhyQuery)
        return await self._answered(request, named.model_copy(update={"compare": options.compare}))

    async def _answered(self, request: Request, asked: WhyQuery) -> Response:
        answer = partial(self.answer, asked, caller_of(request).scope)
        return JSONResponse(await run_in_threadpool(answer))

    def answer(self, asked: WhyQuery, scope: frozenset[str] = frozenset()) -> Json:
        asker = Asker(self.database, self.connections, self.clock, scope, self.public_url, self.prover)
        return _shown(asker.why(asked.ref, is_compared=asked.compare))


def _shown(answer: Answer) -> Json:
    verdict = answer.verdict
    return {
        "reference": answer.reference,
        "means": answer.means,
        "link": answer.link,
        "case_id": answer.case_id,
        "incident_id": answer.incident_id,
        "delivery": answer.delivery,
        "is_in_step": not verdict.stops,
        "was_compared": answer.was_compared,
        "gate": int(verdict.gate),
        "gate_name": verdict.gate.word,
        "says": verdict.sentence,
        "who": str(verdict.who),
        "remedy": verdict.remedy,
        "command": verdict.command,
        "action": None if verdict.act is None else {"name": str(verdict.act), "target": verdict.target},
        "code": verdict.code,
        "evidence": None if answer.proof is None else _proof(answer.proof),
        "path": [row_as_json(asdict(step)) for step in answer.path],
    }


def _proof(proof: Proof) -> Json:
    return {
        "account": proof.account,
        "thing": str(proof.thing),
        "id": proof.id,
        "name": proof.name,
        "is_found": proof.is_found,
    }
