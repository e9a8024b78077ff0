"""Whether hooks come in: how many wait, which sources are turned away, and from which nothing can come at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.changes import Side
from syncd.flow.catchup.unheard import POLLED_EVERY
from syncd.flow.finding import Finding
from syncd.store import deliveries, hook_secrets, inflow, integrations, reconciles
from syncd.store.database import Tx
from syncd.store.deliveries import Rejected
from syncd.store.integrations import Integration

TURNED_AWAY_WITHIN = timedelta(hours=1)
_FOR_A_WHILE = timedelta(minutes=1)  # while secrets change hands one may be refused, and a good one follows it


@dataclass(frozen=True, slots=True)
class TurnedAway:
    count: int
    is_theirs: bool  # something shows that the account itself has sent them; anybody can knock


@dataclass(frozen=True, slots=True)
class Incoming:
    waiting: int  # hooks that are still to be planned and that nothing holds
    turned_away: Mapping[str, TurnedAway]  # by source, lately, while none was taken after the last of them
    made_by_us: Collection[str]  # sources with a subscription that syncd made
    deaf: Sequence[Integration]  # without a secret there is nothing to check a hook with: they are polled


def read(tx: Tx, now: datetime, accounts: Mapping[str, Integration]) -> Incoming:
    secretless = integrations.without_hook_secret(tx)
    return Incoming(
        inflow.count_waiting(tx),
        turned_away(tx, now, accounts),
        hook_secrets.accounts_with_subscriptions(tx),
        # The built-in cases have no credential, and need no hooks; by a service key nothing comes back.
        [one for slug, one in accounts.items() if slug in secretless and one.is_far and one.can_be_read],
    )


def turned_away(tx: Tx, now: datetime, accounts: Mapping[str, Integration]) -> dict[str, TurnedAway]:
    """A stray one that good ones have followed says nothing. Nor do those that came before today's secret."""
    newest, since = hook_secrets.newest(tx), now - TURNED_AWAY_WITHIN
    found = {
        source: deliveries.rejected(tx, max(since, newest.get(source, since))).get(source)
        for source in deliveries.rejected(tx, since)
        if source in accounts
    }
    return {
        source: TurnedAway(seen.count, _is_theirs(tx, source, seen, newest.get(source), now))
        for source, seen in found.items()
        if seen is not None and not inflow.has_come_after(tx, source, seen.last)
    }


def _is_theirs(tx: Tx, source: str, seen: Rejected, secret_since: datetime | None, now: datetime) -> bool:
    """They named a subscription of ours, which no stranger knows; or today's secret has let none in yet, and the names of
    subscriptions are not known; or a look has found what no hook had told.
    """
    if seen.first_of_ours is not None and seen.last_of_ours is not None:
        is_lasting = now - seen.first_of_ours >= _FOR_A_WHILE
        return is_lasting and not inflow.has_come_after(tx, source, seen.last_of_ours)
    is_nameless = secret_since is not None and not hook_secrets.ours(tx, source)
    if secret_since is not None and is_nameless and not inflow.has_come_after(tx, source, secret_since):
        return True
    return reconciles.has_found_since(tx, source, seen.first)


def findings(incoming: Incoming) -> list[Finding]:
    return [
        Finding(
            f"The last hook that said it came from {slug} was refused (bad signature), {one.count} in the last hour.",
            right_secret(slug, is_made_by_us=slug in incoming.made_by_us),
        )
        for slug, one in sorted(incoming.turned_away.items())
        if one.is_theirs
    ]


def of_strangers(slug: str, count: int) -> str:
    number = "1 hook that says it comes" if count == 1 else f"{count} hooks that say they come"
    return f"{number} from {slug} came in the last hour with a signature that fits no secret; anybody can send such, and nothing shows that {slug} did."


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
    strays = [of_strangers(slug, one.count) for slug, one in sorted(incoming.turned_away.items()) if not one.is_theirs]
    return strays + [
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
