"""Accepting what a check finds: by whom, until when and why. It is withdrawn by a person, or runs out, and stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store.database import Database
from syncd.store.evidence import acceptances, results
from syncd.store.evidence.acceptances import Accepted, Wanted

from .findings.catalogue import CHECKS

_A_WHILE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Taken:
    acceptance: Accepted
    is_found: bool  # the check finds that subject, as far as is known


def accept(db: Database, slug: str, wanted: Wanted) -> Taken:
    if not wanted.why.strip():
        raise Misconfigured("--why is empty; say why this is to be lived with: an auditor will read it.")
    check = check_of(wanted.check)
    with db.write() as tx:
        now = db.now(tx)
        if wanted.until <= now:
            raise Misconfigured(
                f"--until {wanted.until:%Y-%m-%d %H:%M} UTC is over, for it is {now:%Y-%m-%d %H:%M} UTC; name a time that is still to come, "
                f"like {now + _A_WHILE:%Y-%m-%d}."
            )
        found = results.first_seen(tx, slug)
        is_found = (check, wanted.subject) in found if wanted.subject else any(one == check for one, _ in found)
        clean = Wanted(check, wanted.by, wanted.until, wanted.why.strip(), wanted.subject.strip())
        return Taken(acceptances.add(tx, slug, clean, now), is_found)


def require_of(db: Database, slug: str, number: int) -> None:
    """That this acceptance is one of this account."""
    with db.read() as tx:
        there = acceptances.get(tx, number)
    if there is None or there.integration != slug:
        raise NotFound(f"{slug} has no acceptance {number}; `syncd evidence accept --list` shows them.")


def withdraw(db: Database, number: int, by: str) -> Accepted:
    with db.write() as tx:
        there = acceptances.get(tx, number)
        if there is None:
            raise NotFound(f"There is no acceptance {number}; `syncd evidence accept --list` shows them.")
        if not acceptances.withdraw(tx, number, by, db.now(tx)):
            raise Conflict(f"Acceptance {number} was withdrawn by {there.withdrawn_by} already; nothing is left to do.")
        return acceptances.get(tx, number) or there


def listing(db: Database, slug: str = "") -> Sequence[Accepted]:
    with db.read() as tx:
        return acceptances.all_of(tx, slug)


def state_of(one: Accepted, at: datetime) -> str:
    if one.withdrawn_at is not None:
        return "withdrawn"
    return "standing" if at < one.until else "over"


def check_of(given: str) -> str:
    check = given.strip().upper()
    if check in CHECKS:
        return check
    close = get_close_matches(check, CHECKS, n=1)
    guess = f", did you mean {close[0]}?" if close else f"; there are {', '.join(CHECKS)}."
    raise Misconfigured(f"{given} is no check{guess}")
