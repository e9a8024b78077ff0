"""Every sentence syncd writes on somebody's record. People read these at night: short, with the name and the side."""

from __future__ import annotations

import re

from .capabilities import Capabilities
from .changes import Actor, Fate, Side, Verb
from .harmless import carried

RESOLUTION_PREFIX = "Resolution Note: "  # How PagerDuty's own UI marks one.
_CUT = " … (shortened by syncd; the whole text is on the other side)"
_FROM_THE_CASE = re.compile(r"[^\n]{1,300} \(case\): ")
_DONE = {
    Verb.ACKNOWLEDGE: "acknowledged",
    Verb.UNACKNOWLEDGE: "un-acknowledged",
    Verb.RESOLVE: "resolved",
    Verb.REOPEN: "reopened",
    Verb.CLOSE: "closed",
}


def person(by: Actor) -> str:
    return by.name or "Somebody"


def in_pagerduty(by: Actor) -> str:
    return f"{by.name} (PagerDuty)" if by.name else "PagerDuty"


def on_the_case(by: Actor) -> str:
    return f"{person(by)} (case)"


def is_of_the_case(text: str) -> bool:
    """In the form in which a comment is carried over. Only where everything better is lost: people may write anything."""
    return _FROM_THE_CASE.match(text) is not None


def said_by(author: str, text: str) -> str:
    return f"{author}: {text}"


def resolution_note(text: str) -> str:
    return text if text.startswith(RESOLUTION_PREFIX) else RESOLUTION_PREFIX + text


def without_resolution_prefix(text: str) -> str:
    return text[len(RESOLUTION_PREFIX) :].strip()


def incident_moved(verb: Verb, by: Actor, *, is_case_closed: bool) -> str:
    """What is left on a case that cannot follow its incident."""
    rest = " The case is closed, so its status stays." if is_case_closed else " The case cannot follow that."
    return f"{in_pagerduty(by)} {_DONE[verb]} the incident.{rest}"


def incident_prioritised(name: str, by: Actor) -> str:
    return f"{in_pagerduty(by)} set the incident's priority to {name}. The case is closed, so its priority stays."


def incident_merged(into: str, by: Actor) -> str:
    return f"{in_pagerduty(by)} merged the incident into {into}. That is not a resolve: the case keeps its status."


def case_moved(verb: Verb, by: Actor) -> str:
    return f"{person(by)} {_DONE[verb]} the case. The incident keeps its status."


def case_closed(by: Actor, case_id: str) -> str:
    return f"{person(by)} closed case {case_id}. PagerDuty has no closed state: the incident stays open."


def reopened_by_us() -> str:
    return "A write of syncd crossed a resolve and reopened this incident. It is resolved again."


def opening_failed(why: str) -> str:
    return f"PagerDuty did not open an incident for this case: {why}"


def sent_one_way() -> str:
    return (
        "PagerDuty was told of this case by a service key. That goes one way: nothing done in PagerDuty comes back, and there "
        "is no address of its incident to open from here."
    )


def note_later(fate: Fate, on: Side, by: Actor, text: str) -> str:
    """Nobody tells who edited or deleted it, nor of a deleted one whose it was."""
    note = f"A note by {by.name}" if by.name else "A note"
    where = "in PagerDuty" if on is Side.INCIDENT else "on the case"
    if fate == Fate.DELETED:
        return f"{note} was deleted {where}." + (f" It began: {text}" if text else "")
    return f"{note} was edited {where}. It says now: {text}"


def incident_opened(url: str) -> str:
    return f"PagerDuty incident: {url}"


def as_note(text: str, can: Capabilities) -> str:
    """As it is written there: by exactly this text it is known as ours, so nothing may change it any more."""
    return fit(calm(text, can), can.max_note)


def calm(text: str, can: Capabilities) -> str:
    return carried(text) if can.calls_people else text


def fit(text: str, limit: int) -> str:
    """Keep within the bytes that the far side takes, and say so when something was cut."""
    whole = text.encode("utf-8", "surrogatepass")
    if len(whole) <= limit:
        return text
    return whole[: max(0, limit - len(_CUT.encode()))].decode("utf-8", "ignore") + _CUT
