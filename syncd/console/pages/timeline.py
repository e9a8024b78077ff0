"""What happened on one link, as its page tells it: each change is one line, whatever number of attempts it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.store import deliveries
from syncd.store.database import Tx
from syncd.store.words import words_of

_MOST = 300  # rows; older ones are a query away
_QUIET = frozenset({Outcome.SUPPRESSED})


@dataclass(frozen=True, slots=True)
class Line:
    """From where a change came, what syncd did with it, and where it went."""

    id: int  # of its newest row
    at: datetime
    change: str
    is_inbound: bool
    outcome: str
    why: str
    actor: str
    attempts: int
    http_status: int | None
    e2e_ms: int | None
    next_at: datetime | None
    text: str  # of a note or a comment, as it is on the side it went to

    @property
    def lag(self) -> str:
        if self.e2e_ms is None:
            return ""
        return f"{self.e2e_ms / 1000:.1f} s" if self.e2e_ms < 600_000 else f"{self.e2e_ms / 60_000:.0f} min"


def timeline(tx: Tx, link_id: int, *, with_quiet: bool) -> tuple[Sequence[Line], int]:
    """Oldest first, and how many lines there are besides that only say that nothing was to be done."""
    rows = deliveries.find(tx, {"link_id": link_id}, limit=_MOST)
    texts = words_of(tx, {row["errand_id"] for row in rows if row["errand_id"] is not None})
    found: dict[tuple[str, int], Line] = {}
    for row in rows:  # The newest of a change says what became of it.
        key = ("errand", row["errand_id"]) if row["errand_id"] is not None else ("row", row["id"])
        found.setdefault(key, _line(row, texts.get(row["errand_id"], "")))
    lines = sorted(found.values(), key=lambda line: line.id)
    loud = [line for line in lines if line.outcome not in _QUIET]
    return (lines, 0) if with_quiet else (loud, len(lines) - len(loud))


def _line(row: Mapping[str, Any], text: str) -> Line:
    return Line(
        row["id"],
        row["recorded_at"],
        row["change"],
        row["direction"] == "inbound",
        row["outcome"],
        row["detail"] or SENTENCES.get(Reason(row["reason"]), row["reason"]),
        row["actor"],
        row["attempt"],
        row["http_status"],
        row["e2e_ms"],
        row["next_attempt_at"],
        text,
    )
