"""What a fact would become on the other side by these rules: as `decide` decides it, on a link that is open and in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Seen, Side, Status, Verb
from .decide import decide
from .errand import FIELD_OF_WISH, Draft, Errand, ErrandKind
from .link import Known, Link, LinkState
from .policy import Rules
from .prepare import Withdraw, for_people, prepare
from .reasons import SENTENCES, Reason

LOOK = "look"
_NOTES = {Side.CASE: "a comment", Side.INCIDENT: "a note"}
_BEFORE: Mapping[str, Status] = {Status.OPEN: Status.ACKNOWLEDGED}  # that it was reopened the fact itself says


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One write that would be made, or why none is."""

    side: Side  # where it is made
    kind: str  # an ErrandKind, LOOK, or a Reason where nothing is made
    value: str = ""  # of a field as that side keeps it
    words: str = ""  # for people

    @property
    def made(self) -> tuple[str, str, str]:
        return self.side, self.kind, self.value

    @property
    def is_unmapped(self) -> bool:
        return self.kind == Reason.NOT_MAPPED


def foresee(seen: Seen, on: Side, rules: Rules, link: Link | None = None) -> tuple[Foreseen, ...]:
    """`link` says which records it is about; what it knows of them is of today, and so is left out."""
    link = link or Link("", "", "CS-1042", "")
    if isinstance(seen, CaseOpened):
        return (_opened(seen, rules),)
    fact = replace(seen, by=replace(seen.by, is_us=False))
    if isinstance(fact, FieldSeen):
        fact = replace(fact, is_certain=True)
    decision = decide(_at_rest(link, fact), fact, on, rules)
    if decision.drafts:
        return tuple(_drafted(draft, decision.link, rules) for draft in decision.drafts)
    if decision.needs_look:
        return (Foreseen(on.other, LOOK, words="its record would be read first"),)
    return (_nothing(on.other, decision.reason or Reason.UNCHANGED),)


def _nothing(side: Side, reason: Reason) -> Foreseen:
    return Foreseen(side, reason, words=SENTENCES[reason])


def _opened(seen: CaseOpened, rules: Rules) -> Foreseen:
    if not seen.priority:
        return Foreseen(Side.INCIDENT, ErrandKind.OPEN, words="an incident")
    value = rules.priorities.across(Side.CASE, seen.priority)
    if value is None:
        usual = "without a priority" if rules.capabilities[Side.INCIDENT].can_be_read else "with the usual severity"
        return Foreseen(Side.INCIDENT, Reason.NOT_MAPPED, words=f"an incident {usual}: {seen.priority} is not mapped")
    called = rules.priorities.called(value)
    return Foreseen(Side.INCIDENT, ErrandKind.OPEN, value, f"an incident with priority {called}")


def _at_rest(link: Link, seen: FieldSeen | NoteSeen) -> Link:
    """Open on both sides, but for what the fact itself says of how it was before."""
    before = Status.OPEN
    if isinstance(seen, FieldSeen) and seen.field is Field.STATUS:
        before = Status.RESOLVED if seen.is_reopening else _BEFORE.get(seen.value, Status.OPEN)
    known = {(side, Field.STATUS): Known(before) for side in Side}
    return replace(link, state=LinkState.OPEN, known=known, wanted={}, conflicts={})


def _drafted(draft: Draft, link: Link, rules: Rules) -> Foreseen:
    """As it would be when its turn comes."""
    errand = Errand("", "", draft.side, draft.kind, draft.change, 1, draft.text, draft.author)
    prepared = prepare(link, errand, rules)
    if isinstance(prepared, Withdraw):
        return _nothing(draft.side, prepared.reason)
    if prepared.wish is None:
        what = _NOTES[draft.side] if draft.kind is ErrandKind.NOTE else "one last note, if it is still open"
        return Foreseen(draft.side, draft.kind, words=f"{what}: {_said(draft)}")
    value, field = prepared.wish.value, FIELD_OF_WISH[draft.kind].replace("_", " ")
    return Foreseen(draft.side, draft.kind, value, f"{field}: {for_people(errand, value, rules)}")


def _said(draft: Draft) -> str:
    return f"{draft.text} (by {draft.author})" if draft.author else draft.text


def told(seen: Seen, on: Side, rules: Rules) -> str:
    """What was heard, for people."""
    match seen:
        case CaseOpened():
            return f"a case with priority {seen.priority}" if seen.priority else "a case"
        case NoteSeen():
            return f"{_NOTES[on]} {seen.fate}"
        case FieldSeen(field=Field.PRIORITY, value=""):
            return "no priority any more"
        case FieldSeen(field=Field.PRIORITY):
            return f"priority {rules.priorities.called(seen.value) if on is Side.INCIDENT else seen.value}"
        case FieldSeen(field=Field.STATUS):
            return f"status {seen.value}{', again' if seen.is_reopening else ''}"
        case FieldSeen():
            return "resolution note" if seen.field is Field.RESOLUTION_NOTE else "merged into another"


_ANN = Actor("Ann Lee")


def _moved(value: Status, *, is_reopening: bool = False) -> FieldSeen:
    return FieldSeen(Field.STATUS, value, _ANN, is_reopening=is_reopening)


#: What people do, but for priorities: one of each, to show what a connector makes of it.
SAMPLES: Sequence[tuple[Side, str, Seen]] = (
    *(
        (Side.INCIDENT, verb, seen)
        for verb, seen in (
            (Verb.ACKNOWLEDGE, _moved(Status.ACKNOWLEDGED)),
            (Verb.UNACKNOWLEDGE, _moved(Status.OPEN)),
            (Verb.RESOLVE, _moved(Status.RESOLVED)),
            (Verb.REOPEN, _moved(Status.OPEN, is_reopening=True)),
            (Verb.NOTE, NoteSeen("", "It is the cache.", _ANN)),
            (Verb.RESOLUTION_NOTE, FieldSeen(Field.RESOLUTION_NOTE, "It was the cache.", _ANN)),
            (Verb.MERGE, FieldSeen(Field.MERGED_INTO, "Q2ABC123", _ANN)),
        )
    ),
    *(
        (Side.CASE, verb, seen)
        for verb, seen in (
            (Verb.ACKNOWLEDGE, _moved(Status.ACKNOWLEDGED)),
            (Verb.RESOLVE, _moved(Status.RESOLVED)),
            (Verb.REOPEN, _moved(Status.OPEN, is_reopening=True)),
            (Verb.CLOSE, _moved(Status.CLOSED)),
            (Verb.NOTE, NoteSeen("", "It is the cache.", _ANN)),
            (Verb.RESOLUTION_NOTE, FieldSeen(Field.RESOLUTION_NOTE, "It was the cache.", _ANN)),
        )
    ),
)
