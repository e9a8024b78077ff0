"""/v1/integrations: accounts, and how a person holds one back. Their secrets are told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console import told
from syncd.console.bearer import Handler
from syncd.console.bodies import (
    Observe,
    PauseIntegration,
    ResumeIntegration,
    SwitchTwoWay,
)
from syncd.console.intake import carried
from syncd.console.within import caller_of
from syncd.core.reasons import Reason
from syncd.errors import NotFound
from syncd.flow.orders import restraint, two_way
from syncd.flow.status import held
from syncd.store import holds, integrations
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class IntegrationsApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/integrations"): self._list,
            ("POST", "/v1/integrations/{slug}/pause"): self._pause,
            ("POST", "/v1/integrations/{slug}/resume"): self._resume,
            ("POST", "/v1/integrations/{slug}/observe"): self._observe,
            ("POST", "/v1/integrations/{slug}/two-way"): self._two_way,
        }

    async def _list(self, request: Request) -> Response:
        found = await run_in_threadpool(self.found)
        mine = [one for one in found if caller_of(request).reaches(one["name"])]
        return JSONResponse({"integrations": mine})

    async def _pause(self, request: Request) -> Response:
        body = carried(request, PauseIntegration)
        return JSONResponse(await run_in_threadpool(self.pause, request.path_params["slug"], body))

    async def _resume(self, request: Request) -> Response:
        body = carried(request, ResumeIntegration)
        return JSONResponse(await run_in_threadpool(self.resume, request.path_params["slug"], body))

    async def _observe(self, request: Request) -> Response:
        body = carried(request, Observe)
        return JSONResponse(await run_in_threadpool(self.observe, request.path_params["slug"], body))

    async def _two_way(self, request: Request) -> Response:
        body = carried(request, SwitchTwoWay)
        return JSONResponse(await run_in_threadpool(self.two_way, request.path_params["slug"], body))

    def pause(self, slug: str, body: PauseIntegration) -> Json:
        is_changed = restraint.pause(self.database, slug, by=body.by, why=body.why)
        return self._told(slug, told.account_paused, self._kept(slug), is_changed=is_changed)

    def resume(self, slug: str, body: ResumeIntegration) -> Json:
        kept = self._kept(slug)
        is_changed = restraint.resume(self.database, slug, by=body.by)
        return self._told(slug, told.account_resumed, kept, is_changed=is_changed)

    def observe(self, slug: str, body: Observe) -> Json:
        act = restraint.write_again if body.off else restraint.observe
        says = told.account_written_again if body.off else told.account_observed
        kept = self._asked_before(slug) if body.off else self._lying(slug)
        return self._told(slug, says, kept, is_changed=act(self.database, slug, by=body.by))

    def two_way(self, slug: str, body: SwitchTwoWay) -> Json:
        is_changed = two_way.switch(self.database, slug, is_on=body.on, by=body.by)
        return self._told(slug, told.two_way_switched, 0, is_changed=is_changed)

    def _kept(self, slug: str) -> int:
        """How much a pause of this account holds, of both sides of its links."""
        with self.database.read() as tx:
            return held.read(tx, integrations.all_of(tx)).by_paused_account.get(slug, 0)

    def _lying(self, slug: str) -> int:
        with self.database.read() as tx:
            return holds.lying_for(tx, slug)

    def _asked_before(self, slug: str) -> int:
        with self.database.read() as tx:
            return holds.by_account(tx, Reason.ASKED_BEFORE).get(slug, 0)

    def found(self) -> list[Json]:
        with self.database.read() as tx:
            return [shown(one) for one in integrations.all_of(tx).values()]

    def _told(self, slug: str, says: Callable[..., str], kept: int, *, is_changed: bool) -> Json:
        with self.database.read() as tx:
            found = integrations.get(tx, slug)
        if found is None:
            raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
        said = says(found, kept, is_changed=is_changed)
        return {**shown(found), "changed": is_changed, "kept": kept, "says": said}


def shown(one: Integration) -> Json:
    return row_as_json(
        {
            "name": one.slug,
            "system": one.system,
            "kind": one.called,
            "side": one.side,
            "state": one.state,
            "code": one.code,
            "since": one.since,
            "address": one.base_url,
            "paused_at": one.paused_at,
            "paused_by": one.paused_by,
            "pause_reason": one.pause_reason,
            "observed_at": one.observed_at,
            "observed_by": one.observed_by,
            "account": one.account_host,
            "in_use": one.in_use,
            "writes_as": one.writes_as,
            "is_two_way": one.is_two_way and one.can_be_read,
            "is_read_only": one.is_read_only,
            "acts_as_person": one.acts_as_person,
            "gives_evidence": one.gives_evidence,
            "consented_at": one.consented_at,
            "consented_by": one.consented_by,
        }
    )
