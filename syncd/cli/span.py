"""A moment as people type it: so long ago, or a date and time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from syncd.errors import Misconfigured

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_AGO = re.compile(r"(\d{1,6})([mhd])", re.ASCII)


def moment_of(text: str, now: datetime) -> datetime:
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        at = datetime.fromisoformat(text.strip())
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Misconfigured(f"{text!r} is no moment; give one like 36h, 3d or 2026-11-21T12:00Z (UTC).") from error
