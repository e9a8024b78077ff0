"""/v1/notices and /v1/channels as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from syncd.console.queries import NoticeQuery

from .operation import Answer, Operation


class Notice(Answer):
    id: int
    kind: str
    cause: str
    what: str
    remedy: str
    opened_at: AwareDatetime
    cleared_at: AwareDatetime | None  # none: it stands


class Notices(Answer):
    notices: list[Notice]


class Channel(Answer):
    channel: str
    where: str
    last_at: AwareDatetime | None
    last: Literal["", "told", "retrying", "failed", "unusable"]
    detail: str


class Channels(Answer):
    channels: list[Channel]


OPERATIONS = (
    Operation(
        "GET",
        "/v1/notices",
        "What people were told of without asking: once for its cause, newest first",
        {200: Notices},
        query=NoticeQuery,
    ),
    Operation(
        "GET", "/v1/channels", "Where notices go, and how the last message to each channel went", {200: Channels}
    ),
)
