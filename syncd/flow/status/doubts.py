"""What status cannot vouch for though nothing waits: looks that are still to be made, and writes that were never made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from syncd.core.changes import Side
from syncd.flow.finding import counted
from syncd.store import reconciles, replay
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.replay import Dealt

_OBSERVING = "`syncd deliveries list reason:observing,read_only`"
_PARKED = "`syncd deliveries list --outcome parked`"
_ASKED_FOR = timedelta(days=1)  # after a restore; by then somebody has asked, or nobody will


def read(tx: Tx, now: datetime, accounts: Mapping[str, Integration]) -> list[str]:
    """A sentence for each, and none of them is something to do."""
    undone = replay.count_undone(tx)
    return [
        *looked_for(tx),
        *(_observed(one) for one in accounts.values() if one.is_observed),
        *(_only_read(one) for one in accounts.values() if one.is_read_only),
        *(_one_way(one) for one in accounts.values() if not one.is_two_way),
        *(_without_consent(one) for one in accounts.values() if one.system == "pagerduty" and not one.consented_at),
        *(said for one in accounts.values() if (said := _forgotten(one, now))),
        *_never_made(undone.get(Dealt.OBSERVED, 0) + undone.get(Dealt.LEFT, 0), "only observed or read", _OBSERVING),
        *_never_made(undone.get(Dealt.PARKED, 0), "put aside by a person", _PARKED),
    ]


def looked_for(tx: Tx, slug: str = "") -> list[str]:
    return [_looked_for(one, since) for one, since in reconciles.to_come(tx) if slug in {"", one}]


def _looked_for(slug: str, since: datetime) -> str:
    return f"What {slug} has changed since {since:%Y-%m-%d %H:%M:%S} UTC without a hook is still being looked for."


def _observed(one: Integration) -> str:
    return f"{one.slug} is only observed, so whatever it has not got from the other side is missing there."


def _only_read(one: Integration) -> str:
    return (
        f"{one.slug} was connected to be only read, so no incident is opened or changed there: `syncd deliveries list --reason read_only`; "
        f"`syncd integrations set {one.slug} --read-only off` changes that."
    )


def _one_way(one: Integration) -> str:
    return (
        f"{one.slug} is synced one way, so what people do there changes no case: `syncd deliveries list --reason sync_off`; "
        f"`syncd integrations two-way {one.slug} on` changes that."
    )


def _without_consent(one: Integration) -> str:
    return (
        f"Nobody is on record as having consented to {one.slug}'s data being processed: it was added by an earlier release; "
        f"`syncd integrations set {one.slug} --consent` records it."
    )


def _forgotten(one: Integration, now: datetime) -> str:
    """Which cases a backup has forgotten only PagerDuty can tell, and status asks nobody."""
    gap = one.gap
    if gap is None or one.side is not Side.INCIDENT or now - gap.until > _ASKED_FOR:
        return ""
    return (
        f"A backup of {gap.since:%Y-%m-%d %H:%M} UTC was restored: open incidents in {one.slug} whose case it has forgotten "
        "are shown by `syncd restored --lost`."
    )


def _never_made(count: int, how: str, shown_by: str) -> list[str]:
    if not count:
        return []
    what = counted(count, "change was", "changes were")
    return [f"{what} {how} and never made, so both sides may differ there: {shown_by}."]
