"""Evidence as commands and assistants ask for it: of the database here, or of a daemon elsewhere, in the same form."""

from __future__ import annotations

from typing import Any, Protocol


class EvidenceReach(Protocol):
    def report(self, name: str, period: str, snapshot: int | None) -> dict[str, Any]:
        """Of the account of this name, or of the only one that is collected from; or an answer that was given before."""
