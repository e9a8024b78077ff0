"""A make-believe store and the two flows that write to it: what is known of one link, and its errands in their lanes.

It does what syncd/flow and syncd/store do with the core, without a database and without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from syncd import errors
from syncd.core import echo, retry, wording
from syncd.core.answered import Answer, Settled, answered, differences, opened, refused
from syncd.core.beside import decide_beside
from syncd.core.changes import Actor, Field, FieldSeen, Record, Side, Verb
from syncd.core.decide import decide
from syncd.core.decision import Decision
from syncd.core.errand import FIELD_OF_WISH, Draft, Errand, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import Link, LinkState
from syncd.core.policy import Rules
from syncd.core.prepare import Go, Withdraw, case_over, never_to_open, prepare
from syncd.core.reasons import Outcome, Reason
from syncd.core.resolve import resolve

from .desk import Fact
from .job import NOTES, Dealt, Heard, Job, NeverOpened, Observed, Opened, Result, Safeguards, names_of
from .left import Left


@dataclass(slots=True)
class Lanes:
    link: Link
    rules: Rules
    guards: Safeguards = field(default_factory=Safeguards)
    jobs: list[Job] = field(default_factory=list)
    register: dict[tuple[Side, str], Heard] = field(default_factory=dict)
    released: list[tuple[Side, Fact]] = field(default_factory=list)  # notes wrongly taken for ours, to be planned
    disconnected: set[Side] = field(default_factory=set)
    observed: set[Side] = field(default_factory=set)
    coincided: dict[tuple[Side, Field], datetime] = field(default_factory=dict)  # a person did what we were about to do
    left: Left = field(default_factory=Left)
    unmapped: set[Field] = field(default_factory=set)  # a person chose a value that means nothing over there
    reopened: dict[Side, datetime] = field(default_factory=dict)  # when a hook last told of that
    alarms: int = 0
    said: list[str] = field(default_factory=list)  # what was decided, for whoever reads a failing history
    tokens: int = 0

    # Planning: a hook, or what a look brought back.

    def plan(self, side: Side, facts: Sequence[Fact], look: Callable[[], Record], now: datetime) -> bool:
        """Whether some of it led to nothing: a person can replay such a hook."""
        is_quiet = False
        for fact in facts:
            fact = self.unmasked(side, replace(fact, heard_at=now)) if isinstance(fact, FieldSeen) else fact  # noqa: PLW2901
            if fact.note_id and self._is_recognised(side, fact):
                self.said.append("recognised")
                is_quiet = True
                continue
            decision = self._decided(side, fact, look)
            if fact.note_id:
                self.register[side, fact.note_id] = Heard(fact=fact)
            self.take(side, decision, now, origin=(side, fact.note_id) if fact.note_id else None)
            is_quiet = is_quiet or not decision.drafts
        return is_quiet

    def reconcile(
        self, side: Side, record: Record, notes: Sequence[Fact], look: Callable[[], Record], now: datetime
    ) -> None:
        told: list[Fact] = list(differences(self.link, side, record, is_certain=True))
        self.plan(side, [*told, *(note for note in notes if (side, note.note_id) not in self.register)], look, now)

    def unmasked(self, side: Side, fact: FieldSeen) -> FieldSeen:  # noqa: ARG002  who borrows names asks where it was seen
        return fact

    def beside(self, side: Side, record: Record, fact: FieldSeen) -> Record:  # noqa: ARG002  as above
        return record

    def _decided(self, side: Side, fact: Fact, look: Callable[[], Record]) -> Decision:
        if isinstance(fact, FieldSeen) and not self.guards.minds_time:
            fact = replace(fact, is_certain=True)
        decision = decide(self.link, fact, side, self.rules)
        if not (decision.needs_look and isinstance(fact, FieldSeen)):
            return decision
        return decide_beside(self.link, fact, side, self.beside(side, look(), fact), self.rules)

    def take(
        self,
        side: Side,
        decision: Decision,
        now: datetime,
        *,
        origin: tuple[Side, str] | None = None,
        of: Job | None = None,
    ) -> None:
        assert not decision.needs_look
        self.left.hear(self.link, side, decision)
        self._note_what_coincided(side, decision, now)
        self.said.append(f"{decision.change}: {decision.outcome or 'goes on'} {decision.reason or ''}")
        self.save(decision.link)
        self.alarms += decision.reason is Reason.REOPENED_BY_US
        if decision.change is Verb.REOPEN and of is None:
            self.reopened[side] = now
        for draft in decision.drafts:
            self.add(draft, now, origin=origin, heard_at=None if of else now, of=of)

    def resolve(self, name: Field, chosen: Side, by: Actor, now: datetime) -> None:
        decision = resolve(self.link, name, chosen, by, self.rules)
        if decision.reason is Reason.NOT_MAPPED:
            self.unmapped.add(name)
        self.take(chosen, decision, now)

    def _is_recognised(self, side: Side, fact: Fact) -> bool:
        known = self.register.get((side, fact.note_id))
        if known is not None and (self.guards.knows_its_own_notes or not known.errand):
            return True
        if not self.guards.knows_its_own_notes:
            return False
        for job in self._notes_in_flight(side):
            ours = job.errand
            if echo.may_be(fact.text, is_by_us=fact.by.is_us or fact.by.id in names_of(self.jobs), ours=ours.text):
                self.register[side, fact.note_id] = Heard(ours.id, fact)
                job.far_id = job.far_id or fact.note_id
                return True
        if fact.by.is_us and not self.guards.minds_whose_words:
            self.register[side, fact.note_id] = Heard(fact=fact)
            return True
        return False

    def _notes_in_flight(self, side: Side) -> list[Job]:
        """Also one that was found standing already: until its answer names one, any note of its words may be it.

        And one that ended in doubt, unless a replay has taken it over.
        """
        notes = [job for job in self.jobs if job.errand.side is side and job.errand.kind in NOTES]
        live = [job for job in notes if job.is_live and (job.errand.is_doubtful or job.state is ErrandState.SENDING)]
        ended = [job for job in notes if not job.is_live and job.errand.is_doubtful and not job.far_id]
        ended = [job for job in ended if job.state is not ErrandState.DELIVERED]
        return [*live, *(job for job in ended if job.dealt is not Dealt.REPLAYED)]

    def save(self, link: Link) -> None:
        before = self.link.state
        if link != self.link:
            self.link = replace(link, version=self.link.version + 1)
        if before is LinkState.OPENING and link.state in {LinkState.OPEN, LinkState.ENDED}:
            self._let_go()

    # Lanes.

    def add(
        self,
        draft: Draft,
        now: datetime,
        *,
        origin: tuple[Side, str] | None = None,
        heard_at: datetime | None = None,
        of: Job | None = None,
        doubtful_until: datetime | None = None,
    ) -> None:
        waiting = self._waiting_wish(draft.side, draft.kind) if draft.kind in FIELD_OF_WISH else None
        if waiting is not None:
            waiting.errand = replace(waiting.errand, change=draft.change)
            waiting.asked_at, waiting.by, waiting.heard_at, waiting.of = now, draft.by, heard_at, of
            return
        number, is_doubtful = len(self.jobs) + 1, doubtful_until is not None
        errand = Errand(
            f"e{number}", self.link.id, draft.side, draft.kind, draft.change, 0, draft.text, draft.author, is_doubtful
        )
        state = ErrandState.HELD if self._is_held(draft.side) else ErrandState.WAITING
        origin = origin if draft.kind is ErrandKind.NOTE else None
        next_at = max(now, doubtful_until or now)
        self.jobs.append(Job(errand, now, next_at, state, origin=origin, by=draft.by, heard_at=heard_at, of=of))

    def _is_held(self, side: Side) -> bool:
        return side in self.disconnected or (side is Side.INCIDENT and self.link.state is LinkState.FAILED)

    def _waiting_wish(self, side: Side, kind: ErrandKind) -> Job | None:
        may_wait = {ErrandState.WAITING, ErrandState.HELD}
        found = [j for j in self.jobs if j.errand.side is side and j.errand.kind is kind and j.state in may_wait]
        assert len(found) <= 1, "at most one errand waits for a wish"
        return found[0] if found else None

    def lane(self, side: Side) -> list[Job]:
        return [job for job in self.jobs if job.errand.side is side and job.is_live]

    def due(self, side: Side, now: datetime) -> Job | None:
        lane = sorted(self.lane(side), key=lambda job: job.errand.kind is not ErrandKind.OPEN)
        if any(job.state is ErrandState.SENDING for job in lane):
            return None
        for place, job in enumerate(lane):
            if all(_may_be_passed(older, job) for older in lane[:place]) and job.state is ErrandState.WAITING:
                return job if job.next_at <= now else None
        return None

    def claim(self, side: Side, now: datetime) -> tuple[Job, Go] | None:
        job = self.due(side, now)
        if job is None:
            return None
        match prepare(self.link, job.errand, self.rules):
            case Withdraw() as gone:
                job.become(ErrandState.WITHDRAWN)
                self._release(job, keep=job.far_id)
                if gone.reason in {Reason.PARKED, Reason.CASE_OVER}:
                    is_observed = gone.reason is Reason.PARKED and side in self.observed
                    job.dealt = Dealt.OBSERVED if is_observed else Dealt.LEFT
                if gone.reason is Reason.CASE_CLOSED:
                    self.left.fields.add(FIELD_OF_WISH[job.errand.kind])
                self.save(gone.link)
                for draft in gone.drafts:
                    self.add(draft, now, heard_at=job.heard_at)
                self.said.append(f"{job.errand.id} withdrawn: {gone.reason}")
                return None
            case Go() as go:
                self._begin(job, now)
                return job, go
            case other:
                assert_never(other)

    def _note_what_coincided(self, side: Side, decision: Decision, now: datetime) -> None:
        if decision.reason in {Reason.ECHO, Reason.IN_STEP} and decision.change is not Verb.PRIORITISE:
            self.coincided[side, Field.STATUS] = now

    def _begin(self, job: Job, now: datetime) -> None:
        self.tokens += 1
        first = job.errand.first_begun_at or now
        job.errand = replace(job.errand, attempt=job.errand.attempt + 1, first_begun_at=first)
        job.become(ErrandState.SENDING)
        job.token, job.begun_at, job.lease_until = self.tokens, now, now + retry.LEASE

    # Settling: only whoever holds the token may.

    def settle(self, job: Job, token: int, go: Go, result: Result, read: Record | None, now: datetime) -> bool:
        """Whether a further look at the record was asked for."""
        if job.token != token or job.state is not ErrandState.SENDING:
            self.said.append(f"{job.errand.id} settled late: nothing is written")
            return False
        match result:
            case errors.SideError() as error:
                return self._failed(job, go, error, read, now)
            case Opened(record):
                return self._ended(job, go, opened(self.link, record, self.rules), ErrandState.DELIVERED, now)
            case Observed() if job.errand.side not in self.observed:
                self._give_back(job, now, is_doubtful=False)
                job.errand = replace(job.errand, attempt=job.errand.attempt - 1)
                return False
            case Observed():
                return self._observed(job, go, read, now)
            case NeverOpened():
                job.dealt = Dealt.LEFT
                over = case_over(self.link)
                return self._ended(job, go, Settled(over.link, over.outcome, over.reason), ErrandState.WITHDRAWN, now)
            case Answer() as answer:
                job.landed_by = answer.record.at if answer.record else None
                self._know(job, answer.note_id)
                settled = answered(self.link, job.errand, go.wish, answer, self.rules)
                return self._ended(job, go, settled, ErrandState.DELIVERED, now)

    def _observed(self, job: Job, go: Go, read: Record | None, now: datetime) -> bool:
        job.dealt = Dealt.OBSERVED
        self._release(job, keep=job.far_id)
        if job.errand.kind is ErrandKind.OPEN:
            settled = Settled(never_to_open(self.link), Outcome.IGNORED, Reason.OBSERVING)
        else:
            settled = refused(self.link, job.errand, self.rules, read, go.wish)
            settled = replace(settled, outcome=Outcome.IGNORED, reason=Reason.OBSERVING)
        return self._ended(job, go, settled, ErrandState.WITHDRAWN, now)

    def _know(self, job: Job, note_id: str) -> None:
        """What a hook was taken for is somebody's own note if the answer names another: plan it as news."""
        job.far_id = note_id
        self._release(job, keep=note_id)
        if note_id:
            self.register.setdefault((job.errand.side, note_id), Heard(job.errand.id))

    def _release(self, job: Job, keep: str = "") -> None:
        wrong = [key for key, heard in self.register.items() if heard.errand == job.errand.id and key[1] != keep]
        for side, note_id in wrong:
            fact = self.register.pop((side, note_id)).fact
            assert fact is not None
            self.released.append((side, fact))

    def _ended(self, job: Job, go: Go, settled: Settled, state: ErrandState, now: datetime) -> bool:
        job.become(state)
        job.token = 0
        self.left.end(self.link, job, go, settled)
        for news in settled.news:
            self.left.hear(self.link, job.errand.side, news)
            self._note_what_coincided(job.errand.side, news, now)
        self.save(settled.link)
        self.alarms += settled.is_alarming
        self.said.append(f"{job.errand.id} {state}: {settled.outcome} {settled.reason}")
        for draft in settled.drafts:
            self.add(draft, now, heard_at=job.heard_at)
        return settled.needs_look

    def _failed(self, job: Job, go: Go, error: errors.SideError, read: Record | None, now: datetime) -> bool:
        begun = job.begun_at or now
        verdict = retry.after_error(error, attempt=job.errand.attempt, begun_at=begun, now=now, jitter=0.5)
        if verdict.state is ErrandState.DEAD:
            if job.errand.kind is ErrandKind.OPEN:
                return self._never_to_open(job, go, verdict, now)
            self._release(job, keep=job.far_id)
            return self._ended(
                job, go, refused(self.link, job.errand, self.rules, read, go.wish), ErrandState.DEAD, now
            )
        self._give_back(job, verdict.next_at or now, is_doubtful=verdict.is_doubtful)
        if verdict.state is ErrandState.HELD:
            self._disconnect(job.errand.side)
        return False

    def _never_to_open(self, job: Job, go: Go, verdict: retry.Verdict, now: datetime) -> bool:
        told = Draft(Side.CASE, ErrandKind.NOTE, Verb.OPEN, wording.opening_failed("it says no"))
        failed = Settled(replace(self.link, state=LinkState.FAILED), verdict.outcome, verdict.reason, (told,))
        self._ended(job, go, failed, ErrandState.DEAD, now)
        self._hold(Side.INCIDENT)
        return False

    def _give_back(self, job: Job, next_at: datetime, *, is_doubtful: bool) -> None:
        """A newer wish for the same field takes over, with the doubt and the time of the older one."""
        kind, side = job.errand.kind, job.errand.side
        doubtful = is_doubtful or job.errand.is_doubtful
        newer = self._waiting_wish(side, kind) if kind in FIELD_OF_WISH else None
        self.said.append(f"{job.errand.id} given back, doubtful={doubtful}")
        job.become(ErrandState.WITHDRAWN if newer else ErrandState.WAITING)
        job.token = 0
        heir = newer or job
        heir.errand = replace(heir.errand, is_doubtful=doubtful)
        heir.next_at = next_at

    def _disconnect(self, side: Side) -> None:
        self.disconnected.add(side)
        self._hold(side)

    def _hold(self, side: Side) -> None:
        for job in self.lane(side):
            if job.state is ErrandState.WAITING:
                job.become(ErrandState.HELD)

    def reconnect(self) -> None:
        """What waited for a credential waits for its turn again, and for the moment it had to wait for anyhow."""
        self.disconnected.clear()
        self._let_go()

    def _let_go(self) -> None:
        for job in self.jobs:
            if job.state is ErrandState.HELD and not self._is_held(job.errand.side):
                job.become(ErrandState.WAITING)

    def take_over(self, now: datetime) -> None:
        """Attempts whose worker is gone: the next one looks before it writes."""
        for job in self.jobs:
            if job.state is ErrandState.SENDING and job.lease_until is not None and job.lease_until < now:
                begun = job.begun_at or now
                self._give_back(job, max(now, begun + retry.LANDS_WITHIN), is_doubtful=True)


def _may_be_passed(older: Job, by: Job) -> bool:
    """A resolve never waits behind a note that cannot be posted."""
    is_stuck = older.errand.kind in NOTES and older.errand.attempt >= 2 and older.state is not ErrandState.SENDING
    return by.errand.kind is ErrandKind.STATUS and is_stuck


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
