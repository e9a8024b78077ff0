"""What an account's key hid when something was collected by it, of every dataset that belongs to teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.core.judging import Heard

from .dataset import Lack, Missing, Name

#: What PagerDuty shows by team. What somebody gave us, what we keep ourselves, and what the plan has are the same for every key.
BY_TEAM = frozenset(Name) - {Name.ABILITIES, Name.CASES, Name.ROSTER}


def hidden(heard: Heard) -> Missing | None:
    """What every such dataset lacks by this key. None: it sees all. A key of which nobody could tell may hide something."""
    match heard:
        case Heard.ANSWERED | Heard.NARROW:  # What a token lacks a scope for is refused, and says so by itself.
            return None
        case Heard.PARTIAL:
            return Missing(Lack.HIDDEN)
        case _:
            return Missing(Lack.UNTOLD, needs="PagerDuty refused the question")


def hidden_as_seen(sights: Sequence[Mapping[str, str]]) -> Missing | None:
    """Of what was asked before and after a collecting the least counts."""
    if not sights:
        return Missing(Lack.UNTOLD, needs="nobody has asked")
    lacks = [hidden(Heard(one["heard"])) for one in sights]
    return min((one for one in lacks if one is not None), key=lambda one: one.why is not Lack.HIDDEN, default=None)
