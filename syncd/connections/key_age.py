"""For how long an account's key is the one it is: from when it was stored, or replaced by another. PagerDuty's keys never end by
themselves, so that whoever copied one can use it until somebody replaces it. OAuth tokens are renewed by themselves and grow not old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.diagnostics import CATALOGUE
from syncd.store import connection_log
from syncd.store.database import Tx
from syncd.store.integrations import KEY_SINCE, Integration

CODE = "SYN-PAG-KEY-AGE"
WARNED_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class KeyAge:
    slug: str
    which: str  # by its last four characters
    since: datetime
    now: datetime

    @property
    def days(self) -> int:
        return (self.now - self.since).days

    @property
    def is_old(self) -> bool:
        return self.now - self.since >= WARNED_AFTER

    @property
    def told(self) -> str:
        """A sentence that fits behind the account's name."""
        which = self.which or "API key"
        days = "1 day" if self.days == 1 else f"{self.days} days"
        told = f"The {which} has been in use for {days}, since {self.since:%Y-%m-%d}"
        return f"{told}, and is to be replaced every {WARNED_AFTER.days} days." if self.is_old else f"{told}."

    @property
    def cure(self) -> str:
        return CATALOGUE[CODE].cured(self.slug)


def stored(now: datetime) -> Mapping[str, str]:
    """The setting beside a credential that is another one from now on."""
    return {KEY_SINCE: now.isoformat()}


def of(tx: Tx, it: Integration, now: datetime) -> KeyAge | None:
    """None: it has no key that could grow old. An earlier release has not written the moment down; its log has it."""
    if it.system != "pagerduty" or it.is_by_oauth or it.sealed is None:
        return None
    since = _written(it) or connection_log.last_rotation(tx, it.slug) or it.created_at
    return None if since is None else KeyAge(it.slug, it.in_use, since, now)


def keys_told(tx: Tx, it: Integration, now: datetime) -> str:
    """What a report says of it."""
    age = of(tx, it, now)
    if age is not None and age.since > now:  # of a time that is over
        which = age.which or "API key"
        return f"Which key was in use by then is not known; the one of today, {which}, has been since {age.since:%Y-%m-%d}."
    if age is not None:
        return age.told
    if it.is_by_oauth:
        return "It is connected by OAuth: its tokens are renewed by themselves, so that there is no key that grows old."
    return "It has no key that grows old."


def _written(it: Integration) -> datetime | None:
    found = it.settings.get(KEY_SINCE)
    return datetime.fromisoformat(found) if isinstance(found, str) and found else None
