"""Take a hook in: is it really from them, what is it about, and have we had it before? What it means is plan's to say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from syncd.core.changes import Side
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.core.shard import shard_of
from syncd.errors import Rejected, Unreadable
from syncd.store import arrivals, deliveries, hook_secrets
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database, Tx
from syncd.store.deliveries import Delivery
from syncd.systems.port import Glance, Hook, System
from syncd.tracing.context import id_of

_LONGEST_NAME = 255
_LONGEST_TYPE = 64  # it becomes the `change` of a row
_LONGEST_DETAIL = 1000
_UNREADABLE = (Unreadable, ValueError, RecursionError)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes none of them in text


class Door(Protocol):
    """Where a source's hooks come in."""

    @property
    def slug(self) -> str: ...
    @property
    def side(self) -> Side: ...
    @property
    def system(self) -> System: ...
    @property
    def secrets(self) -> tuple[str, ...]: ...
    @property
    def secret_ids(self) -> tuple[int, ...]: ...
    @property
    def subscriptions(self) -> tuple[str, ...]: ...


class Doors(Protocol):
    """Both raise NotFound for a source nobody knows, and NoSecret when none can be used."""

    def door(self, source: str) -> Door: ...

    def refresh(self, source: str) -> Door:
        """Not from memory."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A hook that is proven and not yet stored."""

    arrival: NewArrival
    side: Side
    secret_id: int | None = None  # of a ping: the secret that proved it


def prove(door: Door, hook: Hook) -> Taken:
    """Raises BadSignature. A body that cannot be read is taken all the same: refusing it would make the sender give up."""
    door.system.verify(hook, door.secrets)
    glance = _glance(door.system, hook)
    record = storable(glance.ref, _LONGEST_NAME)
    arrival = NewArrival(
        source=door.slug,
        event_key=storable(glance.key, _LONGEST_NAME) if glance.key else None,
        event_type=storable(glance.event_type, _LONGEST_TYPE),
        record=record,
        body=hook.body,
        received_at=hook.received_at,
        shard=shard_of(record or door.slug),
    )
    return Taken(arrival, door.side, _proving(door, hook) if glance.is_ping else None)


def _proving(door: Door, hook: Hook) -> int | None:
    """The signature alone tells; what a header says of its subscription is not signed."""
    for secret_id, secret in zip(door.secret_ids, door.secrets, strict=True):
        try:
            door.system.verify(hook, (secret,))
        except Rejected:
            continue
        return secret_id
    return None


def _glance(system: System, hook: Hook) -> Glance:
    try:
        return system.glance(hook)
    except _UNREADABLE:
        return Glance()


def store(db: Database, group: Sequence[Taken]) -> list[int | None]:
    """All of them or none. The id each got, None where its event was here before; a repeat leaves a row."""
    with db.write() as tx:
        ids = arrivals.add_many(tx, _by_the_shared_clock(db, tx, [taken.arrival for taken in group]))
        repeats = [taken for taken, arrival_id in zip(group, ids, strict=True) if arrival_id is None]
        proved = [one.secret_id for one, new in zip(group, ids, strict=True) if one.secret_id is not None and new]
        if proved:
            hook_secrets.prove(tx, proved, db.now(tx))
        if repeats:
            now = db.now(tx)
            deliveries.record_many(tx, [_repeat(taken, now) for taken in repeats])
    return ids


def _by_the_shared_clock(db: Database, tx: Tx, taken: Sequence[NewArrival]) -> Sequence[NewArrival]:
    """What is due, and what came first, is told by the clock that all hosts share, and not by that of one receiver."""
    if db.is_alone:
        return taken
    ahead = max(one.received_at for one in taken) - db.now(tx)
    return [replace(one, received_at=one.received_at - ahead) for one in taken]


def turn_away(
    db: Database, door: Door, detail: str, *, names_ours: bool = False, ago: timedelta = timedelta(0)
) -> None:
    """The row of a hook, or of many, that carried no valid signature. Nothing of its body is believed or kept; of its headers
    only whether it named a subscription of ours, as PagerDuty would and a stranger could not. `ago`: when the last of them came.
    """
    with db.write() as tx:
        now = db.now(tx)
        row = replace(_rejected(door, detail, now), occurred_at=now - ago)
        deliveries.record_many(tx, [replace(row, action=deliveries.NAMES_OURS) if names_ours else row])


def storable(text: str, most: int) -> str:
    """As it is when it can be; else cleaned and cut so that one sees it, and still different from any other."""
    if len(text) <= most and not _UNSTORABLE.search(text):
        return text
    clean = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{clean[: most - len(digest) - 1]}#{digest}"


def _repeat(taken: Taken, now: datetime) -> Delivery:
    arrival = taken.arrival
    return Delivery(
        recorded_at=now,
        direction=deliveries.direction(taken.side),
        change=arrival.event_type or "unknown",
        outcome=Outcome.SUPPRESSED,
        reason=Reason.DUPLICATE,
        detail=SENTENCES[Reason.DUPLICATE],
        source_system=arrival.source,
        integration=arrival.source if taken.side is Side.INCIDENT else "",
        case_id=arrival.record if taken.side is Side.CASE else "",
        incident_id=arrival.record if taken.side is Side.INCIDENT else "",
        trace=id_of(arrival.trace),
    )


def _rejected(door: Door, detail: str, now: datetime) -> Delivery:
    return Delivery(
        recorded_at=now,
        direction=deliveries.direction(door.side),
        change="hook",
        outcome=Outcome.REJECTED,
        reason=Reason.BAD_SIGNATURE,
        detail=storable(detail, _LONGEST_DETAIL),
        source_system=door.slug,
        integration=door.slug if door.side is Side.INCIDENT else "",
        method="POST",
        url=f"/hooks/{door.slug}",
        http_status=401,
    )
