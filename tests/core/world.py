"""Network and time between two desks and the lanes: what arrives, what is under way, what lands late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from syncd import errors
from syncd.clock import StoppedClock
from syncd.core import echo
from syncd.core.answered import Answer
from syncd.core.changes import Actor, Field, FieldSeen, Side, Status, Verb
from syncd.core.errand import FIELD_OF_WISH, Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import Link
from syncd.core.policy import Rules
from syncd.core.weigh import Verdict

from . import orders
from .desk import US, Desk, Fact, Habits
from .events import Flight, Landing, Told, undoes_a_resolve
from .fate import BEFORE_SENDING, GONE, NO_ANSWER, Fate
from .job import Job, NeverOpened, Observed, Opened, Result, Safeguards, names_of
from .lane import Lanes
from .new_link import new_link
from .telling import told
from .weighing import weighed

MORNING = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)
TRIP = timedelta(seconds=10)  # what one attempt may take
WRITE_NEEDS = timedelta(seconds=5)
Done = TypeVar("Done")
LANDS_LATE = timedelta(seconds=30)  # a write that timed out may land for this long after


class World:
    def __init__(
        self, rules: Rules, habits: dict[Side, Habits], *, is_opening: bool, guards: Safeguards | None = None
    ) -> None:
        self.clock = StoppedClock(MORNING)
        self.rules, self.history = rules, [f"{rules.policy}, opening={is_opening}, {habits}"]
        self.desks = {side: Desk(side, self.clock, habits[side], "P3" if side is Side.CASE else "C") for side in Side}
        self.case, self.incident = self.desks[Side.CASE], self.desks[Side.INCIDENT]
        self.flights: dict[Side, Flight] = {}
        self.landings: list[Landing] = []
        self.led_to_nothing: list[tuple[Side, tuple[Fact, ...]]] = []
        self.unlinked: list[tuple[Fact, ...]] = []
        self.taken: list[tuple[Fact, ...]] = []  # in at the door: another one of the same event is dropped there
        self.told = Told()
        self.lanes = self.new_lanes(new_link(self.clock.now(), is_opening=is_opening), guards or Safeguards())
        if is_opening:
            self.incident.exists = False
            self.lanes.add(Draft(Side.INCIDENT, ErrandKind.OPEN, Verb.OPEN), self.clock.now())

    def new_lanes(self, link: Link, guards: Safeguards) -> Lanes:
        return Lanes(link, self.rules, guards)

    def say(self, line: str) -> None:
        self.history.append(f"{self.clock.now():%H:%M:%S.%f} {line}")

    # Time.

    def wait(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        while self.landings and (first := min(self.landings, key=lambda one: one.due)).due <= until:
            self.clock.at = max(self.clock.now(), first.due)
            self.landings.remove(first)
            first.write()
        self.clock.at = max(self.clock.now(), until)
        self.lanes.take_over(self.clock.now())

    # Hooks.

    def hook(self, side: Side, which: int, *, is_dropped: bool = False, is_repeated: bool = False) -> None:
        hooks = self.desks[side].hooks
        if not hooks:
            return
        facts = hooks[which % len(hooks)]
        if not is_repeated:
            hooks.remove(facts)
        if any(one is facts for one in self.taken):
            self.say(f"hook is known by its event: {told(facts)}")  # As the inbox knows it, however often it comes.
            return
        if is_dropped:
            self.told.dropped += 1
            self.say(f"hook dropped: {told(facts)}")
            return
        self.say(f"hook: {told(facts)}")
        self._arrive(side, facts)

    def _arrive(self, side: Side, facts: tuple[Fact, ...]) -> None:
        if side is Side.INCIDENT and not self.lanes.link.incident_id:
            self.unlinked.append(facts)  # Planned again when its link opens.
            return
        self.taken.append(facts)
        for fact in facts:
            known = self.lanes.link.known.get((side, fact.field)) if isinstance(fact, FieldSeen) else None
            if (
                isinstance(fact, FieldSeen)
                and known is not None
                and self.desks[side].was_away(fact, known.value, known.at)
            ):
                self.lanes.coincided[side, fact.field] = self.clock.now()
        if self._speaking(lambda: self.lanes.plan(side, facts, self.desks[side].fetch, self.clock.now())):
            self.led_to_nothing.append((side, facts))

    def look(self, side: Side) -> None:
        """Reconcile one side: the record as it is, and every note that was not heard of."""
        desk = self.desks[side]
        if not desk.exists or (side is Side.INCIDENT and not self.lanes.link.incident_id):
            return
        notes = [desk.heard(note) for note in desk.listed()]
        self.say(f"look at {side}: {desk.status}, {desk.priority}, {desk.merged_into}, {desk.resolution_note!r}")
        self._speaking(lambda: self.lanes.reconcile(side, desk.fetch(), notes, desk.fetch, self.clock.now()))

    def resolve(self, name: Field, chosen: Side, by: Actor) -> None:
        self._speaking(lambda: self.lanes.resolve(name, chosen, by, self.clock.now()))

    # What a person orders.

    def replay(self, which: int) -> None:
        past = [job for job in self.lanes.jobs if not job.is_live]
        if past:
            self.replay_one(past[which % len(past)])

    def replay_one(self, job: Job) -> bool:
        self.say(f"{job.errand.id} is replayed")
        return self._speaking(lambda: orders.replay(self.lanes, job, self.clock.now()))

    def hear_again(self, which: int) -> None:
        if self.led_to_nothing:
            side, facts = self.led_to_nothing[which % len(self.led_to_nothing)]
            self.say(f"hook replayed: {told(facts)}")
            again = (replace(one, is_replayed=True) if isinstance(one, FieldSeen) else one for one in facts)
            self._arrive(side, tuple(again))

    def observe(self, side: Side) -> None:
        self.lanes.observed.add(side)
        self.say(f"the {side} is only observed")

    def write_again(self, side: Side) -> None:
        self.lanes.observed.discard(side)
        self.say(f"the {side} is written to again")

    def decide_anew(self) -> None:
        self._speaking(lambda: orders.decide_anew(self.lanes, self.clock.now()))

    def _speaking(self, act: Callable[[], Done]) -> Done:
        before, link = (len(self.lanes.said), len(self.lanes.jobs)), self.lanes.link
        done = act()
        self._note_what_was_away(link)
        for line in self.lanes.said[before[0] :]:
            self.say(f"    {line}")
        for job in self.lanes.jobs[before[1] :]:
            self.say(
                f"    {job.errand.id} for {job.errand.side}: {job.errand.kind} {job.errand.change} {job.errand.text!r}"
            )
        for side, fact in self.lanes.released:
            self.desks[side].hooks.append((fact,))
        self.lanes.released.clear()
        return done

    def _note_what_was_away(self, before: Link) -> None:
        """A record that was read says what we knew, and overtook the hooks that tell that it was away in between."""
        name = Field.STATUS
        for side in Side:
            was, now = before.known.get((side, name)), self.lanes.link.known.get((side, name))
            if was is None or now is None or now.at is None or was.value != now.value:
                continue
            if self.desks[side].was_away(FieldSeen(name, now.value, at=now.at), was.value, was.at):
                self.lanes.coincided[side, name] = self.clock.now()

    # Attempts, one step at a time.

    def work(self, side: Side, fate: Fate, delay: float = 0.0) -> None:
        self.told.faults += fate is not Fate.FINE
        flight = self.flights.get(side)
        if flight is None:
            self._speaking(lambda: self._claim(side))
        elif flight.result is not None:
            del self.flights[side]
            self.say(f"{flight.job.errand.id} answered")
            self._speaking(lambda: self._settle(flight))
        elif fate in GONE and not flight.has_read:
            self._crash(flight, "before reading")
        elif not flight.has_read:
            self._reading(flight, fate)
        elif not flight.has_written:
            self._writing(flight, fate, delay)
        else:
            self._read_back(flight)

    def _claim(self, side: Side) -> None:
        claimed = self.lanes.claim(side, self.clock.now())
        if claimed is not None:
            job, go = claimed
            self.flights[side] = Flight(job, job.token, go, self.clock.now(), is_observed=side in self.lanes.observed)
            self.say(f"{job.errand.id} begun, attempt {job.errand.attempt}: {job.errand.kind} {go.wish or ''}")

    def _settle(self, flight: Flight) -> None:
        assert flight.result is not None
        if isinstance(flight.result, Observed) and flight.job.errand.side in self.lanes.observed:
            self.say(f"{flight.job.errand.id} was only observed")
        is_new = not self.lanes.link.incident_id
        wants_look = self.lanes.settle(
            flight.job, flight.token, flight.go, flight.result, flight.read, self.clock.now()
        )
        if flight.job.state is ErrandState.DEAD and flight.job.errand.kind in FIELD_OF_WISH:
            self.told.refused_at[FIELD_OF_WISH[flight.job.errand.kind]] = self.clock.now()
        if is_new and self.lanes.link.incident_id:
            self.incident.hooks += self.unlinked
            self.unlinked.clear()
        if wants_look:
            self.look(flight.job.errand.side)

    def _crash(self, flight: Flight, when: str) -> None:
        self.say(f"{flight.job.errand.id}: the worker is gone, {when}")
        del self.flights[flight.job.errand.side]

    def _reading(self, flight: Flight, fate: Fate) -> None:
        if fate in BEFORE_SENDING:
            flight.result = BEFORE_SENDING[fate]()
            self.say(f"{flight.job.errand.id} could not read: {flight.result}")
            return
        flight.has_read = True
        flight.result = self._found(flight)
        if flight.result is None and flight.is_observed:
            flight.result = Observed()
        if flight.result is not None:
            self.say(f"{flight.job.errand.id} need not write: {flight.result}")

    def _found(self, flight: Flight) -> Result | None:
        """What makes a write needless."""
        errand, desk = flight.job.errand, self.desks[flight.job.errand.side]
        wish = flight.go.wish
        if wish is not None:
            flight.read = desk.fetch()
            if not self.lanes.guards.weighs:
                return None
            found = weighed(FIELD_OF_WISH[errand.kind], errand.side, flight.read, wish, self.rules)
            if found is not None and found.verdict is Verdict.ALREADY:
                self.lanes.coincided[errand.side, FIELD_OF_WISH[errand.kind]] = self.clock.now()
            return found
        if errand.kind is ErrandKind.OPEN:
            may_stand = (errand.attempt > 1 or errand.is_doubtful) and self.lanes.guards.looks_before_repeating
            if may_stand and desk.exists:
                return Opened(desk.fetch())
            return None if flight.go.may_open else NeverOpened()
        if errand.kind is ErrandKind.LINK:
            return None
        standing = self._standing(flight)
        if standing is None and errand.kind is ErrandKind.CLOSING_NOTE:
            flight.read = desk.fetch()
            return Answer(Verdict.ALREADY, flight.read) if flight.read.status is Status.RESOLVED else None
        return standing

    def _standing(self, flight: Flight) -> Answer | None:
        job = flight.job
        if not self.lanes.guards.looks_before_repeating:
            return None
        if job.far_id:
            return Answer(Verdict.ALREADY, note_id=job.far_id)
        if not job.errand.is_doubtful:
            return None
        side = job.errand.side
        taken = frozenset(note_id for (on, note_id) in self.lanes.register if on is side)
        notes = self.desks[side].listed()
        found = echo.standing(notes, taken, ours=job.errand.text, names=names_of(self.lanes.jobs))
        return None if found is None else Answer(Verdict.ALREADY, note_id=found.id)

    def _writing(self, flight: Flight, fate: Fate, delay: float) -> None:
        now, errand = self.clock.now(), flight.job.errand
        if fate is Fate.CRASHED:
            self._crash(flight, "before writing")
            return
        if now - flight.begun_at > TRIP - WRITE_NEEDS:
            flight.result = errors.Unreachable("too late to begin a write")
            return
        if fate in BEFORE_SENDING:
            flight.result = BEFORE_SENDING[fate]()
            self.say(f"{errand.id} could not write: {flight.result}")
            return
        if fate is Fate.REFUSED or self._refuses(flight):
            flight.result = errors.Refused("it says no")
            self.say(f"{errand.id} was refused")
            return
        self.say(f"{errand.id} writes: {fate.value}")
        if fate in {Fate.LATE, Fate.CRASHED_LATE}:
            due = flight.begun_at + TRIP + LANDS_LATE * delay
            self.landings.append(Landing(max(now, due), lambda: self._land_late(flight)))
        elif fate is not Fate.LOST:
            self._land(flight)
        if fate in GONE:
            self._crash(flight, "after writing")
        elif fate in NO_ANSWER:
            flight.result = errors.Ambiguous("no answer")
        else:
            self._written(flight)

    def _refuses(self, flight: Flight) -> bool:
        wish, kind = flight.go.wish, flight.job.errand.kind
        return wish is not None and self.desks[flight.job.errand.side].refuses(FIELD_OF_WISH[kind], wish.value)

    def _land_late(self, flight: Flight) -> None:
        if not self._refuses(flight):
            self.say(f"{flight.job.errand.id} lands late")
            self._land(flight)

    def _land(self, flight: Flight) -> None:
        errand, desk = flight.job.errand, self.desks[flight.job.errand.side]
        self.told.writes[errand.id] = self.told.writes.get(errand.id, 0) + 1
        wish = flight.go.wish
        if wish is not None and desk.fetch().value(FIELD_OF_WISH[errand.kind]) == wish.value:
            self.lanes.coincided[errand.side, FIELD_OF_WISH[errand.kind]] = self.clock.now()
        match errand.kind:
            case ErrandKind.STATUS:
                assert wish is not None
                self._move(flight, desk, Status(wish.value))
            case ErrandKind.PRIORITY:
                assert wish is not None
                desk.set_priority(wish.value, self.signed(flight), by_person=False)
            case ErrandKind.RESOLUTION_NOTE:
                assert wish is not None
                desk.set_resolution_note(wish.value, US, by_person=False)
            case ErrandKind.OPEN:
                self.told.openings += 1
                desk.open(
                    self.rules.priorities.across(Side.CASE, self.lanes.link.value(Side.CASE, Field.PRIORITY) or "")
                    or ""
                )
            case ErrandKind.LINK:
                desk.urls.append(errand.text)
            case ErrandKind.NOTE | ErrandKind.CLOSING_NOTE:
                self.told.order[errand.side].append(errand.id)
                flight.note_id = desk.add_note(errand.text, self.signed(flight), errand.id)

    def _move(self, flight: Flight, desk: Desk, status: Status) -> None:
        if desk.side is Side.INCIDENT and desk.status is Status.RESOLVED and status is Status.ACKNOWLEDGED:
            assert flight.read is not None
            assert flight.read.status is not Status.RESOLVED, "acknowledged an incident it had read as resolved"
            self.told.crossings.append(self.clock.now())
        else:
            assert not undoes_a_resolve(flight, desk, status, self.lanes.jobs), (
                f"a replay, {flight.job.errand.id}, undid a resolve"
            )
        desk.set_status(status, self.signed(flight), by_person=False)

    def signed(self, flight: Flight) -> Actor:  # noqa: ARG002  who borrows names asks whose write it is
        """In whose name a write is made."""
        return US

    def _written(self, flight: Flight) -> None:
        flight.has_written = True
        kind, desk = flight.job.errand.kind, self.desks[flight.job.errand.side]
        if kind is ErrandKind.OPEN:
            flight.result = Opened(desk.fetch())
        elif flight.go.wish is None:
            flight.result = Answer(Verdict.WRITE, note_id=flight.note_id)
        elif desk.habits.answers_with_record:
            flight.result = Answer(Verdict.WRITE, desk.fetch())

    def _read_back(self, flight: Flight) -> None:
        flight.result = Answer(Verdict.WRITE, self.desks[flight.job.errand.side].fetch())

    # Quiet: everything that is on its way arrives, nothing fails any more.

    def settle_down(self) -> None:
        patience = 400 + 40 * (self.told.acts + self.told.faults)
        for _ in range(patience):
            if not self._step():
                return
        raise AssertionError(f"it never settles: {patience} steps were not enough")

    def _step(self) -> bool:
        self.lanes.reconnect()
        self.lanes.observed.clear()
        self.decide_anew()
        for side in Side:
            if self.desks[side].hooks and (side is Side.CASE or self.lanes.link.incident_id):
                self.hook(side, 0)
                return True
            if side in self.flights or self.lanes.due(side, self.clock.now()):
                self.work(side, Fate.FINE)
                return True
        return self._wait_for_the_next()

    def _wait_for_the_next(self) -> bool:
        moments = [one.due for one in self.landings]
        leases = [job.lease_until for job in self.lanes.jobs if job.state is ErrandState.SENDING]
        moments += [lease + timedelta(seconds=1) for lease in leases if lease is not None]
        for side in Side:
            moments += [job.next_at for job in self.lanes.lane(side) if job.state is ErrandState.WAITING]
        later = [moment for moment in moments if moment > self.clock.now()]
        if not later:
            return False
        self.wait((min(later) - self.clock.now()).total_seconds())
        return True
