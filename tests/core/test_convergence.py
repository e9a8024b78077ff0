"""Two make-believe systems, a network that fails in every way, and people who press buttons on both sides at once.

When the network has gone quiet both sides agree (agreement.py says what that means and names every excuse), every
note stands exactly once on each side and in order, what syncd believes is true, and it has stopped writing.
"""

from __future__ import annotations

import os
from typing import ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from syncd.core import wording
from syncd.core.capabilities import Capabilities
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.policy import CaseReopened, Policy, PriorityMap, PriorityPair, Rules, Unacknowledged, Winner

from .agreement import believes_the_truth, check, nothing_is_lost
from .desk import OVER, US, Habits
from .fate import Fate
from .job import Safeguards
from .world import World

RUNS = int(os.environ.get("SYNCD_RUNS", "3000"))

# P4 and P5 mean D, A2 is another word for P1: many to one in both directions. X and P9 have no counterpart.
PRIORITIES = PriorityMap(
    tuple(
        PriorityPair(case, incident)
        for case, incident in (("P1", "A"), ("P2", "B"), ("P3", "C"), ("P4", "D"), ("P5", "D"), ("P1", "A2"))
    )
)
OF_CASE, OF_INCIDENT = ("P1", "P2", "P3", "P4", "P5", "P9"), ("A", "B", "C", "D", "A2", "X")
ANN, BOB = Actor("Ann", id="ann", email="ann"), Actor("Bob", id="bob", email="bob")
WORDS = st.sampled_from(["ok", "looking", "ok"])
SIDES = st.sampled_from(list(Side))
PEOPLE = st.sampled_from([ANN, BOB])
FATES = st.sampled_from([Fate.FINE] * 12 + list(Fate))
DELAYS = st.sampled_from([0.0, 0.3, 0.7, 1.0])
WAITS = st.sampled_from([0.0, 0.002, 0.25, 0.9, 1.0, 3.0, 12.0, 36.0, 61.0])


@st.composite
def habits(draw: st.DrawFn) -> dict[Side, Habits]:
    can = Capabilities(
        has_closed=True,
        has_resolution_note=draw(st.sampled_from([True, True, False])),
        can_reopen=draw(st.sampled_from([True, True, True, False])),
        can_unacknowledge=draw(st.sampled_from([True, True, True, False])),
        names_authors=draw(st.booleans()),
    )
    case = Habits(
        can,
        has_whole_seconds=draw(st.booleans()),
        answers_with_record=draw(st.booleans()),
        is_closed_terminal=draw(st.booleans()),
    )
    return {Side.CASE: case, Side.INCIDENT: Habits()}


POLICIES = st.builds(
    Policy,
    st.sampled_from([Unacknowledged.FOLLOW, Unacknowledged.FOLLOW, Unacknowledged.IGNORE]),
    st.sampled_from([CaseReopened.NOTE, CaseReopened.NOTE, CaseReopened.REOPEN]),
    st.sampled_from(Winner),
    resolution_note=st.sampled_from(Winner),
)
MANUAL_MOSTLY = st.sampled_from([Winner.MANUAL] * 3 + [Winner.PAGERDUTY])
DISPUTED = st.builds(
    Policy,
    case_reopened=st.sampled_from(CaseReopened),
    priority=MANUAL_MOSTLY,
    resolution_note=MANUAL_MOSTLY,
)
HEARD_ORDERS: tuple[list[Side], ...] = ([], [Side.CASE], [Side.CASE, Side.INCIDENT], [Side.INCIDENT, Side.CASE])
HEARD = st.sampled_from(HEARD_ORDERS)


