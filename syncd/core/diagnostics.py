"""What is asked of a connection, when, and what for; and every code that may come of that, or of any other check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from .code import Entry
from .our_codes import OURS
from .pagerduty_codes import PAGERDUTY


class Subject(StrEnum):
    """What a key may be let to ask for."""

    KEY = "key"
    USERS = "users"
    SESSIONS = "sessions"
    AUDIT = "audit"
    LOG_ENTRIES = "log_entries"
    LICENCES = "licences"
    LICENCE_ALLOCATIONS = "licence_allocations"
    SIGHT = "sight"  # whether it sees the whole account, and not only some teams


class Use(StrEnum):
    """What may be switched on here."""

    SYNC = "sync"
    EVIDENCE = "evidence"


#: What each use asks for. A subject that nothing switched on here uses is not needed.
NEEDED: Mapping[Use, frozenset[Subject]] = {
    Use.SYNC: frozenset({Subject.KEY, Subject.USERS, Subject.LOG_ENTRIES}),
    Use.EVIDENCE: frozenset(
        {
            Subject.KEY,
            Subject.SIGHT,
            Subject.USERS,
            Subject.LOG_ENTRIES,
            Subject.AUDIT,
            Subject.LICENCES,
            Subject.LICENCE_ALLOCATIONS,
        }
    ),
}


def needed(uses: Iterable[Use]) -> frozenset[Subject]:
    return frozenset[Subject]().union(*(NEEDED[use] for use in uses))


class Moment(StrEnum):
    CONNECTING = "A"
    LATER = "B"  # it worked before


CATALOGUE: Mapping[str, Entry] = {entry.code: entry for entry in (*PAGERDUTY, *OURS)}


def named_first(sentence: str) -> str:
    """The code that a sentence begins with, or nothing."""
    code = sentence.partition(":")[0]
    return code if code in CATALOGUE else ""
