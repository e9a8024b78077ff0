"""One journey to a far side: the deadline it shares and every request it made. Handed to each call of the port."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.errors import SideError

from .toll import Purpose

SECONDS = 10.0  # for everything one attempt does over there
WRITE_NEEDS = 5.0  # a write begun with less left could not be told from one that was cut


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, already redacted and cut to size."""

    method: str
    url: str
    status: int | None
    request_id: str  # ours, sent as X-Request-Id: the far side's log can be matched with our rows
    their_request_id: str = ""
    duration_ms: int = 0
    sent: Any = None  # JSON
    got: Any = None
    retry_after_s: float | None = None
    date: datetime | None = None  # the far side's clock


@dataclass(slots=True)
class Trip:
    """`label` names the errand and attempt, so that a request is traceable even when its worker dies."""

    label: str
    monotonic: Callable[[], float]
    deadline: float
    purpose: Purpose = Purpose.STATUS
    paid: int = 0  # requests that the budget has let go already
    person: str = ""  # the login of the user whose name its writes are made in; empty: of our own
    declined: SideError | None = None  # what the far side said to that name; the write was then made in ours
    signed: str = ""  # for its row: in whose name it was made, where a person's was to be
    keeps_answers: bool = (
        True  # in its exchanges; else only those that refuse: to look through long lists for secrets takes time
    )
    exchanges: list[Exchange] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        label: str,
        monotonic: Callable[[], float],
        seconds: float = SECONDS,
        *,
        purpose: Purpose = Purpose.STATUS,
        paid: int = 0,
        until: float = math.inf,
        keeps_answers: bool = True,
    ) -> Trip:
        """`until`: nothing is sent after this, however late it began."""
        return cls(label, monotonic, min(monotonic() + seconds, until), purpose, paid, keeps_answers=keeps_answers)

    def left(self) -> float:
        return self.deadline - self.monotonic()

    def next_request_id(self) -> str:
        return f"{self.label}.{len(self.exchanges) + 1}"

    def can_still_write(self) -> bool:
        return self.left() >= WRITE_NEEDS
