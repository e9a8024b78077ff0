"""/v1/status: what `syncd status` says, for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.vault import Vault
from syncd.console.bearer import Handler
from syncd.flow.status import incoming
from syncd.flow.status.condition import Condition, condition
from syncd.flow.status.parts import PartSeen
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.row_json import Json, row_as_json
from syncd.systems.channels.port import Channel


@dataclass(frozen=True, slots=True)
class StatusApi:
    database: Database
    vault: Vault
    channels: Callable[[], Mapping[str, Channel]]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/status"): self._status}

    async def _status(self, _: Request) -> Response:
        return JSONResponse(status_as_json(await run_in_threadpool(self._seen)))

    def _seen(self) -> Condition:
        return condition(self.database, keys=self.vault.doubt(), told_by=self.channels())


def status_as_json(seen: Condition) -> Json:
    return {
        "oldest_unsynced_s": seen.oldest_age_s,
        "oldest_held_s": seen.oldest_held_s,
        "hooks_waiting": seen.incoming.waiting,
        "hooks_held": seen.held.hooks,
        "errands": seen.errands,
        "links": seen.links,
        "links_in_conflict": seen.in_conflict,
        "parts": [_part(one) for one in seen.parts],
        "incoming": incoming.lines(seen.incoming),
        "polled": [one.slug for one in seen.incoming.deaf],
        "disconnected": [one.slug for one in seen.disconnected],
        "paused": [_paused(seen, one) for one in seen.restrained if one.is_paused],
        "observed": [
            row_as_json({"name": one.slug, "since": one.observed_at, "by": one.observed_by})
            for one in seen.restrained
            if one.is_observed
        ],
        "legal_holds": [
            row_as_json({"id": one.id, "since": one.placed_at, "by": one.placed_by, "why": one.why})
            for one in seen.legal_holds
        ],
        "not_known": list(seen.doubts),
        "findings": [{"what": one.what, "remedy": one.remedy} for one in seen.findings],
    }


def _part(one: PartSeen) -> Json:
    told = {"part": one.part, "running": one.instances, "last_seen": one.last_seen, "stopped_at": one.stopped_at}
    return row_as_json(told)


def _paused(seen: Condition, one: Integration) -> Json:
    held = seen.held.by_paused_account.get(one.slug, 0)
    told = {"name": one.slug, "since": one.paused_at, "by": one.paused_by, "why": one.pause_reason, "held": held}
    return row_as_json(told)
