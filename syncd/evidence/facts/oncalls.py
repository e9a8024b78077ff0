"""Who is on call, as `GET /oncalls` gives it: one person, at one level of one policy, for one time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.evidence.spans import Span

from .reading import Json, Unexpected, mapping, moment_or_none, reference, text, whole

_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OnCall:
    user: str
    policy: str
    level: int
    schedule: str = ""  # empty: the policy names the user
    start: datetime | None = None  # None: has always been
    end: datetime | None = None  # None: for good

    @property
    def id(self) -> str:
        """The API gives it none; this is one of its own."""
        return f"{self.policy}/{self.level}/{self.schedule}/{self.user}/{self.start}"

    @property
    def span(self) -> Span:
        return Span(self.start or _EARLIEST, self.end or _LATEST)

    def holds(self, at: datetime) -> bool:
        return self.span.start <= at < self.span.end


def oncall_of(given: Json) -> OnCall:
    user, policy = (text(mapping(given.get(key), key), "id") for key in ("user", "escalation_policy"))
    schedule = reference(given, "schedule")
    if schedule is None:
        raise Unexpected("schedule", "reference or null")
    start, end = (moment_or_none(given, key) for key in ("start", "end"))
    return OnCall(user, policy, whole(given, "escalation_level"), schedule, start, end)
