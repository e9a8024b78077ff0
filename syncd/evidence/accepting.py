"""Accepting what a check finds: by whom, until when and why. It is withdrawn by a person, or runs out, and stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from unicodedata import category

from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store.database import Database, Tx
from syncd.store.evidence import acceptances
from syncd.store.evidence.acceptances import Accepted, Wanted

from .desk import Desk
from .findings.catalogue import CHECKS
from .findings.check import Check
from .findings.judging import Finding, Result, judge
from .findings.opinion import Asked
from .spans import Span

_NAMED = 3  # of many acceptances
_A_WHILE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Taken:
    acceptance: Accepted
    is_found: bool  # the check finds that subject, as far as is known
    mind: str = (
        ""  # what whoever accepts it should know: it is not found, or nobody can tell, or it is accepted already
    )


def accept(desk: Desk, slug: str, wanted: Wanted) -> Taken:
    if not _says_something(wanted.why):
        raise Misconfigured("--why is empty; say why this is to be lived with: an auditor will read it.")
    check = check_of(wanted.check)
    clean = Wanted(check, wanted.by, wanted.until, wanted.why.strip(), wanted.subject.strip())
    with desk.db.read() as tx:
        now = desk.db.now(tx)
        facts = desk.known.facts(tx, slug, Span(now - desk.rules.window, now), now)
    if wanted.until <= now:
        raise Misconfigured(
            f"--until {wanted.until:%Y-%m-%d %H:%M} UTC is over, for it is {now:%Y-%m-%d %H:%M} UTC; name a time that is still to come, "
            f"like {now + _A_WHILE:%Y-%m-%d}."
        )
    asked = Asked(facts.aged(now), desk.rules, now)
    if clean.subject:
        _refuse_strange(slug, CHECKS[check], asked, clean.subject)
    found = judge(CHECKS[check], asked)
    is_found = any(clean.subject in {"", one.subject} for one in found.wrong)
    with desk.db.write() as tx:
        made = acceptances.add(tx, slug, clean, desk.db.now(tx))
        besides = _standing_besides(tx, made, desk.db.now(tx))
    already = f"It is accepted already: {_all_told(besides)}." if besides and covers(besides[0], made) else ""
    return Taken(made, is_found, " ".join(filter(None, ("" if is_found else _mind(found, clean.subject), already))))


def _says_something(text: str) -> bool:
    """Spaces that take no room, and marks that are not seen, are no reason."""
    return any(category(one)[0] not in "ZC" for one in text)


def covers(one: Accepted, other: Accepted) -> bool:
    return one.subject in {"", other.subject}


def _standing_besides(tx: Tx, one: Accepted, now: datetime) -> list[Accepted]:
    """What is accepted of the same by others, or of some of it: those that cover all of it first, the one that holds longest before the rest."""
    found = [
        each
        for each in acceptances.standing(tx, one.integration, now)
        if each.id != one.id and each.check == one.check and now < each.until and (covers(each, one) or not one.subject)
    ]
    return sorted(found, key=lambda each: (not covers(each, one), -each.until.timestamp(), each.id))


def _all_told(some: Sequence[Accepted]) -> str:
    told = [
        f"{one.subject or one.check} by acceptance {one.id} ({one.by}) until {one.until:%Y-%m-%d %H:%M} UTC"
        for one in some[:_NAMED]
    ]
    more = len(some) - _NAMED
    return ", ".join([*told, *([f"and {more} more"] if more > 0 else [])])


def told_of_withdrawal(db: Database, gone: Accepted) -> str:
    with db.read() as tx:
        besides = _standing_besides(tx, gone, db.now(tx))
    said = f"Acceptance {gone.id} of {gone.check} is withdrawn"
    if not besides:
        return f"{said}; what it finds counts again."
    if covers(besides[0], gone):
        return f"{said}, and what it covers is still accepted: {_all_told(besides)}."
    return f"{said}; what it finds counts again, but for what is still accepted: {_all_told(besides)}."


def _mind(found: Finding, subject: str) -> str:
    """Why the check does not find it: it is in order, or that could not be told."""
    with_it = f" with {subject}" if subject else ""
    untold = next((one for one in found.unread if subject and one.subject == subject), None)
    if untold is not None:
        return f"What {found.check} finds of {subject} is not known ({untold.sentence}); it is accepted beforehand."
    if found.result is Result.UNKNOWN or found.missing:
        why = found.sentence.rstrip(".") if found.result is Result.UNKNOWN else found.missing[0]
        return f"What {found.check} finds{with_it} is not known ({why}); it is accepted beforehand."
    return f"By what is known, {found.check} finds nothing wrong{with_it}; it is accepted beforehand."


def _refuse_strange(slug: str, check: Check, asked: Asked, subject: str) -> None:
    """What is not there, in a list that was read whole, nobody can live with; near ones are named, by their ids and by their names."""
    there = {row.id: str(getattr(row, "name", "")) for row in asked.facts.of(check.subjects).rows}
    there |= {one.subject: one.name for one in check.ask(asked) if one.subject}
    if subject in there or not asked.facts.of(check.subjects).is_whole:
        return
    called = {**{one: one for one in there}, **{name.casefold(): one for one, name in there.items() if name}}
    near = dict.fromkeys(
        called[one] for one in (*get_close_matches(subject, called), *get_close_matches(subject.casefold(), called))
    )
    guess = f"; did you mean {' or '.join(_told(one, there[one]) for one in near)}?" if near else "."
    more = f" `syncd evidence report {slug} --check {check.id}` shows what it finds." if not near else ""
    raise NotFound(
        f"{subject} is not among what {check.id} is asked of in {slug} ({len(there)} were collected){guess}{more}"
    )


def _told(subject: str, name: str) -> str:
    return f"{subject} ({name})" if name and name != subject else subject


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
