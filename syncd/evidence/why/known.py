"""What the gates look at: an account, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol

from syncd.core.why.proving import Thing
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


class Called(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def near(name: str, rows: Iterable[Called], thing: Thing) -> str:
    """What somebody may have meant who has written a name a little otherwise; a question, or nothing."""
    there = {word: one for one in rows for word in (one.name.casefold(), one.id.casefold())}
    meant = {there[word].id: there[word] for word in get_close_matches(name.casefold(), there, n=2)}
    told = " or ".join(f"{one.name} ({thing}:{one.id})" for one in meant.values())
    return f"Did you mean {told}? " if told else ""
