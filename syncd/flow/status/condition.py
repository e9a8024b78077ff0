"""How the daemon is: what waits, what is stuck, who is away. Read from the tables; every finding has its remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote

from syncd.connections import key_age
from syncd.connections.key_age import KeyAge
from syncd.core.changes import Side
from syncd.core.lifecycle import ErrandState, IntegrationState
from syncd.core.link import LinkState
from syncd.core.prepare import WAS_OBSERVED
from syncd.core.reasons import Outcome, Reason
from syncd.errors import DatabaseAway, cause_of
from syncd.flow import conflicts
from syncd.flow.accounts import cure
from syncd.flow.catchup import restoring
from syncd.flow.finding import Finding, counted
from syncd.flow.retention.keeping import behind_since
from syncd.store import deliveries, errands, inflow, integrations, legal_holds, links, probes, replay
from syncd.store.database import Database, Tx
from syncd.store.legal_holds import LegalHold
from syncd.store.notices import LastAttempt
from syncd.store.probes import Probe
from syncd.store.stuck import Stuck
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable, unusable

from . import channels, doubts, held, incoming, overdue, parts, rights, stuck, subscriptions, writing
from .parts import PartSeen

OLD_AFTER = timedelta(minutes=10)
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The change that has waited longest of those that nothing holds."""

    since: datetime
    remedy: str


@dataclass(frozen=True, slots=True)
class Condition:
    now: datetime
    oldest: Waiting | None
    oldest_held: datetime | None
    held: held.Held
    incoming: incoming.Incoming
    subscriptions: subscriptions.Seen
    rights: Sequence[Probe]  # what a key may not do that is needed of it
    overdue: overdue.Unmade
    errands: Mapping[str, int]  # by state; of the dead only those whom nobody has dealt with
    links: Mapping[str, int]
    accounts: Sequence[integrations.Integration]
    unopened: int  # open cases whose incident was only told, of accounts that are written to by now
    in_conflict: int  # links with a field that a person has to decide
    disconnected: Sequence[integrations.Integration]
    restrained: Sequence[integrations.Integration]  # by a person: paused, or only observed
    parts: Sequence[PartSeen]
    reopened_by_us: int  # recently
    late: int  # recently: writes that were made once too often
    legal_holds: Sequence[LegalHold]  # those that stand
    pruning_behind_since: datetime | None
    untold: Sequence[LastAttempt]  # channels that fail
    doubts: Sequence[str]  # where both sides may differ though nothing waits: nothing to do, and not vouched for
    old_keys: Sequence[KeyAge] = ()  # that are to be replaced
    unusable: Sequence[Unusable] = ()  # channels that cannot be made of their settings
    trouble: DatabaseAway | None = None  # why this process could not write, when it last was to
    stuck: Sequence[Stuck] = ()  # changes that wait for a person, though they are tried again
    keys: str = ""  # why what stands where the master keys come from is not used

    @property
    def oldest_unsynced(self) -> datetime | None:
        return None if self.oldest is None else self.oldest.since

    @property
    def oldest_age_s(self) -> float | None:
        return _age_s(self.now, self.oldest_unsynced)

    @property
    def oldest_held_s(self) -> float | None:
        return _age_s(self.now, self.oldest_held)

    @property
    def is_just_restored(self) -> bool:
        """Its parts are coming up only now."""
        return any(one.gap is not None and self.now - one.gap.until < parts.SILENT_AFTER for one in self.accounts)

    def part(self, name: str) -> PartSeen:
        return next(one for one in self.parts if one.part == name)

    @property
    def findings(self) -> Sequence[Finding]:
        return [
            *writing.findings(self.trouble),
            *_of_keys(self),
            *_of_accounts(self),
            *incoming.findings(self.incoming),
            *subscriptions.findings(self.subscriptions, self.accounts),
            *rights.findings(self.rights, self.accounts),
            *overdue.findings(self.overdue),
            *restoring.findings(self.accounts, self.held.by_unread_account),
            *_of_parts(self),
            *held.findings(self.held),
            *stuck.findings(self.stuck),
            *_of_work(self),
            *conflicts.findings(self.in_conflict),
            *_of_upkeep(self),
            *_of_old_keys(self),
            *channels.findings(self.untold, self.unusable),
        ]


def condition(db: Database, *, keys: str = "", told_by: Mapping[str, Channel] | None = None) -> Condition:
    """`told_by`: the channels that are set."""
    with db.read() as tx:
        now = db.now(tx)
        accounts = integrations.all_of(tx)
        oldest_held = errands.oldest(tx, [ErrandState.HELD])
        return Condition(
            now,
            _oldest(tx),
            None if oldest_held is None else oldest_held.since,
            held.read(tx, accounts),
            incoming.read(tx, now, accounts),
            subscriptions.read(tx, now),
            probes.failing(tx),
            overdue.read(tx, now, accounts),
            {**errands.counts(tx), ErrandState.DEAD: replay.count_open(tx)},
            links.counts(tx),
            list(accounts.values()),
            sum(not one.link.is_case_over for one in links.ended_because(tx, WAS_OBSERVED)),
            links.count_in_conflict(tx),
            [one for one in accounts.values() if one.state is IntegrationState.DISCONNECTED],
            [one for one in accounts.values() if one.is_paused or one.is_observed],
            parts.read(tx, now, [one.gap for one in accounts.values() if one.gap is not None]),
            deliveries.count_since(tx, Reason.REOPENED_BY_US, now - RECENTLY),
            deliveries.count_since(tx, Reason.LATE, now - RECENTLY),
            legal_holds.standing(tx),
            behind_since(tx, now),
            channels.failing(tx, now),
            doubts.read(tx, now, accounts),
            [age for one in accounts.values() if (age := key_age.of(tx, one, now)) is not None and age.is_old],
            unusable((told_by or {}).values()),
            db.trouble,
            stuck.read(tx),
            keys,
        )


