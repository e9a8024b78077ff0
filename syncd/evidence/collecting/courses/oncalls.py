"""The course of /oncalls: who is on call now and in the time to come. It has a limit of its own, so that it is asked on its own."""

from __future__ import annotations

from syncd.evidence.facts.oncalls import OnCall, oncall_of
from syncd.evidence.facts.reading import Json
from syncd.evidence.spans import Span

from .paging import Kind
from .request import Course, Gathered, Request
from .windows import within

PATH = "/oncalls"


def oncalls(asked: Span) -> Course[Gathered[OnCall]]:
    """An entry has no id; one that reaches over the edge of two times is the same in both."""
    found = yield from within(Kind(Request(PATH), "oncalls", oncall_of, key=_key), asked)
    return Gathered(tuple(found.rows.values()), found.missing, () if found.missing else (asked,))


def _key(given: Json) -> str:
    one = oncall_of(given)
    return f"{one.id}/{one.end}"
