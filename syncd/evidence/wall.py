"""Between a moment and what the clock on the wall shows in a zone. A wall time is a datetime without a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: ZoneInfo) -> datetime:
    """When a clock shows that. What it shows twice, the first time; what it skips, as long after the skip as it would have been.

    Both as RFC 5545 (3.3.5) has it, and so does the library that PagerDuty's zone names come from.
    """
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
