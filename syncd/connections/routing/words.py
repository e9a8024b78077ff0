"""What a preset makes of a case: the words, and how and where the incident is to be opened."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.connections.templates import Words, render
from syncd.core.changes import CaseOpened
from syncd.core.routing import BASIC, Preset, Rule, Style
from syncd.core.services import Chosen, choose
from syncd.store.connectors import Connector

from .service import remark


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a case goes. Without a rule it was sent there by itself, or there is no other connector."""

    connector: Connector
    preset: Preset = BASIC
    rule: Rule | None = None
    is_as_told: bool = False  # an alert, whose words are no template's

    def words(self, case_id: str, seen: CaseOpened) -> Words:
        if self.is_as_told:
            return Words(seen.title, seen.body)
        return self._rendered(case_id, seen)

    def _rendered(self, case_id: str, seen: CaseOpened) -> Words:
        """A preset that says nothing of a text leaves it to the connector's own templates."""
        own = {key: template for key in ("title", "body") if (template := getattr(self.preset, key))}
        return render({**self.connector.policy, **own}, case_id, seen)

    def chosen(self, seen: CaseOpened) -> Chosen:
        """Which of the connector's services."""
        return choose(self.connector.services, seen.service)

    def style(self, words: Words, seen: CaseOpened) -> Style:
        chosen = self.chosen(seen)
        usual = f"The words are the usual ones: {words.wrong}" if words.wrong else ""
        elsewhere = remark(self.connector, chosen, seen.service)
        return Style(
            rule=self.rule.name if self.rule is not None else "",
            preset=self.preset.name if self.rule is not None else "",
            urgency=self.preset.urgency,
            escalation_policy=self.preset.escalation_policy,
            service=chosen.service.id if seen.service.strip() else "",
            remark=" ".join(filter(None, (usual, elsewhere))),
        )
