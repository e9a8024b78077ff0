"""/v1/views as declared."""

from __future__ import annotations

from pydantic import AwareDatetime

from syncd.console.bodies import RemoveView, SaveView
from syncd.console.queries import ViewsQuery

from .operation import Answer, Operation


class SavedView(Answer):
    name: str
    everybody: bool  # else it is that of whoever asks
    q: str
    problem: str  # why this release does not understand it; empty: it does
    saved_by: str
    saved_at: AwareDatetime


class SavedViews(Answer):
    views: list[SavedView]


class ViewSaved(SavedView):
    says: str


class ViewRemoved(Answer):
    says: str


OPERATIONS = (
    Operation(
        "GET",
        "/v1/views",
        "Queries of deliveries that are kept by a name: one's own, and everybody's",
        {200: SavedViews},
        query=ViewsQuery,
    ),
    Operation("POST", "/v1/views", "Keep a query by a name", {201: ViewSaved}, SaveView),
    Operation("DELETE", "/v1/views/{name}", "Forget a saved view", {200: ViewRemoved}, RemoveView),
)
