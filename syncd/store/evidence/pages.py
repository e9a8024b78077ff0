"""A page of an account as it was read and is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawPage:
    dataset: str  # a dataset's Name
    request: str  # "GET /services?limit=100&offset=0": path and query, never a host or a key
    asked_at: datetime
    status: int
    request_id: str  # PagerDuty's x-request-id
    body: bytes  # as kept: JSON, cleaned of addresses and numbers
    sha256: str  # of the body
