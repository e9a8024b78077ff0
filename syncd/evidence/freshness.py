"""How fresh each dataset is, and which collections were due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from .facts.dataset import Name


class State(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    STALE = "stale"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Freshness:
    dataset: Name
    state: State
    every: timedelta
    collected_at: datetime | None = None
    next_at: datetime | None = None
    why: str = ""  # a sentence, if something was not read or it waits
    requests: int = 0


@dataclass(frozen=True, slots=True)
class DueCollection:
    dataset: Name
    due_at: datetime
    state: Literal["done", "late", "missing"]
    ended_at: datetime | None = None
