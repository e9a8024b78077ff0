"""/v1/links: which case and which incident belong together, what is believed of both, and whether they are kept in step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console import told
from syncd.console.bearer import Handler
from syncd.console.bodies import PauseLink, ResumeLink
from syncd.console.intake import carried
from syncd.console.queries import LinkQuery
from syncd.console.within import caller_of
from syncd.errors import NotFound
from syncd.flow import conflicts
from syncd.flow.address import Addresses
from syncd.flow.names import Names
from syncd.flow.orders import pausing
from syncd.store import connectors, integrations, links
from syncd.store.cases import spelt
from syncd.store.database import Database, Tx
from syncd.store.row_json import Json, row_as_json

_BEYOND = 2**63  # no database here counts that far


@dataclass(frozen=True, slots=True)
class LinksApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/links"): self._list,
            ("GET", "/v1/links/{link:number}"): self._show,
            ("POST", "/v1/links/{link:number}/pause"): self._pause,
            ("POST", "/v1/links/{link:number}/resume"): self._resume,
        }

    async def _list(self, request: Request) -> Response:
        asked = carried(request, LinkQuery)
        found = await run_in_threadpool(self.found, asked, caller_of(request).scope)
        # What is asked for `about` something is answered whole.
        is_more = not asked.about and len(found) == asked.limit
        return JSONResponse({"links": found, "next": found[-1]["id"] if is_more else None})

    async def _show(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.one, request.path_params["link"]))

    async def _pause(self, request: Request) -> Response:
        body = carried(request, PauseLink)
        return JSONResponse(await run_in_threadpool(self.pause, request.path_params["link"], body))

    async def _resume(self, request: Request) -> Response:
        body = carried(request, ResumeLink)
        return JSONResponse(await run_in_threadpool(self.resume, request.path_params["link"], body))

    def pause(self, number: int, body: PauseLink) -> Json:
        self._row(number)
        is_changed = pausing.pause(self.database, number, by=body.by, why=body.why)
        return self._changed(number, told.link_paused, is_changed=is_changed)

    def resume(self, number: int, body: ResumeLink) -> Json:
        self._row(number)
        is_changed = pausing.resume(self.database, number, by=body.by)
        row = self._row(number)
        with self.database.read() as tx:
            known = integrations.all_of(tx)
        both = (known.get(row["integration"]), known.get(row["case_system"]))
        paused = [one for one in both if one is not None and one.is_paused]
        away = [one for one in both if one is not None and not one.is_connected]
        return self._changed(number, partial(told.link_resumed, paused=paused, away=away), is_changed=is_changed)

    def _changed(self, number: int, says: Callable[..., str], *, is_changed: bool) -> Json:
        row = self._row(number)
        with self.database.read() as tx:
            (shown,) = _shown(tx, [row])
        return {**shown, "changed": is_changed, "says": says(row, is_changed=is_changed)}

    def found(self, asked: LinkQuery, scope: frozenset[str] = frozenset()) -> list[Json]:
        if asked.about.isdigit() and (not asked.about.isascii() or int(asked.about) >= _BEYOND):
            return []
        with self.database.read() as tx:
            if asked.about:
                about = links.about(tx, asked.about)
                return _shown(tx, [row for row in about if not scope or row["integration"] in scope])
            rows = self._listed(tx, asked, asked.case, scope)
            if (
                not rows and spelt(asked.case) != asked.case
            ):  # Another system may have keys that look like ours and are not.
                rows = self._listed(tx, asked, spelt(asked.case), scope)
            return _shown(tx, rows)

    def _listed(self, tx: Tx, asked: LinkQuery, case: str, scope: frozenset[str]) -> list[dict[str, Any]]:
        return links.listing(
            tx,
            case=case,
            incident=asked.incident,
            state=asked.state or "",
            is_paused=asked.paused,
            limit=asked.limit,
            before=asked.before,
            within=scope,
        )

    def one(self, number: int) -> Json:
        row = self._row(number)
        with self.database.read() as tx:
            (shown,) = _shown(tx, [row])
        return shown

    def _row(self, number: int) -> Mapping[str, Any]:
        if number < _BEYOND:
            with self.database.read() as tx:
                for row in links.about(tx, str(number)):
                    if row["id"] == number:
                        return row
        raise NotFound(f"There is no link {number}; see `syncd links list`.")


def _shown(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    addresses = Addresses.read(tx, rows)
    return [
        row_as_json({**row, "no_address": addresses.why_none(row), "conflicts": _conflicts(tx, row)}) for row in rows
    ]


def _conflicts(tx: Tx, row: Mapping[str, Any]) -> list[Json]:
    """Of a field in conflict: what each side says, who said it there, and since when it waits."""
    stored = links.get(tx, row["id"]) if row["is_in_conflict"] else None
    of_fields = [] if stored is None else conflicts.of_link(stored, Names.of(connectors.all_of(tx).values()))
    return [row_as_json(asdict(one)) for one in of_fields]
