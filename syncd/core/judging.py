"""How what was heard to one question about an account becomes a state, a finding and a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncd import errors

from .diagnostics import CATALOGUE, Moment, Subject
from .pagerduty_codes import NO_USERS


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    NO_PLAN = "not on your plan"
    NOT_NEEDED = "not needed"
    UNKNOWN = "unknown"  # nobody could tell: it says nothing against the key


class Heard(StrEnum):
    ANSWERED = "answered"
    EMPTY = "empty"  # it answered, and there is none
    KEY_REFUSED = "key_refused"  # 401
    OTHER_REGION = "other_region"  # 401 here, and accepted in PagerDuty's other region
    NO_PLAN = "no_plan"  # 402
    FORBIDDEN = "forbidden"  # 403
    MISSING = "missing"  # 404
    PARTIAL = "partial"  # it answered, and shows only some teams
    NARROW = "narrow"  # the token was granted less than is read
    REDIRECTED = "redirected"  # 3xx: whoever answered is not PagerDuty
    ODD = "odd"  # another refusal: it says nothing of the key
    OFF_LIMITS = "off_limits"  # its address is one that outgoing_allow does not open
    UNREACHED = "unreached"
    UNTRUSTED = "untrusted"
    TROUBLE = "trouble"  # 5xx, or no whole answer
    BUSY = "busy"  # 429, or our own budget
    UNASKED = "unasked"  # there was nothing to ask about


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one question. `said` is the sentence of its refusal, or what was found."""

    heard: Heard
    said: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    code: str = ""
    finding: str = ""

    @property
    def is_finding(self) -> bool:
        return self.state in {State.FAIL, State.WARN}


_NUMBERS: Mapping[Subject, int] = {
    Subject.KEY: 100,
    Subject.USERS: 101,
    Subject.SESSIONS: 104,
    Subject.AUDIT: 105,
    Subject.LOG_ENTRIES: 106,
    Subject.LICENCES: 107,
    Subject.LICENCE_ALLOCATIONS: 108,
}
_BY_STATUS: Mapping[int, Heard] = {402: Heard.NO_PLAN, 403: Heard.FORBIDDEN, 404: Heard.MISSING, 410: Heard.MISSING}
#: What says nothing of the account or its key.
_SAYS_NOTHING: Mapping[Heard, str] = {
    Heard.UNREACHED: "SYN-PAG-NETWORK",
    Heard.UNTRUSTED: "SYN-PAG-TLS",
    Heard.TROUBLE: "SYN-PAG-TROUBLE",
    Heard.ODD: "SYN-PAG-TROUBLE",
    Heard.BUSY: "SYN-PAG-BUSY",
}
_CODES: Mapping[Heard, str] = {
    Heard.OTHER_REGION: "SYN-PAG-REGION",
    Heard.MISSING: "SYN-PAG-MISSING",
    Heard.PARTIAL: "SYN-PAG-SIGHT",
    Heard.NARROW: "SYN-PAG-READS",
}

#: What it means that PagerDuty has no such address, while it accepts the key.
_CANNOT: Mapping[Subject, str] = {
    Subject.USERS: "its users cannot be read, so that nobody is found to write as",
    Subject.SESSIONS: "who is signed in cannot be read",
    Subject.AUDIT: "audit records cannot be read, and what evidence says of them is unknown",
    Subject.LOG_ENTRIES: "log entries cannot be read: sync goes on without them, and what evidence says of them is unknown",
    Subject.LICENCES: "licences cannot be read, and what evidence says of them is unknown",
    Subject.LICENCE_ALLOCATIONS: "who has which licence cannot be read, and what evidence says of that is unknown",
    Subject.SIGHT: "nobody can tell whether the key sees all of the account, and evidence lets nothing pass by it",
}


def code_of(subject: Subject, moment: Moment, *, is_empty: bool = False) -> str:
    number = NO_USERS if subject is Subject.USERS and is_empty else _NUMBERS[subject]
    return f"PAG-{number}-{moment}"


