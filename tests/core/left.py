"""What was not carried over, for a reason that stands: the two sides may differ in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncd.core.answered import Settled
from syncd.core.changes import Field, Side, Verb
from syncd.core.decision import Decision
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import Link
from syncd.core.prepare import Go
from syncd.core.reasons import Reason

from .job import Job


@dataclass(slots=True)
class Left:
    fields: set[Field] = field(default_factory=set)  # whose last news was left
    unmended: set[tuple[Side, Field]] = field(
        default_factory=set
    )  # what a person chose was to be put back, and refused
    has_overruled: bool = False

    def __contains__(self, name: Field) -> bool:
        return name in self.fields

    def hear(self, link: Link, side: Side, decision: Decision) -> None:
        """Said in words only, because the case was known to be closed or could not follow; not even said, by policy;
        or overruled by a wish that lost its cause, or that had been aimed at the same before it was aimed anew.
        """
        name = Field.PRIORITY if decision.change is Verb.PRIORITISE else Field.STATUS
        is_about_it = decision.change not in {Verb.NOTE, Verb.RESOLUTION_NOTE, Verb.CLOSE, Verb.MERGE}
        if not is_about_it or decision.reason in {Reason.UNCHANGED, Reason.STALE}:
            return
        wishes = {spot for spot in link.wanted if spot[1] is Field.STATUS}
        is_dropped = decision.change in {Verb.REOPEN, Verb.UNACKNOWLEDGE} and wishes - set(decision.link.wanted)
        is_beaten = decision.reason is Reason.OVERRULED or (wishes - set(decision.link.wanted) and not is_dropped)
        self.has_overruled |= bool(name is Field.STATUS and is_beaten)
        is_unfollowed = (
            side is Side.INCIDENT
            and decision.change in {Verb.REOPEN, Verb.UNACKNOWLEDGE}
            and not any(draft.kind is ErrandKind.STATUS for draft in decision.drafts)
        )
        is_unfollowed = is_unfollowed and decision.reason in {None, Reason.BY_POLICY}
        wish = link.wanted.get((side, name))
        is_former_aim = wish is not None and decision.link.value(side, name) in wish.earlier
        is_unfollowed |= decision.reason is Reason.OVERRULED and is_former_aim
        if decision.link.is_case_closed or (is_dropped and self.has_overruled) or is_unfollowed:
            self.fields.add(name)

    def end(self, link: Link, job: Job, go: Go, settled: Settled) -> None:
        """What could not be put back stays wrong until that side is written, whatever lands on the other one."""
        name, side = FIELD_OF_WISH.get(job.errand.kind), job.errand.side
        if name is None or go.wish is None:
            return
        now = link.wanted.get((side, name))
        is_still_wanted = now is not None and now.value == go.wish.value and not go.wish.is_amends
        if settled.reason is Reason.CASE_CLOSED or job.state is ErrandState.DEAD:
            self.fields.add(name)
            self.unmended |= {(side, name)} if go.wish.is_amends else set()
        elif settled.reason in {Reason.CHANGED, Reason.IN_STEP}:
            self.unmended.discard((side, name))
            if is_still_wanted and (side.other, name) not in self.unmended:
                self.fields.discard(name)
