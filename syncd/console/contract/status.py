"""/v1/status as declared."""

from __future__ import annotations

from pydantic import AwareDatetime

from .operation import Answer, Operation


class PartState(Answer):
    part: str
    running: int
    last_seen: AwareDatetime | None
    stopped_at: AwareDatetime | None


class PausedAccount(Answer):
    name: str
    since: AwareDatetime | None
    by: str
    why: str
    held: int


class ObservedAccount(Answer):
    name: str
    since: AwareDatetime | None
    by: str


class StandingHold(Answer):
    id: int
    since: AwareDatetime
    by: str
    why: str


class Finding(Answer):
    what: str
    remedy: str


class Status(Answer):
    """docs/status.md tells what each of it means, and from when on it is a finding."""

    oldest_unsynced_s: float | None
    oldest_held_s: float | None
    hooks_waiting: int
    hooks_held: int
    errands: dict[str, int]
    links: dict[str, int]
    links_in_conflict: int
    parts: list[PartState]
    incoming: list[str]  # how hooks come in, in sentences; no trouble by itself
    polled: list[str]
    disconnected: list[str]
    paused: list[PausedAccount]
    observed: list[ObservedAccount]
    legal_holds: list[StandingHold]
    not_known: list[str]
    findings: list[Finding]


OPERATIONS = (
    Operation(
        "GET", "/v1/status", "What waits, what is held, who is disconnected, and what is to be done", {200: Status}
    ),
)
