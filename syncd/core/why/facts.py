"""What is known of a link and its accounts at one moment: all that the gates look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncd.core.changes import Field, Side, Verb
from syncd.core.errand import ErrandKind
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Account:
    slug: str
    side: Side
    can_be_read: bool = True
    is_connected: bool = True
    is_answering: bool = True  # it can be read, though perhaps not written to
    code: str = ""  # why it is disconnected
    reason: str = ""
    since: datetime | None = None
    cure: str = ""  # what a person does about that, with the command
    why_paused: str = ""  # empty: it is not
    is_observed: bool = False
    is_read_only: bool = False
    is_unread: bool = False  # a restored backup is still being caught up with
    is_two_way: bool = True
    held: int = 0  # changes and hooks that wait for it


@dataclass(frozen=True, slots=True)
class Hooks:
    """How what an account tells reaches us."""

    trouble: str = ""  # with our subscription; empty: none that is known
    remedy: str = ""
    is_silent: bool = False  # the trouble is that no hook comes
    is_mended_by_us: bool = False
    turned_away: int = 0  # lately, since the last good one, where something shows that the account has sent them
    of_strangers: str = ""  # the sentence, where nothing does
    right_secret: str = ""  # what helps against that
    unmade: str = ""  # why what changed unheard could not be looked for
    mends_unmade: str = ""
    looking: str = ""  # that it is still being looked for


NO_TROUBLE = Hooks()


@dataclass(frozen=True, slots=True)
class Apart:
    """A field of which both sides say something else."""

    field: str
    case: str
    incident: str


@dataclass(frozen=True, slots=True)
class Linked:
    id: int
    case_id: str
    incident_id: str
    state: LinkState
    reason: str = ""  # of its state
    why_paused: str = ""  # empty: it is not
    connector: str = ""
    pairs: Sequence[str] = ()  # of priorities, as the connector has them and people type them
    is_service_key: bool = False
    is_cut: bool = False
    stands: str = ""  # of one that is cut: the address of the incident that it leaves behind
    is_case_over: bool = False
    is_case_closed: bool = False
    is_incident_over: bool = False
    differs: Sequence[Apart] = ()  # as both are known, where that is not on purpose
    opening: int | None = None  # the delivery of its opening

    @classmethod
    def nowhere(cls, case_id: str, incident_id: str) -> Linked:
        """In place of the link of a record that has none."""
        return cls(0, case_id, incident_id, LinkState.ENDED)


NOTE = "note"
CASE_MISSING, FAR_MISSING = "PRIORITY", "NAME"  # in a pair: what a person has to put there


class Stage(StrEnum):
    """How far a change has come."""

    HEARD = "heard"  # its hook is here, and nobody has decided anything yet
    WAITING = "waiting"
    SENDING = "sending"
    HELD = "held"
    DEAD = "dead"  # refused for good, or put aside
    DECIDED = "decided"  # nothing more is going to be done; its row says why


_FIELDS: Mapping[str, str] = {
    Verb.PRIORITISE: Field.PRIORITY,
    Verb.RESOLUTION_NOTE: Field.RESOLUTION_NOTE,
    Verb.NOTE: NOTE,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change that did not arrive, or not yet."""

    what: str  # in the words of a row
    to: Side
    stage: Stage
    kind: ErrandKind | None = None
    outcome: Outcome | None = None  # of its last row, like the three that follow
    reason: Reason | None = None
    detail: str = ""
    delivery: int | None = None
    attempt: int = 0
    next_at: datetime | None = None
    http_status: int | None = None
    errand: int | None = None
    ahead: Change | None = None  # the older one of its lane that has to go first
    behind: int = 0  # later ones of its lane
    is_overdue: bool = False  # its turn has come, and nobody took it
    is_put_off: bool = False  # it was to be sent, and the account takes nothing more before `next_at`
    is_handled: bool = False  # a person has dealt with it
    is_mapped_now: bool = False  # it had no counterpart when it came, and has one by the map of today
    pair: str = f"{CASE_MISSING}={FAR_MISSING}"  # what is missing in the map, with a word in the place of what a person has to choose
    is_cleared: bool = False  # a value was taken away, which no map can name

    @property
    def field(self) -> str | None:
        """As a comparison names it; None: of this it says nothing."""
        if self.what in {Verb.OPEN, Verb.LINK} or self.what not in set(Verb):
            return None
        return _FIELDS.get(self.what, Field.STATUS)


@dataclass(frozen=True, slots=True)
class Conflict:
    field: str
    case: str
    incident: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What reading both sides came to."""

    differences: Sequence[str] = ()
    remedy: str = ""
    failed: str = ""  # why they could not be read
    apart: Collection[str] = ()  # the fields that differ, also those of which nobody misses it; `note` for comments


@dataclass(frozen=True, slots=True)
class Outage:
    """The database takes no writes."""

    sentence: str
    code: str


@dataclass(frozen=True, slots=True)
class Facts:
    link: Linked
    accounts: Mapping[Side, Account]
    hooks: Mapping[Side, Hooks]
    conflicts: Sequence[Conflict] = ()
    changes: Sequence[Change] = ()
    queued: int = 0  # changes of the PagerDuty account that wait, this link's among them
    no_worker: str = ""  # the sentence, where none is running
    no_receiver: str = ""
    compared: Compared | None = None
    outage: Outage | None = None
    about: Change | None = None  # the one change that was asked about


@dataclass(frozen=True, slots=True)
class Way:
    """One direction that is looked at: towards this side, with one change that goes there or with none in particular."""

    to: Side
    change: Change | None = None

    @property
    def is_decided(self) -> bool:
        """What its hook said has been turned into a write already."""
        return self.change is not None and self.change.stage is not Stage.HEARD
