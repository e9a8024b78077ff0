"""What one turn knows of accounts and connectors: read once, used for every row of the turn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncd.connections.open import Connections
from syncd.connections.rules import rules_of
from syncd.core import alert
from syncd.core.changes import Side
from syncd.core.errand import Draft
from syncd.core.lifecycle import IntegrationState
from syncd.core.link import Link, LinkState
from syncd.core.policy import Rules
from syncd.core.reasons import Reason
from syncd.store import connectors, gaps, integrations
from syncd.store.arrivals import Record
from syncd.store.connectors import Connector
from syncd.store.database import Tx
from syncd.store.errands import StoredErrand
from syncd.store.integrations import Integration
from syncd.systems.port import System
from syncd.systems.toll import Toll

from .chart import Chart


@dataclass(frozen=True, slots=True)
class Book:
    integrations: Mapping[str, Integration]
    connectors: Mapping[str, Connector]
    connections: Connections
    unread: Collection[Record] = frozenset()  # that a restored backup waits for, of accounts that are read otherwise
    _systems: dict[str, System] = field(default_factory=dict)
    _rules: dict[tuple[object, ...], Rules] = field(default_factory=dict)
    _charts: list[Chart] = field(default_factory=list)  # at most one, read when the first case asks for its way

    @classmethod
    def open(cls, tx: Tx, connections: Connections) -> Book:
        accounts = integrations.all_of(tx)
        connections.know(accounts.values())
        has_been_restored = any(one.gap is not None for one in accounts.values())
        unread = gaps.unread(tx) if has_been_restored else frozenset[Record]()
        return cls(accounts, connectors.all_of(tx), connections, unread)

    def system(self, slug: str) -> System:
        system = self._systems.get(slug)
        if system is None:
            system = self._systems[slug] = self.connections.system(self.integrations[slug])
        return system

    def toll(self, slug: str) -> Toll:
        return self.connections.toll(self.integrations[slug])

    def side(self, slug: str) -> Side:
        """An account that is gone has left hooks of either side."""
        kept = self.integrations.get(slug)
        return Side.INCIDENT if kept is None else kept.side

    def has_both(self, link: Link) -> bool:
        """Both its ends are there: its accounts, and the connector it was opened by."""
        if link.is_cut or (link.connector and link.connector not in self.connectors):
            return False
        return all(link.system(side) in self.integrations for side in Side)

    def rules(self, link: Link) -> Rules:
        spot = (link.connector, link.case_system, link.integration, link.priorities)
        rules = self._rules.get(spot)
        if rules is None:
            capabilities = {side: self.system(link.system(side)).capabilities for side in Side}
            is_two_way = self.integrations[link.integration].is_two_way
            connector = self.connectors.get(link.connector)
            rules = rules_of(connector, capabilities, link.priorities, is_two_way=is_two_way)
            if link.case_system == alert.SOURCE:
                rules = replace(rules, priorities=alert.AS_THEY_ARE)
            self._rules[spot] = rules
        return rules

    def why_held(self, link: Link, side: Side) -> str:
        """The reason a new errand of this lane may not go out yet, or nothing."""
        if link.is_paused:
            return Reason.PAUSED
        if link.state is LinkState.FAILED and side is Side.INCIDENT:
            return Reason.LINK_FAILED
        if self._paused(link, side) is not None:
            return Reason.PAUSED
        account = self.integrations[link.system(side)]
        if account.state is IntegrationState.DISCONNECTED:
            return Reason.DISCONNECTED
        return Reason.RESTORED if self._is_unread(link) else ""

    def _paused(self, link: Link, side: Side) -> Integration | None:
        """Whose pause holds this lane: its own account's, or that of the other side, on whose behalf nothing is written."""
        of_both = (self.integrations[link.system(one)] for one in (side, side.other))
        return next((one for one in of_both if one.is_paused), None)

    def _is_unread(self, link: Link) -> bool:
        """What one side says decides what is still to be done on the other."""
        of_both = [(self.integrations[link.system(side)], link.ref(side)) for side in Side]
        return any(one.is_unread or (one.slug, ref) in self.unread for one, ref in of_both)

    def doubtful_until(self, link: Link, draft: Draft) -> datetime | None:
        """Set for what a restored backup may have forgotten: it is looked for first, and not before this moment."""
        gap = self.integrations[link.system(draft.side)].gap
        return None if gap is None else gap.doubtful_until(draft)

    def held_because(self, link: Link, side: Side, reason: Reason) -> str:
        """More than the reason's own sentence, where a person has said why."""
        if reason is not Reason.PAUSED or link.is_paused:
            return ""
        account = self._paused(link, side)
        return "" if account is None else account.why_paused

    def is_observed(self, link: Link, side: Side) -> bool:
        """Or its key was given for reading: nothing is written there either."""
        return self.integrations[link.system(side)].is_unwritten

    def why_unwritten(self, link: Link, side: Side) -> Reason:
        is_observed = self.integrations[link.system(side)].is_observed
        return Reason.OBSERVING if is_observed else Reason.READ_ONLY

    def is_from_before_observing(self, link: Link, stored: StoredErrand) -> bool:
        """Asked for, or heard of, while its account was still to be written to; a pause may have kept it since."""
        since = self.integrations[link.system(stored.errand.side)].observed_at
        asked = [at for at in (stored.created_at, stored.received_at) if at is not None]
        return since is not None and any(at < since for at in asked)

    def chart(self, tx: Tx) -> Chart:
        """Most turns open nothing, and need not read it."""
        if not self._charts:
            self._charts.append(Chart.read(tx, self.connectors))
        return self._charts[0]
