"""What PagerDuty calls its priorities, as far as any connector knows: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncd.core.changes import Field
from syncd.core.link import Link
from syncd.store.connectors import Connector


@dataclass(frozen=True, slots=True)
class Names:
    _known: Mapping[tuple[str, str], str]  # an account and its priority's id

    @classmethod
    def of(cls, connectors: Iterable[Connector]) -> Names:
        """An account's priorities have the same names for all its connectors, and one may know what another does not."""
        return cls(
            {
                (one.integration, pair["incident"]): pair["name"]
                for one in connectors
                for pair in one.priorities
                if pair.get("name")
            }
        )

    def priority(self, link: Link, value: str) -> str:
        """Nothing where it is not known."""
        return self._known.get((link.integration, value), "")

    def value(self, link: Link, field: Field, value: str) -> str:
        """Of an incident's field. Nothing where it has no other name than its value."""
        return self.priority(link, value) if field is Field.PRIORITY else ""
