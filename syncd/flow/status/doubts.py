"""What status cannot vouch for though nothing waits: looks that are still to be made, and writes that were never made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from syncd.flow.finding import counted
from syncd.store import reconciles, replay
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.replay import Dealt

_OBSERVING = "`syncd deliveries list --reason observing`"
_PARKED = "`syncd deliveries list --outcome parked`"


def read(tx: Tx, accounts: Mapping[str, Integration]) -> list[str]:
    """A sentence for each, and none of them is something to do."""
    undone = replay.count_undone(tx)
    return [
        *(_looked_for(slug, since) for slug, since in reconciles.to_come(tx)),
        *(_observed(one) for one in accounts.values() if one.is_observed),
        *_never_made(undone.get(Dealt.OBSERVED, 0) + undone.get(Dealt.LEFT, 0), "only observed", _OBSERVING),
        *_never_made(undone.get(Dealt.PARKED, 0), "put aside by a person", _PARKED),
    ]


def _looked_for(slug: str, since: datetime) -> str:
    return f"What {slug} has changed since {since:%Y-%m-%d %H:%M:%S} UTC without a hook is still being looked for."


def _observed(one: Integration) -> str:
    return f"{one.slug} is only observed, so whatever it has not got from the other side is missing there."


def _never_made(count: int, how: str, shown_by: str) -> list[str]:
    if not count:
        return []
    what = counted(count, "change was", "changes were")
    return [f"{what} {how} and never made, so both sides may differ there: {shown_by}."]
