"""Whether hooks come in: how many wait, which sources are turned away, and from which nothing can come at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.changes import Side
from syncd.flow.catchup.unheard import POLLED_EVERY
from syncd.flow.finding import Finding
from syncd.store import deliveries, hook_secrets, inflow, integrations
from syncd.store.database import Tx
from syncd.store.integrations import Integration

TURNED_AWAY_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Incoming:
    waiting: int  # hooks that are still to be planned and that nothing holds
    turned_away: Mapping[str, int]  # by source: how many lately, while none was taken after the last of them
    made_by_us: Collection[str]  # sources with a subscription that syncd made
    deaf: Sequence[Integration]  # without a secret there is nothing to check a hook with: they are polled


def read(tx: Tx, now: datetime, accounts: Mapping[str, Integration]) -> Incoming:
    secretless = integrations.without_hook_secret(tx)
    return Incoming(
        inflow.count_waiting(tx),
        turned_away(tx, now - TURNED_AWAY_WITHIN, accounts),
        hook_secrets.accounts_with_subscriptions(tx),
        # The built-in cases have no credential, and need no hooks; by a service key nothing comes back.
        [one for slug, one in accounts.items() if slug in secretless and one.is_far and one.can_be_read],
    )


def turned_away(tx: Tx, since: datetime, accounts: Mapping[str, Integration]) -> dict[str, int]:
    """A stray one that good ones have followed says nothing: anybody can knock. Nor do those that came before today's secret."""
    newest = hook_secrets.newest(tx)
    found = {
        source: deliveries.rejected(tx, max(since, newest.get(source, since))).get(source)
        for source in deliveries.rejected(tx, since)
        if source in accounts
    }
    return {
        source: seen.count
        for source, seen in found.items()
        if seen is not None and not inflow.has_come_after(tx, source, seen.last)
    }


def findings(incoming: Incoming) -> list[Finding]:
    return [
        Finding(
            f"The last hook that said it came from {slug} was refused (bad signature), {count} in the last hour.",
            right_secret(slug, is_made_by_us=slug in incoming.made_by_us),
        )
        for slug, count in sorted(incoming.turned_away.items())
    ]


def right_secret(slug: str, *, is_made_by_us: bool) -> str:
    """Nobody can compare a secret that PagerDuty told nobody but us."""
    if not is_made_by_us:
        return f"Compare its webhook secret, and give the right one: `syncd integrations webhook {slug}`."
    return (
        f"syncd had its webhook made, so have another secret made: `syncd integrations webhook {slug} --rotate`; the secret of "
        f"one that a person made beside it is given by `syncd integrations webhook {slug}`."
    )


def lines(incoming: Incoming) -> list[str]:
    """How it is, and no trouble."""
    every = f"{POLLED_EVERY.total_seconds():.0f} s"
    return [
        f"{one.slug} has no webhook, so it is looked over every {every}. To hear of changes at once: {_webhook(one)}"
        for one in incoming.deaf
    ]


def _webhook(one: Integration) -> str:
    paste = f"paste its secret: `syncd integrations webhook {one.slug}`."
    if one.side is Side.INCIDENT and one.is_read_only:
        return f"make one to /hooks/{one.slug} there, and {paste}"
    if one.side is Side.INCIDENT:
        return f"have one made: `syncd integrations webhook {one.slug} --create`; or make one there and {paste}"
    return f"make one to /hooks/{one.slug} there, and {paste}"
