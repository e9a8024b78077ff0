"""A make-believe system that keeps one record. It announces every change it undergoes, whoever made it.

It also remembers what syncd is never told: which errand wrote a note, and who moved a field last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from syncd.clock import StoppedClock
from syncd.core import wording
from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Side, Status

Fact = FieldSeen | NoteSeen

US = Actor("syncd", is_us=True)
RANK = {Status.OPEN: 0, Status.ACKNOWLEDGED: 1, Status.RESOLVED: 2, Status.CLOSED: 3}
OVER = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Habits:
    """How this system differs from others of its kind."""

    capabilities: Capabilities = field(default_factory=Capabilities)
    has_whole_seconds: bool = True  # its records; its hooks always have milliseconds
    answers_with_record: bool = True  # False: a write is read back by a second request
    is_closed_terminal: bool = False  # it refuses writes to a closed record itself


@dataclass(frozen=True, slots=True)
class Standing:
    """A note as it stands there. `errand` is the truth about who wrote it; nothing is for a person."""

    id: str
    text: str
    by: Actor
    at: datetime
    errand: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A field changed hands."""

    at: datetime
    value: str
    by_person: bool
    is_back: bool = False  # a status went down


@dataclass(slots=True)
class Desk:
    side: Side
    clock: StoppedClock
    habits: Habits
    priority: str
    exists: bool = True
    status: Status = Status.OPEN
    resolution_note: str = ""
    merged_into: str = ""
    at: datetime | None = None
    notes: list[Standing] = field(default_factory=list)
    hooks: list[tuple[Fact, ...]] = field(default_factory=list)
    moves: dict[Field, list[Move]] = field(default_factory=lambda: {name: [] for name in Field})
    urls: list[str] = field(default_factory=list)
    tells_who: bool = False  # its record says who moved its status last
    mover: Actor = NOBODY
    past: list[str] = field(default_factory=list)  # every resolution note its field has had: people can look it up

    # What people and syncd read.

    def fetch(self) -> Record:
        has_field = self.habits.capabilities.has_resolution_note
        at = self.at or self.clock.now()
        return Record(
            ref=self.side.value,
            status=self.status,
            priority=self.priority,
            resolution_note=self.resolution_note if has_field else None,
            url="https://there.test/1",
            at=at.replace(microsecond=0) if self.habits.has_whole_seconds else at,
            merged_into=self.merged_into,
            by={Field.STATUS: self.mover} if self.tells_who and self.mover.name else {},
        )

    def listed(self) -> list[Note]:
        return [
            Note(n.id, n.text, n.by.name, n.by.is_us, n.at.replace(microsecond=0), n.by.id, n.by.email)
            for n in self.notes
        ]

    def heard(self, note: Note) -> Fact:
        """A note of a listing, as a hook would have told of it."""
        return self._as_seen(note.id, note.text, note.by, note.at)

    # What people and syncd do. Doing what is so already is no event.

    def set_status(self, status: Status, by: Actor, *, by_person: bool, note: str = "") -> None:
        before = self.status
        if before is status:
            return
        at = self._tick()
        self.status, self.mover = status, NOBODY if by.is_us else by
        if status is not Status.RESOLVED:
            self.merged_into = ""
        self.moves[Field.STATUS].append(Move(at, status, by_person, is_back=RANK[status] < RANK[before]))
        is_reopening = self.side is Side.INCIDENT and before in OVER and status not in OVER
        facts: list[Fact] = [FieldSeen(Field.STATUS, status, by, at, is_reopening=is_reopening)]
        if note and note != self.resolution_note:
            self._keep(note)
            self.moves[Field.RESOLUTION_NOTE].append(Move(at, note, by_person))
            facts.append(FieldSeen(Field.RESOLUTION_NOTE, note, by, at))
        self.hooks.append(tuple(facts))

    def merge(self, into: str, by: Actor) -> None:
        at = self._tick()
        self.moves[Field.STATUS].append(Move(at, Status.RESOLVED, by_person=True))
        self.status, self.merged_into, self.mover = Status.RESOLVED, into, by
        self.hooks.append((FieldSeen(Field.MERGED_INTO, into, by, at),))

    def set_priority(self, priority: str, by: Actor, *, by_person: bool) -> None:
        if priority != self.priority:
            self.priority = priority
            at = self._tick()
            self.moves[Field.PRIORITY].append(Move(at, priority, by_person))
            self.hooks.append((FieldSeen(Field.PRIORITY, priority, by, at),))

    def set_resolution_note(self, text: str, by: Actor, *, by_person: bool) -> None:
        if text != self.resolution_note:
            self._keep(text)
            at = self._tick()
            self.moves[Field.RESOLUTION_NOTE].append(Move(at, text, by_person))
            self.hooks.append((FieldSeen(Field.RESOLUTION_NOTE, text, by, at),))

    def add_note(self, text: str, by: Actor, errand: str = "") -> str:
        note = Standing(f"{self.side}-n{len(self.notes) + 1}", text, by, self._tick(), errand)
        self.notes.append(note)
        self.hooks.append((self._as_seen(note.id, text, by, note.at),))
        return note.id

    def open(self, priority: str) -> None:
        self.exists, self.priority = True, priority
        at = self._tick()
        self.hooks.append((FieldSeen(Field.STATUS, Status.OPEN, US, at), FieldSeen(Field.PRIORITY, priority, US, at)))

    def refuses(self, name: Field, value: str) -> bool:
        """Whether it says no by itself to a write of ours."""
        if self.status is Status.CLOSED and self.habits.is_closed_terminal:
            return True
        if name is not Field.STATUS:
            return False
        can = self.habits.capabilities
        goes_back = RANK[Status(value)] < RANK[self.status]
        return goes_back and not (can.can_reopen if self.status in OVER else can.can_unacknowledge)

    def last_move(self, name: Field, *, by_person: bool = False) -> Move | None:
        return next((move for move in reversed(self.moves[name]) if move.by_person or not by_person), None)

    def was_away(self, seen: FieldSeen, known: str, since: datetime | None) -> bool:
        """It left the value we know and has come back to it, and a later hook overtook the one that told of that."""
        if since is None or seen.at is None or known != seen.value:
            return False
        return any(since < move.at < seen.at and move.value != known for move in self.moves[seen.field])

    def flickered(self, name: Field) -> bool:
        """It left its value and came back to it within one second, and its clock has only seconds."""
        if not self.habits.has_whole_seconds or not self.moves[name]:
            return False
        last, *others = reversed(self.moves[name])
        return any(move.value == last.value and _second(move.at) == _second(last.at) for move in others)

    def _keep(self, text: str) -> None:
        self.resolution_note = text
        self.past.append(text)

    def _as_seen(self, note_id: str, text: str, by: Actor, at: datetime | None) -> Fact:
        if self.side is Side.INCIDENT and text.startswith(wording.RESOLUTION_PREFIX):
            value = wording.without_resolution_prefix(text)
            return FieldSeen(Field.RESOLUTION_NOTE, value, by, at, note_id=note_id, text=text)
        return NoteSeen(note_id, text, by, at)

    def _tick(self) -> datetime:
        """No two changes of a record at the same millisecond."""
        self.clock.forward(0.001)
        self.at = self.clock.now()
        return self.at


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
