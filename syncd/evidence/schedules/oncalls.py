"""Entries of GET /oncalls: whom PagerDuty says it would call, by policy and level. They are another voice, and may disagree."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.spans import ALWAYS, FOREVER, Span
from syncd.evidence.unknown import Unknown


@dataclass(frozen=True, slots=True)
class OnCall:
    policy: str
    level: int
    schedule: str | None  # None: the policy names the person itself
    user: str
    span: Span


@dataclass(frozen=True, slots=True)
class OnCalls:
    asked: Span
    entries: tuple[OnCall, ...]


def read_oncalls(body: object, asked: Span) -> OnCalls | Unknown:
    """`oncalls` of all its pages together, and the time they were asked for."""
    try:
        return OnCalls(asked, tuple(_entry(one) for one in At(body, "oncalls").items()))
    except Wrong as wrong:
        return Unknown("", f"Who is on call cannot be read: {wrong}.", wrong.path)


def _entry(at: At) -> OnCall:
    schedule, start, end = at.maybe("schedule"), at.maybe("start"), at.maybe("end")
    return OnCall(
        policy=at.get("escalation_policy").get("id").text(),
        level=at.get("escalation_level").whole(1, 1000),
        schedule=None if schedule is None else schedule.get("id").text(),
        user=at.get("user").get("id").text(),
        span=Span(ALWAYS if start is None else start.moment(), FOREVER if end is None else end.moment()),
    )
