"""How many calls one turn may begin for each account: what its lanes have free, and what its request budget leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.connections.tolls import Left
from syncd.core.errand import Errand, ErrandKind
from syncd.systems.toll import Purpose

_NOTES = frozenset({ErrandKind.NOTE, ErrandKind.CLOSING_NOTE})
_REQUESTS = {ErrandKind.LINK: 0, ErrandKind.OPEN: 1, ErrandKind.NOTE: 1}  # the others read the record first
_LOOKED_FOR = _NOTES | {ErrandKind.OPEN}  # the record that is read before a field is written tells by itself
KINDS: Mapping[Purpose, frozenset[ErrandKind]] = {
    Purpose.STATUS: frozenset(ErrandKind) - _NOTES,
    Purpose.NOTE: _NOTES,
}
LOOK_COSTS = 2  # the record, and its notes


@dataclass(slots=True)
class Room:
    """`scarce` has only accounts whose budget is, and how many requests of each purpose it leaves."""

    calls: dict[str, int]
    scarce: dict[str, dict[Purpose, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, free: Mapping[str, int], scarce: Mapping[str, Left]) -> Room:
        """A call that is not for a note costs two requests, mostly."""
        calls = {
            slug: min(one, scarce[slug][Purpose.STATUS] // 2) if slug in scarce else one for slug, one in free.items()
        }
        return cls(calls, {slug: dict(left) for slug, left in scarce.items()})

    def more(self, slug: str) -> None:
        self.calls[slug] = self.calls.get(slug, 0) + 1

    def use(self, slug: str) -> None:
        """Whether or not there is any."""
        self.calls[slug] = self.calls.get(slug, 0) - 1

    def take(self, slug: str, purpose: Purpose, requests: int = 1) -> bool:
        if self.calls.get(slug, 0) <= 0 or not self._spares(slug, purpose, requests):
            return False
        self.calls[slug] -= 1
        return True

    def total(self) -> int:
        return sum(max(0, one) for one in self.calls.values())

    def full(self, purpose: Purpose) -> list[str]:
        """Accounts that can take nothing more of this purpose."""
        return sorted(slug for slug, left in self.calls.items() if left <= 0 or not self._leaves(slug, purpose, 1))

    def _spares(self, slug: str, purpose: Purpose, requests: int) -> bool:
        if not self._leaves(slug, purpose, requests):
            return False
        for one in self.scarce.get(slug, ()):  # They all draw on the same.
            self.scarce[slug][one] -= requests
        return True

    def _leaves(self, slug: str, purpose: Purpose, requests: int) -> bool:
        return slug not in self.scarce or self.scarce[slug][purpose] >= requests


def purpose_of(errand: Errand) -> Purpose:
    return Purpose.NOTE if errand.kind in _NOTES else Purpose.STATUS


def cost_of(errand: Errand, *, can_be_read: bool = True) -> int:
    """Requests, as far as can be told before: what may stand there already is looked for first, where it can be read."""
    if not can_be_read:
        return 1
    is_looked_for = errand.is_doubtful or (errand.kind is ErrandKind.OPEN and errand.attempt > 1)
    return _REQUESTS.get(errand.kind, 2) + (1 if is_looked_for and errand.kind in _LOOKED_FOR else 0)
