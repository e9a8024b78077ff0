"""The account's audit trail: who changed what of its configuration, and by which means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Changed:
    name: str
    value: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    id: str
    at: datetime
    action: str  # create | update | delete
    kind: str  # of what was changed, in the singular: user, service
    record_id: str
    summary: str
    fields: tuple[Changed, ...] = ()
    user_id: str | None = None  # None: by a key of the account
    method: str = "browser"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked for of the trail."""

    since: datetime
    until: datetime
    kinds: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()

    def newest_first(self, trail: Iterable[AuditRecord], now: datetime) -> list[AuditRecord]:
        found = (
            each
            for each in trail
            if self.since <= each.at <= self.until
            and each.at > now - KEPT
            and (not self.kinds or f"{each.kind}s" in self.kinds or f"{each.kind[:-1]}ies" in self.kinds)
            and (not self.actions or each.action in self.actions)
        )
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)