def _oldest(tx: Tx) -> Waiting | None:
    hook, errand = inflow.oldest_new(tx), errands.oldest(tx, errands.ON_ITS_WAY)
    if errand is not None and (hook is None or errand.since <= hook.since):
        return Waiting(
            errand.since,
            _remedy(tx, "link", str(errand.link_id), {"link_id": errand.link_id, "errand_id": errand.id}),
        )
    if hook is None:
        return None
    source = integrations.get(tx, hook.source)
    about = "case" if source is not None and source.side is Side.CASE else "incident"
    return Waiting(hook.since, _remedy(tx, about, hook.record, {f"{about}_id": hook.record, "arrival_id": hook.id}))


def _remedy(tx: Tx, about: str, name: str, tried: Mapping[str, object]) -> str:
    """Only a command that shows something: what nobody has tried yet has no rows."""
    if deliveries.find(tx, {**tried, "outcome": Outcome.RETRYING}, limit=1):
        which = f"--{about} {quote(name)}"
        return f"See what it waits for: `syncd deliveries list {which} --outcome retrying`."
    if name and links.about(tx, name):
        return (
            f"Nobody has tried it yet; see that a worker runs, and what it is about: `syncd links show {quote(name)}`."
        )
    return f"It is a hook about {about} {name or 'unknown'} that nobody has looked at yet; see that a worker runs."


def _of_keys(seen: Condition) -> list[Finding]:
    if not seen.keys:
        return []
    what = f"{cause_of(seen.keys)}: whoever runs goes on with the keys it had, and nothing that starts now can."
    return [Finding(what, "Bring the right master keys back; `syncd doctor` says when they fit.")]


def _of_accounts(seen: Condition) -> list[Finding]:
    return [
        Finding(
            f"Integration {one.slug} is disconnected since {one.since:%Y-%m-%d %H:%M} UTC ({one.code}): "
            f"{cause_of(one.reason)}.",
            cure(one),
        )
        for one in seen.disconnected
    ]


def _of_parts(seen: Condition) -> list[Finding]:
    return [
        Finding(
            parts.missing(one, seen.now),
            parts.remedy(one, is_unknown=seen.trouble is not None),
        )
        for one in seen.parts
        if not one.instances and not seen.is_just_restored
    ]


def _of_work(seen: Condition) -> list[Finding]:
    found = []
    if dead := seen.errands[ErrandState.DEAD]:
        what = f"{counted(dead, 'change was', 'changes were')} refused for good."
        remedy = (
            "See why: `syncd deliveries list --outcome failed`; once that is mended `syncd deliveries replay ID --yes` "
            "sends what is still missing, and `syncd deliveries park ID --why REASON` puts it aside."
        )
        found.append(Finding(what, remedy))
    if seen.oldest is not None and seen.now - seen.oldest.since > OLD_AFTER:
        what = f"The oldest change has waited for {seen.oldest_age_s:.0f} s, and {OLD_AFTER.total_seconds():.0f} s are long."
        found.append(Finding(what, seen.oldest.remedy))
    if failed := seen.links.get(LinkState.FAILED, 0):
        what = f"{counted(failed, 'case', 'cases')} got no incident."
        found.append(
            Finding(what, "See why: `syncd links list --state failed`; replay or park the delivery of the opening.")
        )
    if unopened := seen.unopened:
        what = (
            f"{counted(unopened, 'open case has', 'open cases have')} no incident, since the account was only observed when "
            "that was to be opened."
        )
        remedy = (
            "See which: `syncd links list --state ended` and `syncd deliveries list --reason observing`; `syncd deliveries "
            "replay ID` of the opening opens it, and `syncd deliveries park ID --why REASON` says that none is wanted."
        )
        found.append(Finding(what, remedy))
    if reopened := seen.reopened_by_us:
        verb = "was" if reopened == 1 else "were"
        what = (
            f"{counted(reopened, 'incident', 'incidents')} {verb} reopened by a write of ours in the last day, and "
            "resolved again."
        )
        found.append(Finding(what, "Tell whoever was paged; there is nothing else to do."))
    if late := seen.late:
        verb = "was" if late == 1 else "were"
        what = f"{counted(late, 'write', 'writes')} of ours {verb} made twice in the last day: a worker stood still for long."
        found.append(
            Finding(
                what,
                "`syncd deliveries list --reason late` shows each, and what of it stands twice and is to be taken away by hand.",
            )
        )
    return found


def _of_upkeep(seen: Condition) -> list[Finding]:
    since = seen.pruning_behind_since
    if since is None:
        return []
    what = f"Old rows have not been pruned to the end since {since:%Y-%m-%d %H:%M} UTC."
    remedy = (
        "See that a worker runs and what its log says of pruning; `syncd retention show` tells how many rows are due."
    )
    return [Finding(what, remedy)]


def _of_old_keys(seen: Condition) -> list[Finding]:
    return [Finding(f"{one.slug}: {one.told} ({key_age.CODE})", one.cure) for one in seen.old_keys]


def _age_s(now: datetime, since: datetime | None) -> float | None:
    return None if since is None else (now - since).total_seconds()
