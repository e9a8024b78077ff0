"""Which way a case goes: the rules, the presets and the connectors as they are at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.connections.routing.words import Routed
from syncd.core import alert
from syncd.core.changes import CaseOpened
from syncd.core.reasons import Reason
from syncd.core.routing import OF_EVIDENCE, Judged, Preset, Rule, decide, explain
from syncd.store import connectors, presets, routes
from syncd.store.connectors import Connector
from syncd.store.database import Tx


@dataclass(frozen=True, slots=True)
class Chart:
    rules: Sequence[Rule]
    presets: Mapping[str, Preset]
    connectors: Mapping[str, Connector]

    @classmethod
    def read(cls, tx: Tx, known: Mapping[str, Connector] | None = None) -> Chart:
        there = connectors.all_of(tx) if known is None else known
        return cls(routes.all_of(tx), presets.all_of(tx), there)

    def route(self, case_system: str, seen: CaseOpened) -> Routed | Reason:
        """A case that names its connector goes there. Else the rules decide, where there are any for cases of its system;
        where there are none it goes to the only connector.
        """
        if case_system == alert.SOURCE:
            return self._of_alert(seen)
        mine, rules = self._connectors_of(case_system), self._rules_of(case_system)
        if seen.connector:
            return Routed(mine[seen.connector]) if seen.connector in mine else Reason.NO_CONNECTOR
        is_of_evidence = seen.source == OF_EVIDENCE
        if not rules and not is_of_evidence:
            return Routed(next(iter(mine.values()))) if len(mine) == 1 else Reason.NO_CONNECTOR
        rule = decide(rules, seen)
        if rule is not None:
            return self._by(rule, mine)
        return Reason.OF_EVIDENCE if is_of_evidence else Reason.NO_ROUTE

    def _by(self, rule: Rule, mine: Mapping[str, Connector]) -> Routed:
        return Routed(mine[rule.connector], self.presets[rule.preset], rule)

    def _of_alert(self, seen: CaseOpened) -> Routed | Reason:
        """It names its connector, whichever cases that one takes."""
        there = self.connectors.get(seen.connector)
        return Reason.NO_CONNECTOR if there is None else Routed(there, is_as_told=True)

    def judged(self, case_system: str, seen: CaseOpened) -> Sequence[Judged]:
        """What each rule makes of it, also those for cases of other systems."""
        mine = self._connectors_of(case_system)
        return [
            one if one.rule.connector in mine else self._of_others(one.rule, case_system)
            for one in explain(self.rules, seen)
        ]

    def _of_others(self, rule: Rule, case_system: str) -> Judged:
        takes = self.connectors[rule.connector].case_system
        why = f"connector {rule.connector} takes cases of {takes}, and not of {case_system}"
        return Judged(rule, is_match=False, why=why)

    def _connectors_of(self, case_system: str) -> Mapping[str, Connector]:
        return {name: one for name, one in self.connectors.items() if one.case_system == case_system}

    def _rules_of(self, case_system: str) -> Sequence[Rule]:
        mine = self._connectors_of(case_system)
        return [rule for rule in self.rules if rule.connector in mine]
