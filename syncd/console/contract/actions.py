"""/v1/actions as declared."""

from __future__ import annotations

from pydantic import AwareDatetime

from syncd.console.queries import ActionQuery
from syncd.core.deeds import End, KnownAs, Way

from .operation import Answer, Operation


class TakenOut(Answer):
    rows: int | None  # of a file whose lines are no rows it is not known once it broke off
    bytes: int
    sha256: str  # of exactly these bytes; empty, unless the last of them has gone


class LoggedAction(Answer):
    id: int
    at: AwareDatetime
    who: str  # empty: it is not known who it was
    known_as: KnownAs
    way: Way
    action: str  # what a role needs for it
    act: str  # the route or the command
    named: dict[str, str]  # on what
    outcome: End
    status: int | None  # of the HTTP answer, or the code that a command left with
    detail: str  # the code of a refusal
    ended_at: AwareDatetime | None
    taken: TakenOut | None  # of what takes something out, such as an export


class ActionPage(Answer):
    actions: list[LoggedAction]
    next: int | None  # the `before` of the page that follows


OPERATIONS = (
    Operation(
        "GET",
        "/v1/actions",
        "Who has done what here, and how it ended, the newest first",
        {200: ActionPage},
        query=ActionQuery,
    ),
    Operation(
        "GET",
        "/v1/actions/{action:number}",
        "One action by its number, as the header of an export names it",
        {200: LoggedAction},
    ),
)
