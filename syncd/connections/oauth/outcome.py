"""How an authorisation stands, for whoever waits for it: a terminal, a program, a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.store import authorisations
from syncd.store.database import Database

_UNDER_WAY = frozenset({"waiting", "taken"})


@dataclass(frozen=True, slots=True)
class Outcome:
    slug: str
    digest: str
    state: str  # waiting, taken, done, failed or expired
    says: str
    warnings: Sequence[str]
    by: str
    expires_at: datetime

    @property
    def is_over(self) -> bool:
        return self.state not in _UNDER_WAY


def outcome(db: Database, digest: str) -> Outcome | None:
    """Nothing of what it is to be connected with. None: there is none, or it is long over."""
    with db.read() as tx:
        there, now = authorisations.get(tx, digest), db.now(tx)
    if there is None:
        return None
    state, says, warnings = there.state, *_read(there.said)
    if state in _UNDER_WAY and now >= there.expires_at:
        state, says = "expired", "Nobody has agreed in time; begin another."
    return Outcome(there.integration, there.digest, state, says, warnings, there.by, there.expires_at)


def kept(says: str, warnings: Sequence[str] = ()) -> str:
    """What came of it in the first line, and what is to be known of that in a line each."""
    return "\n".join(" ".join(one.split()) for one in (says, *warnings))


def _read(said: str) -> tuple[str, Sequence[str]]:
    says, *warnings = said.split("\n")
    return says, warnings
