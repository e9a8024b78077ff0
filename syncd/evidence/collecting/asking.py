"""One request made, and its answer as it is kept. What passes by itself is raised, and nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from syncd.errors import Refused, SideError
from syncd.evidence.facts.dataset import Name
from syncd.store.evidence.pages import RawPage, page
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from . import roster
from .courses.cleaning import Digest, cleaned
from .courses.oncalls import PATH as ONCALLS
from .courses.request import Page, Request

_UNKNOWN = 599  # no status at all


@dataclass(frozen=True, slots=True)
class Asking:
    """`http` is asked for what has a limit of its own apart, so that reaching that one holds back nothing else."""

    dataset: Name
    http: Callable[[str], Http]  # by what is limited apart; empty: nothing
    digest: Digest
    now: Callable[[], datetime]
    roster: str = ""

    def answer(self, request: Request, trip: Trip) -> RawPage:
        """Raises a SideError where it makes sense to ask again."""
        asked_at = self.now()
        if request.path.startswith(roster.SCHEME):
            status, said = roster.read(self.roster, self.digest)
            return self._kept(request, asked_at, status, "", said)
        try:
            answer = self.http(apart(request)).send(trip, "GET", request.path, params=request.sent)
        except Refused as refused:
            if refused.status is None:
                raise
            return self.refusal(request, trip, asked_at)
        theirs = answer.headers.get("x-request-id", "")
        return self._kept(request, asked_at, answer.status, theirs, answer.document())

    def refusal(self, request: Request, trip: Trip, asked_at: datetime) -> RawPage:
        """The last answer of this trip as it is, whatever it is: it comes again and again."""
        last = trip.exchanges[-1]
        said = last.got if isinstance(last.got, Mapping) else {"error": str(last.got or "")[:300]}
        return self._kept(request, asked_at, last.status or _UNKNOWN, last.their_request_id, said)

    def _kept(self, request: Request, asked_at: datetime, status: int, request_id: str, said: object) -> RawPage:
        body = json.dumps(cleaned(said, self.digest), ensure_ascii=False, separators=(",", ":")).encode()
        return page(self.dataset, request.line, asked_at=asked_at, status=status, request_id=request_id, body=body)


def apart(request: Request) -> str:
    return "oncalls" if request.path == ONCALLS else ""


def as_asked(kept: RawPage) -> Page:
    said = json.loads(kept.body)
    return Page(kept.request, kept.asked_at, kept.status, said if isinstance(said, dict) else {})


def is_answered(error: SideError, trip: Trip) -> bool:
    """Whether there was an answer at all, so that it may be the answer for good."""
    return error.status is not None and bool(trip.exchanges)
