"""Why a difference stands, and what can be done about it: one sentence each, with the command that does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncd.core.changes import Side
from syncd.core.reasons import SENTENCES, Reason
from syncd.flow.catchup.difference import NOTE, Cause, Difference, Found
from syncd.flow.catchup.hindrance import hindrance
from syncd.store.integrations import Integration
from syncd.store.links import StoredLink
from syncd.store.outcomes import Became

_REPAIR = "`syncd links repair --since 1d --deep` brings them in step."
_COMING = "What is on its way goes by itself."
_UNHEARD = "No hook has told syncd of it."
_MAPPED_SINCE = "It had no counterpart when it was set, and has one now."
_ON_ITS_WAY = "It is on its way."
_LEFT = "Both sides are known to say this, and nothing is on its way."
_VANISHED = "It was added there, and does not stand there any more."


def explained(found: Found, stored: StoredLink, accounts: Mapping[Side, Integration]) -> Difference:
    remedy = _first(found, stored, accounts) or _then(found, stored)
    return replace(found.difference, why=_why(found), remedy=remedy)


def all_of(found: Sequence[Found], told: Sequence[Difference], stored: StoredLink) -> str:
    """What to do about all of them together, each thing once."""
    replayed = [one for one, it in zip(found, told, strict=True) if it.remedy == _replay([one])]
    once = dict.fromkeys(it.remedy for one, it in zip(found, told, strict=True) if one not in replayed)
    in_conflict = [_decide(stored)] if stored.link.conflicts and not found else []
    return " ".join([*once, *([_replay(replayed)] if replayed else []), *in_conflict])


def _why(found: Found) -> str:
    match found.cause:
        case Cause.UNHEARD:
            return _UNHEARD
        case Cause.ON_ITS_WAY:
            return _held(found.became)
        case Cause.UNDONE if found.became is not None:
            return _undone(found.became)
        case Cause.IN_CONFLICT:
            return SENTENCES[Reason.CONFLICT]
        case Cause.MAPPED_SINCE:
            return _MAPPED_SINCE
        case _:
            return _VANISHED if found.difference.what == NOTE else _LEFT


def _held(became: Became | None) -> str:
    if became is None or not became.held_reason:
        return _ON_ITS_WAY
    return SENTENCES[Reason(became.held_reason)]


def _undone(became: Became) -> str:
    return became.detail or SENTENCES[Reason(became.reason or Reason.REFUSED)]


def _first(found: Found, stored: StoredLink, accounts: Mapping[Side, Integration]) -> str:
    """What has to happen before anything else helps."""
    if found.cause is Cause.LEFT:
        return ""
    said = hindrance(stored, accounts, found.to)
    if found.cause is Cause.IN_CONFLICT:  # Nobody else's turn comes before the person's.
        return f"{_decide(stored)} Then: {said}" if said else ""
    is_lost_by_observing = found.became is not None and found.became.is_undone and not found.became.was_observed
    is_only_observed = not stored.link.is_paused and any(accounts[side].is_observed for side in found.to)
    if said and is_lost_by_observing and is_only_observed:  # Only what comes later is made by itself.
        return f"{said} After that: {_replay([found])}"
    return said


def _then(found: Found, stored: StoredLink) -> str:
    match found.cause:
        case Cause.UNHEARD | Cause.MAPPED_SINCE:
            return _REPAIR
        case Cause.ON_ITS_WAY:
            return _COMING
        case Cause.UNDONE if found.became is not None and found.became.was_observed:
            return _COMING
        case Cause.UNDONE if found.became is not None:
            return _replay([found])
        case Cause.IN_CONFLICT:
            return _decide(stored)
        case _:
            return _by_hand(found)


def _replay(found: Iterable[Found]) -> str:
    numbers = sorted(one.became.delivery for one in found if one.became is not None and one.became.delivery is not None)
    return f"`syncd deliveries replay {' '.join(map(str, numbers))} --yes` makes what was not made."


def _decide(stored: StoredLink) -> str:
    field = min(stored.link.conflicts)
    return (
        f"The {field} waits for a person: `syncd conflicts resolve {stored.id} {field} --to case` or `--to pagerduty` "
        "decides."
    )


def _by_hand(found: Found) -> str:
    what = found.difference.what.replace("_", " ")
    if what == NOTE:
        return "Whoever wants it there adds it again by hand."
    return f"Set the {what} by hand on the side that is wrong; nothing else will."
