"""A person removes an account: first what would go with it, then its subscriptions at PagerDuty, then everything of it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.setup import Setup, existing
from syncd.core.connection import Kind
from syncd.errors import Conflict, Unavailable, cause_of
from syncd.flow.access.tokens import without
from syncd.flow.finding import counted
from syncd.store import api_tokens, connection_log, hook_secrets, integrations, presets, removal, routes
from syncd.store.api_tokens import ApiToken
from syncd.store.database import Tx
from syncd.store.evidence import leaving
from syncd.store.removal import Going

from .ending import Reach, end_links, reach
from .unsubscribing import unsubscribe

log = structlog.get_logger(__name__)
STAYS = (
    "What stays: its cases and incidents as they are, the rows of its deliveries, the hooks that came, and the history of its "
    "connection."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes with an account."""

    slug: str
    connectors: Sequence[str]
    reach: Reach
    subscriptions: Sequence[str]  # of ours, over there
    tokens: Sequence[ApiToken] = ()  # whose scope names it
    presets: Sequence[str] = ()  # that only its connectors may use
    evidence: str = ""  # the name under which its evidence stays, if there is any

    @property
    def says(self) -> str:
        waiting = counted(self.reach.waiting, "change that waits", "changes that wait")
        named = ", ".join(self.connectors) or "no connector"
        looks = f"preset {', '.join(self.presets)}; " if self.presets else ""
        going = f"{named}; {looks}{self._links}; {waiting}; {self._subscriptions}"
        return f"With {self.slug} go: {going}.{without(self.slug, self.tokens)} {STAYS}{_evidence(self.slug, self.evidence)}"

    @property
    def _links(self) -> str:
        return counted(self.reach.links, "link", "links") + (f" ({self.reach.named})" if self.reach.links else "")

    @property
    def _subscriptions(self) -> str:
        ours = ", ".join(self.subscriptions)
        return f"subscription {ours} at PagerDuty" if ours else "no webhook subscription that syncd made"


def plan(setup: Setup, slug: str) -> Plan:
    with setup.db.read() as tx:
        if existing(tx, slug).system in {"cases", integrations.ALERTS} or slug == BUILTIN:
            raise Conflict(f"{slug} is built in: it lives in this database and cannot be removed.")
        going = removal.connectors_of(tx, slug)
        routes.refuse_while_routed(tx, going)
        return Plan(
            slug,
            going,
            reach(tx, Going(account=slug)),
            [one.subscription for one in hook_secrets.ours(tx, slug)],
            api_tokens.of_account(tx, slug, setup.db.now(tx)),
            presets.of_account(tx, slug),
            leaving.name_of(tx, slug),
        )


def remove(setup: Setup, slug: str, *, by: str, is_forced: bool = False) -> str:
    """What was done, and what stays. Without its subscriptions deleted nothing is done, unless it is forced."""
    planned = plan(setup, slug)
    left = _subscriptions_deleted(setup, planned, is_forced=is_forced)
    with setup.db.write() as tx:
        now = setup.db.now(tx)
        routes.refuse_while_routed(tx, planned.connectors)
        end_links(tx, Going(account=slug), f"Its account {slug} was removed by {by}.", now)
        integrations.lock(tx, slug)
        gone = removal.connectors_of(tx, slug)  # One may have been made since it was planned.
        evidence = removal.forget(tx, slug)
        left += f"{_connectors_gone(gone)}{_presets_gone(tx, slug)}"
        left += without(slug, api_tokens.take_account(tx, slug, by=by, now=now))
        detail = f"{counted(planned.reach.links, 'link', 'links')} ended.{left}"
        connection_log.add(tx, slug, Kind.REMOVED, now=now, by=by, detail=detail)
    log.info("integration.removed", integration=slug, by=by, links=planned.reach.links)
    return f"{slug} was removed. {counted(planned.reach.links, 'link', 'links')} ended.{left} {STAYS}{_evidence(slug, evidence)}"


def _evidence(slug: str, name: str) -> str:
    """By which account it is, and not by what it is called here."""
    if not name:
        return ""
    return (
        f" Its evidence stays as {name}: what was collected, accepted and answered. The same PagerDuty account goes on with it when it is "
        f"added as {slug} again; another one begins its own."
    )


def _connectors_gone(names: Sequence[str]) -> str:
    return f" With it went {'connector' if len(names) == 1 else 'connectors'} {', '.join(names)}." if names else ""


def _presets_gone(tx: Tx, slug: str) -> str:
    """Kept, they would wait for whichever account is called so later."""
    routes.hold(tx)
    gone = presets.of_account(tx, slug)
    presets.forget_account(tx, slug)
    return f" With it went preset {', '.join(gone)}." if gone else ""


def _subscriptions_deleted(setup: Setup, planned: Plan, *, is_forced: bool) -> str:
    """What of them stays over there, if anything does."""
    left = unsubscribe(setup, planned.slug, planned.subscriptions)
    if left.error is not None and not is_forced:
        kind = Unavailable if isinstance(left.error, Unavailable) else Conflict
        raise kind(
            f"{cause_of(str(left.error))}, so that nothing was removed; try again, or remove it all the same by --force, and then "
            "delete its subscription in PagerDuty."
        ) from left.error
    return left.says
