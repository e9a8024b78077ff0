"""What a schedule that was read comes to: who takes turns in it, and when nobody is on call."""

from __future__ import annotations

from syncd.evidence.comparison import Differences, against_rendered
from syncd.evidence.coverage import Coverage, coverage
from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.schedules import Rota
from syncd.evidence.schedules.layers import Layers
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.unknown import Unknown


def rota_of(one: Schedule) -> Rota:
    turns, users = _turns(one)
    return Rota(
        id=one.id,
        name=one.name,
        is_shift_based=one.is_shift_based,
        turns=turns,
        users=users,
        policies=None if one.policies is None else frozenset(one.policies),
        teams=None if one.teams is None else frozenset(one.teams),
    )


def _turns(one: Schedule) -> tuple[int, frozenset[str]]:
    content = one.content
    if isinstance(content, Layers):
        return len(content.layers), frozenset(user for layer in content.layers for user in layer.users)
    of_events = (who for rotation in content.rotations for event in rotation.events for who in event.members)
    of_customs = (custom.shift.person for custom in content.custom_shifts)
    users = frozenset(who for who in (*of_events, *of_customs) if who is not None)
    return len(content.rotations) + len(content.custom_shifts), users


def disagreements(one: Schedule, computed: Coverage) -> Differences:
    """With the same schedule as PagerDuty renders it, where it was asked for that."""
    found = against_rendered(one, computed)
    return () if isinstance(found, Unknown) else found


def covered(one: Schedule) -> Coverage | Missing:
    """For all of the time that it was asked for."""
    found = coverage(one, one.asked)
    return Missing(Lack.UNREADABLE, one.id, found.sentence.rstrip(".")) if isinstance(found, Unknown) else found
