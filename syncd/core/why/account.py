"""Gate 4: both accounts are there, and nobody holds them or the link back."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.changes import Side
from syncd.core.reasons import Reason
from syncd.errors import cause_of

from .facts import Account, Facts, Way
from .gate import Gate
from .verdict import Act, Verdict, Who


def connected(facts: Facts, way: Way) -> Verdict | None:
    """A pause holds both sides. An account that is away holds what goes there, and what is still to be read there."""
    accounts = [facts.accounts[side] for side in (Side.INCIDENT, Side.CASE)]
    target, source = facts.accounts[way.to], facts.accounts[way.to.other]
    is_deaf = not (source.is_answering or way.is_decided)
    away = [one for one in accounts if not one.is_connected and (one is target or is_deaf)]
    return (
        next((_disconnected(one) for one in away), None)
        or _paused_link(facts, [one for one in accounts if not one.is_connected])
        or next((_paused(one) for one in accounts if one.why_paused), None)
        or next((_unread(one) for one in accounts if one.is_unread), None)
        or (_observed(target, way) if target.is_observed else None)
    )


def _disconnected(one: Account) -> Verdict:
    since = "" if one.since is None else f" since {one.since:%Y-%m-%d %H:%M} UTC"
    # Of one that is paused as well the cure begins with the resume: nobody asks it again before.
    besides, act = ("; it is paused as well", Act.RESUME_ACCOUNT) if one.why_paused else ("", Act.RECONNECT)
    return Verdict(
        Gate.CONNECTED,
        f"{one.slug} is disconnected{since} ({one.code}): {cause_of(one.reason)}{besides}; {_held(one)}.",
        Who.YOU,
        one.cure,
        act,
        one.slug,
        one.code,
    )


def _held(one: Account) -> str:
    match one.held:
        case 0:
            return "nothing is held for it yet"
        case 1:
            return "1 change is held, and not lost"
        case number:
            return f"{number} changes are held, and none is lost"


def _paused_link(facts: Facts, away: Sequence[Account]) -> Verdict | None:
    link = facts.link
    if not link.why_paused:
        return None
    waiting = sum(one.reason is Reason.PAUSED or one.reason is Reason.LOOPING for one in facts.changes)
    kept = f"; {waiting} of its changes {'is' if waiting == 1 else 'are'} kept" if waiting else ""
    return Verdict(
        Gate.CONNECTED,
        f"The link of {link.case_id} is {link.why_paused[:1].lower()}{link.why_paused[1:].rstrip('.')}{kept}{_also(away)}.",
        Who.YOU,
        f"`syncd links resume {link.id}` lets it go on, and what was kept goes out in its order{_but(away)}",
        Act.RESUME_LINK,
        str(link.id),
    )


def _also(away: Sequence[Account]) -> str:
    return "".join(f"; {one.slug} is disconnected besides ({one.code})" for one in away)


def _but(away: Sequence[Account]) -> str:
    if not away:
        return "."
    names = " and ".join(one.slug for one in away)
    return f"; but what goes to {names} stays kept until that is connected again. {' '.join(one.cure for one in away)}"


def _paused(one: Account) -> Verdict:
    return Verdict(
        Gate.CONNECTED,
        f"{one.why_paused.rstrip('.')}; {_held(one)}.",
        Who.YOU,
        f"`syncd integrations resume {one.slug}` lets it go on, in order.",
        Act.RESUME_ACCOUNT,
        one.slug,
    )


def _unread(one: Account) -> Verdict:
    said = f"A backup was restored, and what has changed in {one.slug} since it was made is read before anything is written."
    return Verdict(Gate.CONNECTED, said, Who.NOBODY, "It goes on by itself; `syncd status` tells how far it is.")


def _observed(one: Account, way: Way) -> Verdict:
    """What was asked for before is kept; what came since was only told."""
    is_kept = way.change is not None and way.change.reason is Reason.ASKED_BEFORE
    what = "this was asked for before that and is kept" if is_kept else "what would be is only told"
    return Verdict(
        Gate.CONNECTED,
        f"{one.slug} is only observed, so nothing is written there; {what}.",
        Who.YOU,
        f"`syncd integrations observe {one.slug} --off` has it written to again.",
        Act.WRITE_AGAIN,
        one.slug,
    )
