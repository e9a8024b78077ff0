"""The accounts as a list shows them: whether each is connected and written to, and how we hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.changes import Side
from syncd.flow.status import held
from syncd.store import integrations
from syncd.store.database import Tx
from syncd.store.integrations import ALERTS, Integration


@dataclass(frozen=True, slots=True)
class AccountLine:
    account: Integration
    held: int

    @property
    def state(self) -> tuple[str, str]:
        """The word, and the outcome whose shape it has: what keeps most from it comes first."""
        it = self.account
        if not it.is_connected:
            return "disconnected", "failed"
        if it.is_paused:
            return "paused", "held"
        if it.is_observed:
            return "only observed", "held"
        return ("only read", "ignored") if it.is_read_only else ("connected", "applied")

    @property
    def ways(self) -> str:
        if self.account.side is Side.CASE:
            return self.account.called
        if not self.account.can_be_read:
            return "one way: nothing comes back by a service key"
        return "both ways" if self.account.is_two_way else "one way: what happens there changes no case"


def account_lines(tx: Tx) -> Sequence[AccountLine]:
    accounts = integrations.all_of(tx)
    kept = held.read(tx, accounts)
    counts = (kept.by_account, kept.by_paused_account, kept.by_observed_account, kept.by_unread_account)
    shown = [
        one for one in accounts.values() if one.system != ALERTS
    ]  # Those are sent to us; nobody is asked for them.
    return [AccountLine(one, sum(count.get(one.slug, 0) for count in counts)) for one in shown]
