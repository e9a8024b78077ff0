"""Why a link has no address of its incident, for whoever looks for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState
from syncd.core.reasons import SENTENCES, Reason
from syncd.store import integrations, openings
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.openings import StoredOpening

_BY_SERVICE_KEY = "It was sent by a service key, and nothing comes back by one: PagerDuty tells no address."
_UNTOLD = "PagerDuty has told no address of it yet."
_WAITS = "Its incident is not opened yet; its turn comes within seconds while a worker runs."
_UNDER_WAY = "Its incident is being opened right now."


@dataclass(frozen=True, slots=True)
class Addresses:
    accounts: Mapping[str, Integration]
    opening: Mapping[int, StoredOpening]

    @classmethod
    def read(cls, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> Addresses:
        """Of links as the store lists them."""
        without = [row["id"] for row in rows if row["state"] == LinkState.OPENING]
        return cls(integrations.all_of(tx), openings.live(tx, without))

    def why_none(self, row: Mapping[str, Any]) -> str:
        """Empty: there is one."""
        if row["incident_url"]:
            return ""
        match LinkState(row["state"]):
            case LinkState.OPEN:
                account = self.accounts.get(row["integration"])
                return _UNTOLD if account is None or account.can_be_read else _BY_SERVICE_KEY
            case LinkState.OPENING:
                return _of_opening(self.opening.get(row["id"]))
            case LinkState.FAILED:
                return f"Its incident could not be opened. {row['reason']}".strip()
            case LinkState.ENDED:
                return f"Its link has ended. {row['reason']}".strip()


def _of_opening(opening: StoredOpening | None) -> str:
    if opening is None or (opening.state is ErrandState.WAITING and not opening.attempt):
        return _WAITS
    if opening.state is ErrandState.SENDING:
        return _UNDER_WAY
    if opening.state is ErrandState.HELD:
        return f"Its incident is not opened yet. {SENTENCES[Reason(opening.held_reason)]}"
    tries = "once" if opening.attempt == 1 else f"{opening.attempt} times"
    return (
        f"Its incident could not be opened yet: it was tried {tries}, and is again from {opening.next_at:%Y-%m-%d %H:%M:%S} UTC "
        "on; `syncd deliveries list` says why."
    )
