"""Where notices go, for whoever asks for the status: a channel that does not take them can tell nobody of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.flow.finding import Finding
from syncd.store import notices
from syncd.store.database import Tx
from syncd.store.notices import LastAttempt
from syncd.systems.channels.unusable import Unusable

GIVES_UP_AFTER = timedelta(days=2)  # a notice that is older helps nobody


def failing(tx: Tx, now: datetime) -> Sequence[LastAttempt]:
    """Those that did not take the last message they were sent. One that was unset since is forgotten when that is old."""
    return [one for one in notices.last_attempts(tx) if one.outcome != notices.TOLD and now - one.at < GIVES_UP_AFTER]


def findings(seen: Sequence[LastAttempt], none: Sequence[Unusable] = ()) -> list[Finding]:
    """`none`: those that cannot be made of their settings, which need no message to be known."""
    return [
        Finding(
            f"Channel {one.name} cannot be used: {one.why}",
            f"Correct that, start the workers anew, and try it: `syncd channels test {one.name}`; what is younger than two days is sent by "
            "itself.",
        )
        for one in none
    ] + [
        Finding(
            f"Channel {one.channel} did not take its last message, at {one.at:%Y-%m-%d %H:%M} UTC: {one.detail.rstrip('.')}.",
            f"Mend it and try it: `syncd channels test {one.channel}`; what is younger than two days is sent again by itself.",
        )
        for one in seen
        if one.channel not in {each.name for each in none}
    ]
