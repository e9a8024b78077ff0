"""Where notices go, for whoever asks for the status: a channel that does not take them can tell nobody of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.flow.finding import Finding
from syncd.store import notices
from syncd.store.database import Tx
from syncd.store.notices import LastAttempt

GIVES_UP_AFTER = timedelta(days=2)  # a notice that is older helps nobody


def failing(tx: Tx, now: datetime) -> Sequence[LastAttempt]:
    """Those that did not take the last message they were sent. One that was unset since is forgotten when that is old."""
    return [one for one in notices.last_attempts(tx) if one.outcome != notices.TOLD and now - one.at < GIVES_UP_AFTER]


def findings(seen: Sequence[LastAttempt]) -> list[Finding]:
    return [
        Finding(
            f"Channel {one.channel} did not take its last message, at {one.at:%Y-%m-%d %H:%M} UTC: {one.detail.rstrip('.')}.",
            f"Mend it and try it: `syncd channels test {one.channel}`; what is younger than two days is sent again by itself.",
        )
        for one in seen
    ]
