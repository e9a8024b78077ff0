"""Looks over what changed unheard that are put off again and again or were refused, for whoever asks for the status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.errors import cause_of
from syncd.flow.accounts import may_read
from syncd.flow.finding import Finding
from syncd.store import reconciles
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.reconciles import Failed

LATE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Overdue:
    slug: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Unmade:
    overdue: Sequence[Overdue]
    failed: Sequence[Failed]


def read(tx: Tx, now: datetime, accounts: Mapping[str, Integration]) -> Unmade:
    """Of an account that is paused or disconnected that is known already."""
    late = [Overdue(*one) for one in reconciles.put_off_since(tx, now - LATE_AFTER)]
    return Unmade([one for one in late if may_read(accounts[one.slug])], reconciles.failed(tx))


def findings(unmade: Unmade) -> list[Finding]:
    return [
        *(
            Finding(
                f"What changed unheard at {one.slug} has been waiting to be looked for since {one.since:%Y-%m-%d %H:%M} UTC: "
                f"{cause_of(one.why)}.",
                f"See what the account says now: `syncd integrations test {one.slug}`; the look goes on by itself.",
            )
            for one in unmade.overdue
        ),
        *(Finding(failed(one), remedy(one)) for one in unmade.failed),
    ]


def failed(one: Failed) -> str:
    return f"What {one.slug} has changed unheard since {one.since:%Y-%m-%d %H:%M} UTC could not be looked for: {cause_of(one.why)}."


def remedy(one: Failed) -> str:
    return f"Have it looked over from a later moment, and every record read: `syncd links repair --since 30d --deep --integration {one.slug}`."
