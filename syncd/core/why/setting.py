"""What a setting kept back, told by that setting as it is today: once it is over, so is the command that ends it."""

from __future__ import annotations

from syncd.core.changes import Side, Verb
from syncd.core.reasons import Reason

from .facts import NOTE, Account, Change, Facts
from .order import told
from .placed import PLACES
from .verdict import Act, Verdict, Who


def by_setting(facts: Facts, change: Change, said: str) -> Verdict | None:
    """None: no setting that is switched has decided it."""
    match change.reason:
        case Reason.SYNC_OFF:
            one = facts.accounts.get(Side.INCIDENT)
            return None if one is None else _one_way(one, change, said)
        case Reason.OBSERVING | Reason.READ_ONLY:
            one = facts.accounts.get(change.to)
            return None if one is None else _unwritten(one, change, said, change.reason)
        case _:
            return None


def _one_way(one: Account, change: Change, said: str) -> Verdict:
    place = PLACES[Reason.SYNC_OFF]
    if not one.is_two_way:
        remedy = place.remedy.format(account=one.slug)
        return Verdict(place.gate, said, place.who, remedy, Act.SWITCH_TWO_WAY, one.slug)
    was = f"Two-way sync of {one.slug} was off when the {told(change)} came, so it changed no case; by now it is on."
    return Verdict(
        place.gate, was, Who.NOBODY, "What happened meanwhile is brought over by itself; ask again in a minute."
    )


def _unwritten(one: Account, change: Change, said: str, reason: Reason) -> Verdict:
    place = PLACES[reason]
    is_observing = reason is Reason.OBSERVING
    if one.is_observed if is_observing else one.is_read_only:
        remedy = place.remedy.format(account=one.slug, delivery=change.delivery)
        return Verdict(
            place.gate, said, place.who, remedy, Act.WRITE_AGAIN if is_observing else Act.RECONNECT, one.slug
        )
    how = "observed" if is_observing else "read"
    was = f"{one.slug} was only {how} when the {told(change)} came, so it was not written; by now it is written to."
    if change.what == Verb.LINK or change.field not in {None, NOTE}:
        return Verdict(place.gate, was, Who.NOBODY, "It is decided anew by itself; ask again in a minute.")
    if change.delivery is None:
        return Verdict(place.gate, was, Who.YOU, "Make it by hand on the other side, if it is wanted there.")
    remedy = f"`syncd deliveries replay {change.delivery} --yes` makes it now, if it is still wanted."
    return Verdict(place.gate, was, Who.YOU, remedy, Act.REPLAY, str(change.delivery))
