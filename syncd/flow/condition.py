"""How the daemon is: what waits, what is stuck, who is away. Read from the tables; every finding has its remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.lifecycle import ErrandState, IntegrationState
from syncd.core.link import LinkState
from syncd.core.reasons import Reason
from syncd.store import arrivals, deliveries, errands, heartbeats, integrations, links
from syncd.store.database import Database, Tx

SILENT_AFTER = timedelta(seconds=60)
OLD_AFTER = timedelta(minutes=10)
RECENTLY = timedelta(hours=24)
PARTS = ("receiver", "console", "worker", "beat")
_START = {
    "receiver": "Start one: `syncd web --only hooks`, or `syncd up`.",
    "console": "Start one: `syncd web --only console`, or `syncd up`.",
    "worker": "Start one: `syncd worker`, or `syncd up`.",
    # Its sign of life travels through the broker and a worker.
    "beat": "Start one: `syncd beat`, or `syncd up`; if it runs, see that the broker and a worker do.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class PartSeen:
    part: str
    instances: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Condition:
    now: datetime
    oldest_unsynced: datetime | None
    errands: Mapping[str, int]
    links: Mapping[str, int]
    disconnected: Sequence[integrations.Integration]
    parts: Sequence[PartSeen]
    reopened_by_us: int  # recently

    @property
    def oldest_age_s(self) -> float | None:
        return None if self.oldest_unsynced is None else (self.now - self.oldest_unsynced).total_seconds()

    @property
    def findings(self) -> Sequence[Finding]:
        return [*_of_accounts(self), *_of_parts(self), *_of_work(self)]


def condition(db: Database) -> Condition:
    with db.read() as tx:
        now = db.now(tx)
        waiting = [at for at in (arrivals.oldest_new(tx), errands.oldest_live(tx)) if at is not None]
        accounts = integrations.all_of(tx).values()
        return Condition(
            now,
            min(waiting, default=None),
            errands.counts(tx),
            links.counts(tx),
            [one for one in accounts if one.state is IntegrationState.DISCONNECTED],
            _parts(tx, now),
            deliveries.count_since(tx, Reason.REOPENED_BY_US, now - RECENTLY),
        )


def _parts(tx: Tx, now: datetime) -> list[PartSeen]:
    beats = heartbeats.latest(tx)
    seen = []
    for part in PARTS:
        mine = [one.at for one in beats if one.part == part]
        alive = [at for at in mine if now - at < SILENT_AFTER]
        seen.append(PartSeen(part, len(alive), max(mine, default=None)))
    return seen


def _of_accounts(seen: Condition) -> list[Finding]:
    return [
        Finding(
            f"Integration {one.slug} is disconnected since {one.since:%Y-%m-%d %H:%M} UTC ({one.code}): "
            f"{one.reason.rstrip('.')}.",
            f"Give it a credential that works: `syncd integrations rotate {one.slug}`; what is held then goes on in order.",
        )
        for one in seen.disconnected
    ]


def _of_parts(seen: Condition) -> list[Finding]:
    return [
        Finding(
            f"No {one.part} has been seen for a minute." if one.last_seen else f"No {one.part} is running.",
            _START[one.part],
        )
        for one in seen.parts
        if not one.instances
    ]


def _of_work(seen: Condition) -> list[Finding]:
    found = []
    if held := seen.errands.get(ErrandState.HELD, 0):
        what = f"{_counted(held, 'change is', 'changes are')} held."
        found.append(Finding(what, "See which, and why, newest first: `syncd deliveries list --outcome held`."))
    if dead := seen.errands.get(ErrandState.DEAD, 0):
        what = f"{_counted(dead, 'change was', 'changes were')} refused for good."
        found.append(Finding(what, "See why: `syncd deliveries list --outcome failed`."))
    if seen.oldest_age_s is not None and seen.oldest_age_s > OLD_AFTER.total_seconds():
        what = f"The oldest change has waited for {seen.oldest_age_s:.0f} s."
        found.append(Finding(what, "See what it waits for: `syncd deliveries list --outcome retrying`."))
    if failed := seen.links.get(LinkState.FAILED, 0):
        what = f"{_counted(failed, 'case', 'cases')} got no incident."
        found.append(Finding(what, "See why: `syncd links list --state failed`."))
    if reopened := seen.reopened_by_us:
        verb = "was" if reopened == 1 else "were"
        what = (
            f"{_counted(reopened, 'incident', 'incidents')} {verb} reopened by a write of ours in the last day, and "
            "resolved again."
        )
        found.append(Finding(what, "Tell whoever was paged; there is nothing else to do."))
    return found


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
