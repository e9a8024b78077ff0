"""Evidence of the database here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncd.evidence.desk import Desk

from .who import who


@dataclass(frozen=True, slots=True)
class LocalEvidence:
    desk: Desk

    def report(self, name: str, period: str, snapshot: int | None) -> dict[str, Any]:
        from .evidence.account import chosen

        slug = chosen(self.desk.db, name)
        return self.desk.report(slug, period, who(None)) if snapshot is None else self.desk.given_before(slug, snapshot)