class Sync(RuleBasedStateMachine):
    guards: ClassVar[Safeguards] = Safeguards()
    worlds: ClassVar[type[World]] = World
    world: World
    chosen: Side  # by whoever decides the conflicts that are left at the end

    @initialize(policy=POLICIES, habits=habits(), is_opening=st.booleans(), chosen=SIDES)
    def begin(self, policy: Policy, habits: dict[Side, Habits], is_opening: bool, chosen: Side) -> None:
        self._begin(policy, habits, chosen, is_opening=is_opening)

    def _begin(self, policy: Policy, habits: dict[Side, Habits], chosen: Side, *, is_opening: bool) -> None:
        self.chosen = chosen
        rules = Rules(policy, PRIORITIES, {side: habits[side].capabilities for side in Side})
        self.world = self.worlds(rules, habits, is_opening=is_opening, guards=self.guards)

    def _acts(self, line: str) -> None:
        self.world.told.acts += 1
        self.world.say(line)

    # People.

    @rule(side=SIDES, by=PEOPLE, word=st.sampled_from(["", "", "cause found", "ok"]), is_before=st.booleans())
    def resolve(self, side: Side, by: Actor, word: str, is_before: bool) -> None:
        desk = self.world.desks[side]
        if not desk.exists or desk.status in OVER:
            return
        self._acts(f"{by.name} resolves the {side} ({word!r})")
        if side is Side.CASE:
            word = word if desk.habits.capabilities.has_resolution_note else ""
            desk.set_status(Status.RESOLVED, by, by_person=True, note=word)
            return
        if word and is_before:
            desk.add_note(wording.resolution_note(word), by)
        desk.set_status(Status.RESOLVED, by, by_person=True)
        if word and not is_before:
            desk.add_note(wording.resolution_note(word), by)

    @rule(side=SIDES, by=PEOPLE)
    def acknowledge(self, side: Side, by: Actor) -> None:
        self._move(side, by, Status.OPEN, Status.ACKNOWLEDGED)

    @rule(side=SIDES, by=PEOPLE)
    def unacknowledge(self, side: Side, by: Actor) -> None:
        self._move(side, by, Status.ACKNOWLEDGED, Status.OPEN)

    @rule(side=SIDES, by=PEOPLE, is_acknowledged=st.sampled_from([False, False, True]))
    def reopen(self, side: Side, by: Actor, is_acknowledged: bool) -> None:
        to = Status.ACKNOWLEDGED if is_acknowledged and side is Side.INCIDENT else Status.OPEN
        for before in (Status.RESOLVED, Status.CLOSED):
            self._move(side, by, before, to)

    def _move(self, side: Side, by: Actor, before: Status, to: Status) -> None:
        desk = self.world.desks[side]
        if desk.exists and desk.status is before:
            self._acts(f"{by.name} moves the {side} from {before} to {to}")
            desk.set_status(to, by, by_person=True)

    @rule(by=PEOPLE)
    def close(self, by: Actor) -> None:
        if self.world.case.status is not Status.CLOSED:
            self._acts(f"{by.name} closes the case")
            self.world.case.set_status(Status.CLOSED, by, by_person=True)

    @rule(by=PEOPLE, into=st.sampled_from(["M1", "M2"]))
    def merge(self, by: Actor, into: str) -> None:
        if self.world.incident.exists and self.world.incident.status is not Status.RESOLVED:
            self._acts(f"{by.name} merges the incident into {into}")
            self.world.incident.merge(into, by)

    @rule(side=SIDES, by=PEOPLE, which=st.integers(0, 5))
    def prioritise(self, side: Side, by: Actor, which: int) -> None:
        desk, value = self.world.desks[side], (OF_CASE if side is Side.CASE else OF_INCIDENT)[which]
        if desk.exists and desk.priority != value:
            self._acts(f"{by.name} sets the {side} to {value}")
            desk.set_priority(value, by, by_person=True)

    @rule(side=SIDES, by=PEOPLE, word=WORDS)
    def note(self, side: Side, by: Actor, word: str) -> None:
        if self.world.desks[side].exists:
            self._acts(f"{by.name} writes {word!r} on the {side}")
            self.world.desks[side].add_note(word, by)

    @rule(side=SIDES, which=st.integers(0, 3))
    def note_in_our_name(self, side: Side, which: int) -> None:
        """Somebody who shares our account types the very words that we are about to write, or have written."""
        ours = [job.errand.text for job in self.world.lanes.jobs if job.errand.side is side and job.errand.text]
        if self.world.desks[side].exists and ours:
            text = ours[-1 - which % len(ours)]
            self._acts(f"somebody writes {text!r} on the {side} in our name")
            self.world.desks[side].add_note(text, US)

    @rule(side=SIDES, by=PEOPLE, word=st.sampled_from(["cause found", "ok", "was the disk"]))
    def resolution_note(self, side: Side, by: Actor, word: str) -> None:
        desk = self.world.desks[side]
        if side is Side.INCIDENT and desk.exists:
            self._acts(f"{by.name} writes the resolution note {word!r} on the incident")
            desk.add_note(wording.resolution_note(word), by)
        elif side is Side.CASE and desk.habits.capabilities.has_resolution_note and desk.resolution_note != word:
            self._acts(f"{by.name} writes the resolution note {word!r} on the case")
            desk.set_resolution_note(word, by, by_person=True)

    @rule(field=st.sampled_from([Field.PRIORITY, Field.RESOLUTION_NOTE]), chosen=SIDES, by=PEOPLE)
    def decide_a_conflict(self, field: Field, chosen: Side, by: Actor) -> None:
        if field in self.world.lanes.link.conflicts:
            self._acts(f"{by.name} decides the conflict of {field} for the {chosen}")
            self.world.resolve(field, chosen, by)

    # Network, workers, time.

    @rule(side=SIDES, which=st.integers(0, 4))
    def hook(self, side: Side, which: int) -> None:
        self.world.hook(side, which)

    @rule(side=SIDES, which=st.integers(0, 4), is_repeated=st.booleans())
    def hook_goes_wrong(self, side: Side, which: int, is_repeated: bool) -> None:
        self.world.hook(side, which, is_repeated=is_repeated, is_dropped=not is_repeated)

    @rule(side=SIDES, fates=st.lists(FATES, min_size=1, max_size=4), delay=DELAYS)
    def work(self, side: Side, fates: list[Fate], delay: float) -> None:
        for fate in fates:
            self.world.work(side, fate, delay)

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(side=SIDES)
    def look(self, side: Side) -> None:
        self.world.look(side)

    @rule()
    def reconnect(self) -> None:
        self.world.lanes.reconnect()

    # What a person orders.

    @rule(which=st.integers(0, 9), times=st.sampled_from([1, 1, 2]))
    def replay(self, which: int, times: int) -> None:
        for _ in range(times):
            self.world.replay(which)

    @rule(which=st.integers(0, 9))
    def hear_again(self, which: int) -> None:
        self.world.hear_again(which)

    @rule(side=SIDES)
    def observe(self, side: Side) -> None:
        self.world.observe(side)

    @rule(side=SIDES, is_decided=st.booleans())
    def write_again(self, side: Side, is_decided: bool) -> None:
        self.world.write_again(side)
        if is_decided:
            self.world.decide_anew()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            quiet(self.world)
            decided(self.world, self.chosen)
            replayed(self.world)
        except AssertionError:
            hypothesis.note("\n".join(self.world.history))
            raise


