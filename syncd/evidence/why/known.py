"""What the gates look at: an account, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.evidence.facts.account import Facts
from syncd.evidence.findings.judging import Acceptance
from syncd.evidence.rules.values import Rules


@dataclass(frozen=True, slots=True)
class Account:
    slug: str
    is_collected: bool = True  # evidence is switched on
    is_by_oauth: bool = False
    away: str = ""  # why it is disconnected, without a full stop
    code: str = ""
    why_paused: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """`facts`: as they were collected, and not yet held against their age. `accepted`: what somebody lives with."""

    account: Account
    facts: Facts
    rules: Rules
    at: datetime
    accepted: tuple[Acceptance, ...] = ()

    @property
    def slug(self) -> str:
        return self.account.slug

    @property
    def aged(self) -> Facts:
        return self.facts.aged(self.at)
