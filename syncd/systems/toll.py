"""What a request is for, and who is asked before it goes out: the keeper of the far side's request budget."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Purpose(StrEnum):
    """When requests are scarce, the first of these goes first, whichever link it is for."""

    STATUS = "status"  # everything that is not one of the others
    NOTE = "note"
    RECONCILE = "reconcile"
    EVIDENCE = "evidence"


class Toll(Protocol):
    def pay(self, purpose: Purpose, count: int) -> float:
        """0.0: so many requests may go out now. Else nothing was paid, and asking again makes sense after so many seconds."""

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """What an answer said of the budget. Header names are lower-case."""


class Free:
    """Nobody counts."""

    def pay(self, purpose: Purpose, count: int) -> float:  # noqa: ARG002
        return 0.0

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        pass


FREE = Free()
