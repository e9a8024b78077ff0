"""The channels that are set, each with how its last message went: what people and programs are shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.store import notices
from syncd.store.database import Tx
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable


@dataclass(frozen=True, slots=True)
class Way:
    channel: str
    where: str
    last_at: datetime | None = None  # None: nothing was sent yet
    last: str = ""
    detail: str = ""


def ways(tx: Tx, channels: Mapping[str, Channel]) -> Sequence[Way]:
    seen = {one.channel: one for one in notices.last_attempts(tx)}
    return [_way(name, one, seen.get(name)) for name, one in channels.items()]


def _way(name: str, channel: Channel, last: notices.LastAttempt | None) -> Way:
    if isinstance(channel, Unusable):
        return Way(name, channel.where, last.at if last else None, "unusable", channel.why)
    return Way(name, channel.where, last.at, last.outcome, last.detail) if last else Way(name, channel.where)