def heard_of(error: errors.SideError) -> Heard:
    match error:
        case errors.OffLimits():
            return Heard.OFF_LIMITS
        case errors.Untrusted():
            return Heard.UNTRUSTED
        case errors.RateLimited():
            return Heard.BUSY
        case errors.Unauthorised():
            return Heard.KEY_REFUSED
        case errors.Refused():
            return _BY_STATUS.get(error.status or 0, Heard.ODD)
        case errors.Unreachable() if 300 <= (error.status or 0) < 400:
            return Heard.REDIRECTED
        case errors.Unreachable() if error.status is None:
            return Heard.UNREACHED
        case _:
            return Heard.TROUBLE


def judge(subject: Subject, answer: Answer, *, is_needed: bool, has_worked: bool) -> Verdict:
    """What nothing here uses is told, and never a failure."""
    verdict = _judged(subject, answer, Moment.LATER if has_worked else Moment.CONNECTING)
    if verdict.state is State.FAIL and not is_needed:
        return Verdict(State.WARN, verdict.code, verdict.finding)
    return verdict


def not_needed() -> Verdict:
    return Verdict(State.NOT_NEEDED, "", "Nothing that is switched on here uses it.")


def _judged(subject: Subject, answer: Answer, moment: Moment) -> Verdict:
    heard = answer.heard
    if heard is Heard.ANSWERED:
        return Verdict(
            State.OK, "", answer.said or ("It is accepted." if subject is Subject.KEY else "They may be read.")
        )
    if heard is Heard.UNASKED:
        return Verdict(State.UNKNOWN, "", answer.said)
    if heard is Heard.OFF_LIMITS:
        return Verdict(State.UNKNOWN, "SYN-CONFIG", answer.said)  # It names the very setting.
    if heard in _SAYS_NOTHING:
        return told(State.UNKNOWN, _SAYS_NOTHING[heard], answer)
    if heard is Heard.REDIRECTED:  # Its own sentence says more than the catalogue's.
        return Verdict(State.UNKNOWN, "SYN-PAG-ADDRESS", f"{_bare(answer)}.")
    if heard is Heard.NO_PLAN:
        what = "The key is accepted, and what it was asked for" if subject is Subject.KEY else "It"
        return Verdict(State.NO_PLAN, "", f"{what} is not available on the account's plan ({_bare(answer)}).")
    if heard is Heard.FORBIDDEN and subject is Subject.KEY:
        return Verdict(
            State.OK, "", f"The key is accepted, and may not read what the account is able to ({_bare(answer)})."
        )
    return _missing(subject, answer) if heard is Heard.MISSING else _refused(subject, answer, moment)


def _refused(subject: Subject, answer: Answer, moment: Moment) -> Verdict:
    return told(State.FAIL, _CODES.get(answer.heard) or _code(subject, answer, moment), answer)


def _missing(subject: Subject, answer: Answer) -> Verdict:
    """The key's own question comes first: where that is answered, PagerDuty's REST API is what answers."""
    if subject is Subject.KEY:
        return told(State.FAIL, "SYN-PAG-ADDRESS", answer)
    found = f"PagerDuty has no such address here ({_bare(answer)}): {_CANNOT[subject]}."
    return Verdict(State.FAIL, _CODES[Heard.MISSING], found)


def _code(subject: Subject, answer: Answer, moment: Moment) -> str:
    """A key that is refused as a whole is refused for every subject, and told once."""
    if answer.heard is Heard.KEY_REFUSED:
        return code_of(Subject.KEY, moment)
    if subject is Subject.SIGHT:  # Whoever may not ask for teams sees none of them.
        return _CODES[Heard.PARTIAL]
    return code_of(subject, moment, is_empty=answer.heard is Heard.EMPTY)


def told(state: State, code: str, answer: Answer) -> Verdict:
    """The catalogue's cause, with what was answered."""
    cause = CATALOGUE[code].cause
    return Verdict(state, code, f"{cause.rstrip('.')} ({_bare(answer)})." if answer.said else cause)


def _bare(answer: Answer) -> str:
    """Without its fix: the catalogue knows a better one."""
    return errors.cause_of(answer.said).rstrip(".")
