"""What a gate says: what stops a change, who has to act, and by which command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

_COMMAND = re.compile(r"`(syncd [^`]+)`")


class Who(StrEnum):
    YOU = "you"
    PAGERDUTY = "PagerDuty"
    NOBODY = "nobody"


class Act(StrEnum):
    """What a person can do about it, for whoever shows a button; its target is named beside it."""

    RECONNECT = "reconnect"  # an account
    RESUME_ACCOUNT = "resume_account"
    WRITE_AGAIN = "write_again"  # an account that is only observed
    SWITCH_TWO_WAY = "switch_two_way"  # an account
    MEND_WEBHOOK = "mend_webhook"  # of an account
    RESUME_LINK = "resume_link"
    DECIDE_CONFLICT = "decide_conflict"  # of a link: LINK/FIELD
    REPLAY = "replay"  # a delivery
    MAP_PRIORITIES = "map_priorities"  # of a connector
    ADD_CONNECTOR = "add_connector"
    START = "start"  # a part of the daemon
    COMPARE = "compare"  # a link
    LOOK = "look"  # at a delivery
    COLLECT = "collect"  # evidence of an account


class AGate(Protocol):
    """Of a change, or of evidence: a number in its own order, and a word."""

    @property
    def word(self) -> str: ...
    def __int__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    gate: AGate
    sentence: str
    who: Who = Who.NOBODY
    remedy: str = ""  # for people, with the commands in it
    act: Act | None = None
    target: str = ""
    code: str = ""
    stops: bool = True  # False: it came through every gate

    @property
    def command(self) -> str:
        """The first of those that the remedy names."""
        found = _COMMAND.search(self.remedy)
        return "" if found is None else found[1]