class Disputes(Sync):
    """The same, with people who are mostly at odds and want to decide that themselves."""

    @initialize(policy=DISPUTED, habits=habits(), is_opening=st.booleans(), chosen=SIDES)
    def begin(self, policy: Policy, habits: dict[Side, Habits], is_opening: bool, chosen: Side) -> None:
        self._begin(policy, habits, chosen, is_opening=is_opening)

    @rule(of_case=st.integers(0, 5), of_incident=st.integers(0, 5), heard=HEARD)
    def both_prioritise(self, of_case: int, of_incident: int, heard: list[Side]) -> None:
        for side, which in ((Side.CASE, of_case), (Side.INCIDENT, of_incident)):
            self.prioritise(side, ANN, which)
        self._hear(heard)

    @rule(words=st.permutations(["cause found", "ok", "was the disk"]), heard=HEARD)
    def both_explain(self, words: list[str], heard: list[Side]) -> None:
        for side, word in zip(Side, words, strict=False):
            self.resolution_note(side, BOB, word)
        self._hear(heard)

    @rule(side=SIDES)
    def agree(self, side: Side) -> None:
        """Somebody sets this side to what the other says."""
        there = PRIORITIES.across(side.other, self.world.desks[side.other].priority)
        if there is not None:
            self.prioritise(side, BOB, (OF_CASE if side is Side.CASE else OF_INCIDENT).index(there))
        if self.world.case.resolution_note or self.world.incident.notes:
            self.resolution_note(side, BOB, "cause found")

    def _hear(self, heard: list[Side]) -> None:
        for side in heard:
            self.world.hook(side, -1)


def quiet(world: World) -> None:
    """Everything arrives, and if no hook was dropped, that alone must have told the truth; dropped hooks are healed by a look at both records; then nothing may be left to do."""
    world.settle_down()
    if not world.told.dropped:
        believes_the_truth(world)
    for _ in range(3):
        for side in Side:
            world.look(side)
            world.settle_down()
    before = len(world.lanes.jobs)
    for side in Side:
        world.look(side)
    assert len(world.lanes.jobs) == before, "a further look finds something to do: it never ends"
    check(world)


def decided(world: World, chosen: Side) -> None:
    """Whoever is asked decides each conflict that is left, and both sides agree."""
    if not world.lanes.link.conflicts:
        return
    for field in list(world.lanes.link.conflicts):
        world.told.acts += 1
        world.say(f"the conflict of {field} is decided for the {chosen}")
        world.resolve(field, chosen, ANN)
    quiet(world)
    left = world.lanes.link.conflicts.keys() - world.lanes.unmapped
    assert not left, f"decided, and still in conflict: {left}"


def replayed(world: World) -> None:
    """Whoever replays all that came to nothing, and then what was waiting for that, has lost nothing by it."""
    for _ in range(2):
        going = sum(world.replay_one(job) for job in list(world.lanes.jobs))
        world.told.acts += going
        if going:
            quiet(world)
    nothing_is_lost(world)


def profile(runs: int) -> settings:
    return settings(max_examples=runs, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


TestSync = Sync.TestCase
TestSync.settings = profile(RUNS)
TestDisputes = Disputes.TestCase
TestDisputes.settings = profile(RUNS)


def _without(guards: Safeguards) -> type[Sync]:
    return type("Careless", (Sync,), {"guards": guards})


@pytest.mark.parametrize(
    ("guards", "finds"),
    [
        (
            Safeguards(looks_before_repeating=False),
            r"stands 2 times|two incidents were opened|is taken for|yet it was opened",
        ),
        (Safeguards(knows_its_own_notes=False), r"carried over|came back as news|never settles|writes for"),
        (
            Safeguards(minds_time=False),
            r"case \w+, incident \w+|believes otherwise|is not on the|finds something to do",
        ),
    ],
    ids=["no look before a repeat", "no echo rule", "no staleness"],
)
def test_it_can_fail(guards: Safeguards, finds: str) -> None:
    """Without one of its safeguards the same machine finds what that one is for."""
    quick = settings(profile(1500), derandomize=True, database=None, phases=[Phase.generate], print_blob=False)
    with pytest.raises(AssertionError, match=finds):
        run_state_machine_as_test(_without(guards), settings=quick)
