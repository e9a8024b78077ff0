"""What a request is for. When requests are scarce, a higher lane goes first, whichever link it belongs to."""

from __future__ import annotations

from enum import IntEnum


class Lane(IntEnum):
    """The value is how many quarters of the burst the lane may reach into; the rest is kept for those above it."""

    STATUS = 4
    NOTE = 3
    RECONCILE = 2
    EVIDENCE = 1
