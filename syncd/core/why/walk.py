"""A change goes through the gates in their order, and the first that stops it is the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from syncd.core.changes import Side

from .account import connected
from .belonging import linked, switched_on
from .delivery import decided, delivered, unheard
from .facts import Change, Compared, Facts, Stage, Way
from .hooks import heard
from .order import in_order
from .placed import PLACES
from .standing import allowed
from .step import in_step
from .stored import stored
from .verdict import Verdict

#: Gates 1, 6 and 8 stop nothing by themselves: what is not known has no facts, and an echo or a value that has no counterpart is
#: known by the row of its decision.
GATES: tuple[Callable[[Facts, Way], Verdict | None], ...] = (
    stored,
    linked,
    switched_on,
    connected,
    heard,
    allowed,
    in_order,
    delivered,
    unheard,
)


def why(facts: Facts) -> Verdict:
    """Of one change that was asked about, or of whatever keeps the two sides apart."""
    if facts.about is not None:
        return stopped(facts, facts.about) or decided(facts, facts.about)
    missed = [one for one in facts.changes if not _is_made_good(facts.compared, one)]
    ranked = [(_rank(one), verdict) for one in missed if (verdict := stopped(facts, one)) is not None]
    ranked += [(_IN_GENERAL, verdict) for verdict in _standing(facts)]
    first = min(ranked, key=lambda one: (one[0], int(one[1].gate)), default=None)
    return in_step(facts) if first is None else first[1]


def _is_made_good(compared: Compared | None, change: Change) -> bool:
    """It was kept back, and yet both sides were read just now and say the same of it."""
    if compared is None or compared.failed or change.stage is not Stage.DECIDED:
        return False
    return change.field is not None and change.field not in compared.apart


def unlinked(facts: Facts, change: Change) -> Verdict:
    """Of a record that no link is about: its last decision, or the hook that nobody has looked at yet."""
    way = Way(change.to, change)
    return stored(facts, way) or heard(facts, way) or unheard(facts, way) or decided(facts, change)


def stopped(facts: Facts, change: Change) -> Verdict | None:
    """What was decided is not decided anew by how things are today."""
    if change.stage is Stage.DECIDED:
        return decided(facts, change) if change.reason is not None and PLACES[change.reason].is_missed else None
    return _first(facts, Way(change.to, change))


def _first(facts: Facts, way: Way) -> Verdict | None:
    found: Iterable[Verdict | None] = (gate(facts, way) for gate in GATES)
    return next((verdict for verdict in found if verdict is not None), None)


def _standing(facts: Facts) -> Iterable[Verdict]:
    """What would stop whatever came next, either way."""
    return (verdict for side in Side if (verdict := _first(facts, Way(side))) is not None)


_ON_ITS_WAY, _IN_GENERAL, _ON_PURPOSE = 0, 1, 2


def _rank(change: Change) -> int:
    """A change that is still wanted comes before how things stand, and that before what somebody or a setting kept back."""
    if change.stage is Stage.DECIDED or change.is_handled:
        return _ON_PURPOSE
    return _ON_ITS_WAY
