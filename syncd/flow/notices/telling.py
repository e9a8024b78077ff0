"""Bringing notices to channels: again after a failure, with growing waits, for two days; each attempt is a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.flow.status.channels import GIVES_UP_AFTER
from syncd.store import notices
from syncd.store.database import Database
from syncd.store.notices import Telling
from syncd.systems.channels.port import Channel, Message
from syncd.systems.trip import Trip

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600))  # the last one again and again


def tell(db: Database, channels: Mapping[str, Channel], clock: Clock) -> bool:
    """One message that is due. False: there is none."""
    if not channels:
        return False
    with db.write() as tx:
        now = db.now(tx)
        one = notices.take(tx, sorted(channels), now, now + LEASE)
    if one is None:
        return False
    try:
        send(channels[one.channel], _message(one), clock)
    except errors.SyncdError as error:
        _failed(db, one, str(error))
    except Exception as error:  # Else it would be tried once a minute for ever, and no row would say so.
        log.exception("channel.broken", channel=one.channel)
        _failed(db, one, f"The channel itself failed ({type(error).__name__}); the worker's log has more.")
    else:
        with db.write() as tx:
            notices.end(tx, one, notices.TOLD, "", db.now(tx))
    return True


def send(channel: Channel, message: Message, clock: Clock) -> None:
    """Raises a SyncdError with the sentence that says why it did not arrive."""
    channel.send(message, Trip.begin(message.id, clock.monotonic), clock.now())


def _message(one: Telling) -> Message:
    """One that is late still says what was so then."""
    it, is_over = one.notice, one.event == notices.CLEARED
    event = f"{it.kind}.cleared" if is_over else it.kind
    # A restored backup gives the same numbers anew.
    number = f"msg_{one.id}_{one.created_at:%Y%m%dT%H%M%S%f}"
    return Message(number, event, it.cause, it.what, it.remedy, it.opened_at, it.cleared_at if is_over else None)


def _failed(db: Database, one: Telling, why: str) -> None:
    with db.write() as tx:
        now = db.now(tx)
        again = None if now - one.created_at > GIVES_UP_AFTER else now + WAITS[min(one.attempt, len(WAITS)) - 1]
        notices.end(tx, one, notices.RETRYING if again else notices.FAILED, why, now, again)
    log.warning("notice.not_told", channel=one.channel, notice=one.notice.id, attempt=one.attempt, why=why)
