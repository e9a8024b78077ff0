"""/v1/views: queries of deliveries that people keep by a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler, require_action
from syncd.console.bodies import RemoveView, SaveView
from syncd.console.intake import carried
from syncd.console.permits import Permit
from syncd.console.queries import ViewsQuery
from syncd.console.within import caller_of
from syncd.core.permissions import Action, Caller
from syncd.flow import views
from syncd.flow.views import View
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class ViewsApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/views"): self._list,
            ("POST", "/v1/views"): self._save,
            ("DELETE", "/v1/views/{name}"): self._remove,
        }

    async def _list(self, request: Request) -> Response:
        caller, asked = caller_of(request), carried(request, ViewsQuery)
        person = asked.by if caller.may_name_others and asked.by else caller.name
        return JSONResponse({"views": await run_in_threadpool(self.found, person)})

    async def _save(self, request: Request) -> Response:
        body = carried(request, SaveView)
        require_of_everybody(caller_of(request), is_so=body.everybody)
        return JSONResponse(await run_in_threadpool(self.save, body), 201)

    async def _remove(self, request: Request) -> Response:
        body = carried(request, RemoveView)
        require_of_everybody(caller_of(request), is_so=body.everybody)
        return JSONResponse(await run_in_threadpool(self.remove, request.path_params["name"], body))

    def found(self, person: str) -> list[Json]:
        return [_shown(one) for one in views.of(self.database, person)]

    def save(self, body: SaveView) -> Json:
        view, is_instead = views.save(self.database, body.by, body.name, body.q, for_everybody=body.everybody)
        says = f"{view.saved.name} is saved{_for(body.everybody)}{', in place of what it was' if is_instead else ''}."
        return {**_shown(view), "says": says}

    def remove(self, name: str, body: RemoveView) -> Json:
        views.remove(self.database, body.by, name, of_everybody=body.everybody)
        return {"says": f"{name} is removed{_for(body.everybody)}."}


def require_of_everybody(caller: Caller, *, is_so: bool) -> None:
    """What others rely on is changed by whoever may change things; one's own views are nobody else's business."""
    if is_so:
        require_action(caller, Permit(Action.SYNC_OPERATE))


def _for(everybody: bool) -> str:  # noqa: FBT001  the only one
    return " for everybody" if everybody else ""


def _shown(one: View) -> Json:
    it = one.saved
    told = {"name": it.name, "everybody": one.is_everybodys, "q": it.query, "problem": one.problem}
    return row_as_json({**told, "saved_by": it.saved_by, "saved_at": it.saved_at})
