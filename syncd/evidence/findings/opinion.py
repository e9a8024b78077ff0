"""What a check says of one subject: it is right, it is wrong and how, or what is not known of it. Right is never said by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncd.evidence.facts.account import Facts
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Opinion:
    subject: str  # an id of the check's subjects, or a word of its own; empty: the account
    name: str
    verdict: Verdict
    sentence: str = (
        ""  # what is wrong, or what was not read; people are never named in it, so that names can be left out
    )
    people: tuple[str, ...] = ()  # ids of users it is about, besides the subject


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check is asked about: an account as it was known at a time, and what it is judged by."""

    facts: Facts
    rules: Rules
    at: datetime
    window: Span | None = None  # when the incidents began that are judged; None: as many days back as the rules say

    @property
    def looked_back(self) -> Span:
        return self.window or Span(self.at - self.rules.window, self.at)


Ask = Callable[[Asked], Iterable[Opinion]]
Opinions = Iterator[Opinion]


def opinion(
    subject: str, name: str, *, is_right: bool | None, wrong: str, unread: str, people: tuple[str, ...] = ()
) -> Opinion:
    """None: it could not be told, and `unread` says why."""
    if is_right is None:
        return Opinion(subject, name, Verdict.UNREAD, unread)
    if is_right:
        return Opinion(subject, name, Verdict.RIGHT)
    return Opinion(subject, name, Verdict.WRONG, wrong, people)


def counted(number: int, thing: str, things: str = "") -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {things or thing + 's'}"
