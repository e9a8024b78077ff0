"""Changes that are tried again and again for what a person has to mend: time does not, so that nobody waits to say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.core.reasons import Reason
from syncd.errors import cause_of
from syncd.flow.finding import Finding, counted
from syncd.store.database import Tx
from syncd.store.stuck import Stuck, stuck

_CURES: Mapping[Reason, str] = {
    Reason.OFF_LIMITS: "Open its address by SYNCD_OUTGOING_ALLOW where the workers run, whatever the shell has, and start them anew",
    Reason.UNKNOWN_SENDER: "Let the integration's From user respond to the incident in PagerDuty",
}


def read(tx: Tx) -> Sequence[Stuck]:
    return stuck(tx, _CURES)


def findings(seen: Sequence[Stuck]) -> list[Finding]:
    return [Finding(what(one), remedy(one)) for one in seen]


def what(one: Stuck) -> str:
    changes = counted(one.count, "change to", "changes to")
    return f"{changes} {one.account} cannot be written until a person mends it ({one.reason}): {cause_of(one.detail)}."


def remedy(one: Stuck) -> str:
    return f"{_CURES[one.reason]}; it is tried again by itself. Which: `syncd deliveries list --reason {one.reason}`."
