"""The same histories, where writes are made in the names of people who also work on the incident themselves."""

from __future__ import annotations

from typing import ClassVar, cast

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from syncd.core.changes import Actor, Side

from .borrowed import BorrowingWorld
from .fate import Fate
from .job import Safeguards
from .test_convergence import BOB, PEOPLE, RUNS, Disputes, profile
from .world import World


class Borrowing(Disputes):
    """The same, where our writes are made in the names of the people whose changes they carry over."""

    worlds: ClassVar[type[World]] = BorrowingWorld

    @rule(by=PEOPLE, is_let=st.booleans())
    def let_write(self, by: Actor, is_let: bool) -> None:
        refused = cast("BorrowingWorld", self.world).lanes.refused
        (refused.discard if is_let else refused.add)(by.id)

    @rule(first=st.integers(0, 4), then=st.integers(0, 4), by=PEOPLE)
    def change_their_mind(self, first: int, then: int, by: Actor) -> None:
        """Whoever sets the case twice hears of the first while the second is on its way."""
        self.prioritise(Side.CASE, by, first)
        self._hear([Side.CASE])
        for _ in range(3):
            self.world.work(Side.INCIDENT, Fate.FINE)
        self.prioritise(Side.CASE, by, then)
        self._hear([Side.CASE, Side.INCIDENT])

    @rule(by=PEOPLE)
    def cross(self, by: Actor) -> None:
        """Somebody resolves the incident between our reading and our acknowledging it."""
        self.acknowledge(Side.CASE, by)
        self._hear([Side.CASE])
        for _ in range(2):
            self.world.work(Side.INCIDENT, Fate.FINE)
        self.resolve(Side.INCIDENT, BOB, "", is_before=False)
        self.world.work(Side.INCIDENT, Fate.FINE)

    @rule(by=PEOPLE, which=st.integers(0, 3))
    def note_of_theirs(self, by: Actor, which: int) -> None:
        """A person types, where our write stands in their name, the very words of it."""
        ours = [
            job.errand.text for job in self.world.lanes.jobs if job.errand.side is Side.INCIDENT and job.errand.text
        ]
        if self.world.incident.exists and ours:
            text = ours[-1 - which % len(ours)]
            self._acts(f"{by.name} writes {text!r} on the incident")
            self.world.incident.add_note(text, by)


TestBorrowing = Borrowing.TestCase
TestBorrowing.settings = profile(RUNS)


def test_it_can_fail() -> None:
    """If what was written in a person's name is that person's, they overrule what they have asked for since."""
    quick = settings(profile(1500), derandomize=True, database=None, phases=[Phase.generate], print_blob=False)
    unknowing = type("Unknowing", (Borrowing,), {"guards": Safeguards(knows_pen_names=False)})
    with pytest.raises(AssertionError, match=r"nobody set the incident's|nobody resolved it again"):
        run_state_machine_as_test(unknowing, settings=quick)
