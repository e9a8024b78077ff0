"""The many shapes of PagerDuty's errors, read into a message and a code, and the table of what each of them leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncd.core.reasons import Reason
from syncd.errors import Postponed, Refused, SideError, UnknownSender
from syncd.systems.answer import Answer, by_status, no_command
from syncd.systems.document import pick

ALREADY_RESOLVED = 1001
ALREADY_ACKNOWLEDGED = 1002
ALREADY_MERGED = 1019
LOST_ACCESS = 2018  # to this incident alone
_KEY_TAKEN = "matching dedup key"


@dataclass(frozen=True, slots=True)
class Fault:
    message: str
    code: int | None = None


Make = Callable[[str, "Meaning", Answer, Fault], SideError]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One line of the table. The first that fits is what an answer means; without `make`, its status alone decides."""

    statuses: tuple[int, ...]
    means: str
    then: str  # what syncd does, for the page
    reason: Reason  # of the row that tells of the attempt
    codes: tuple[int, ...] = ()
    words: str = ""  # in the message, where the code says too little
    make: Make | None = None
    cure: str = ""

    def fits(self, answer: Answer, fault: Fault) -> bool:
        if answer.status not in self.statuses:
            return False
        is_named = bool(self.words) and self.words in fault.message.lower()
        return fault.code in self.codes or is_named or not (self.codes or self.words)


def _refused(sentence: str, meaning: Meaning, answer: Answer, fault: Fault) -> SideError:
    return Refused(f"{sentence}; {meaning.cure}.", reason=meaning.reason, status=answer.status, code=fault.code)


def _postponed(sentence: str, meaning: Meaning, answer: Answer, fault: Fault) -> SideError:
    return Postponed(f"{sentence}; {meaning.cure}.", reason=meaning.reason, status=answer.status, code=fault.code)


def _sender(sentence: str, meaning: Meaning, answer: Answer, fault: Fault) -> SideError:
    return UnknownSender(f"{sentence}; {meaning.cure}.", status=answer.status, code=fault.code)


SENDER_CURE = "let that user respond to incidents, or name another by `syncd integrations set NAME --email ADDRESS`"
_SENDER_THEN = (
    "The user is looked up. Unknown, or without the right to respond: the integration is disconnected with SYN-PAG-SENDER, and its "
    "writes are held until the user is mended or another is named; reading goes on. Else: tried again."
)
#: Answers that are not here, and the order of their lines, are those of systems/answer.py.
TABLE: tuple[Meaning, ...] = (
    Meaning(
        (400,),
        "The incident is resolved already.",
        "It is read: a resolve was already done; an acknowledgement is weighed again by the next attempt.",
        Reason.CHANGED,
        codes=(ALREADY_RESOLVED,),
    ),
    Meaning(
        (400,),
        "The incident is acknowledged already.",
        "It is read: an acknowledgement was already done.",
        Reason.CHANGED,
        codes=(ALREADY_ACKNOWLEDGED,),
    ),
    Meaning(
        (400, 409),
        "The incident changed while it was written.",
        "Tried again; the next attempt reads it first and weighs the change anew.",
        Reason.OUTDATED,
        codes=(1005,),
        make=_postponed,
        cure="the next attempt reads the incident first",
    ),
    Meaning(
        (400, 403),
        "The From user is unknown, or may not respond to incidents.",
        _SENDER_THEN,
        Reason.DISCONNECTED,
        codes=(1008, 1018),
        make=_sender,
        cure=SENDER_CURE,
    ),
    Meaning(
        (400,),
        "The From header is missing, or names nobody.",
        "As above.",
        Reason.DISCONNECTED,
        codes=(2011,),
        words="from header",
        make=_sender,
        cure=SENDER_CURE,
    ),
    Meaning(
        (400,),
        "Nobody is on call for the service.",
        "Refused for good; the case is told that it got no incident.",
        Reason.NOBODY_ON_CALL,
        codes=(1015,),
        make=_refused,
        cure="put somebody on call for the service",
    ),
    Meaning(
        (400,),
        "The incident was merged into another.",
        "A resolve or an acknowledgement is weighed again by the next attempt, which reads the incident and follows the merge; "
        "another change is refused for good.",
        Reason.MERGED,
        codes=(ALREADY_MERGED,),
        make=_refused,
        cure="make the change on the incident that took it over",
    ),
    Meaning(
        (400,),
        "The priority is unknown.",
        "Refused for good.",
        Reason.UNKNOWN_PRIORITY,
        codes=(1020,),
        words="priority",
        make=_refused,
        cure="correct the priority map",
    ),
    Meaning(
        (400,),
        "An open incident of the service has our key.",
        "An earlier attempt got through: that incident is looked for and taken over.",
        Reason.CHANGED,
        words=_KEY_TAKEN,
    ),
    Meaning(
        (400, 413), "The request is wrong in another way.", "Refused for good, in PagerDuty's words.", Reason.REFUSED
    ),
    Meaning(
        (401,),
        "The key is not accepted.",
        "Asked once more; refused again, the integration is disconnected with PAG-100-B and everything is held.",
        Reason.DISCONNECTED,
    ),
    Meaning(
        (402,),
        "The account lacks the ability.",
        "Refused for good; a setup goes on without priorities.",
        Reason.REFUSED,
    ),
    Meaning(
        (403,),
        "The key may not do this; an OAuth token's scopes are named, those it needs and those it has.",
        "After a write it is asked whether the key may write at all. If not: the integration is disconnected with SYN-PAG-READONLY, and "
        "its writes are held until a key is given that may; reading goes on. Else: refused for good; the integration stays "
        "connected.",
        Reason.FORBIDDEN,
    ),
    Meaning((404, 410), "The incident is gone.", "Refused for good.", Reason.GONE),
    Meaning(
        (429,),
        "Too many requests.",
        "Tried again after `ratelimit-reset`, else `retry-after`, else 5 s.",
        Reason.RATE_LIMITED,
    ),
    Meaning(
        (301, 302, 303, 307, 308),
        "Something on the way redirects: a proxy, a sign-in page, or an address that is not quite the right one.",
        "Not followed. A read is tried again. A write may have landed: the next attempt looks before it writes.",
        Reason.AMBIGUOUS,
    ),
    Meaning(
        (408, 500, 502, 503, 504),
        "PagerDuty has trouble of its own.",
        "A read is tried again. A write may have landed: the next attempt looks before it writes.",
        Reason.AMBIGUOUS,
    ),
)
#: Where no answer came at all.
NO_ANSWER: tuple[tuple[str, str, Reason], ...] = (
    ("No connection was made.", "Tried again: the write cannot have landed.", Reason.UNREACHABLE),
    (
        "The connection ended, or time was over, before or after the write was applied.",
        "Nobody can tell which: the next attempt looks before it writes, and not before 43 s.",
        Reason.AMBIGUOUS,
    ),
    (
        "The body of a success cannot be read: HTML, or cut.",
        "As above for a write; a read is tried again.",
        Reason.AMBIGUOUS,
    ),
)


def explain(answer: Answer) -> SideError:
    """The status decides first, then the code, then the text."""
    fault = read(answer)
    meaning = meaning_of(answer, fault)
    if meaning is None or meaning.make is None:
        return by_status(answer, fault.message, fault.code)
    code = f" (code {fault.code})" if fault.code is not None else ""
    sentence = f"PagerDuty answered {answer.status} to {answer.method} {answer.path}: {no_command(fault.message)}{code}"
    return meaning.make(sentence, meaning, answer, fault)


def meaning_of(answer: Answer, fault: Fault) -> Meaning | None:
    return next((one for one in TABLE if one.fits(answer, fault)), None)


def read(answer: Answer) -> Fault:
    error = pick(answer.json, "error")
    if isinstance(error, dict):
        details = _words(error.get("errors")) + _scopes(error)
        return Fault(_joined(_words(error.get("message")) + details), _code(error.get("code")))
    words = _words(error) or _words(pick(answer.json, "message")) or _words(pick(answer.json, "errors"))
    return Fault(_joined(words), _code(pick(answer.json, "code")))


def is_key_taken(refused: SideError) -> bool:
    """An open incident of this service has our key: an earlier attempt got through."""
    return _KEY_TAKEN in str(refused)


def _scopes(error: dict[str, object]) -> list[str]:
    """An OAuth token's 403 says what it needed and what it has."""
    named = ("required_scopes", "token_scopes")
    return [f"{name.replace('_', ' ')}: {words}" for name in named if (words := ", ".join(_words(error.get(name))))]


def _words(value: object) -> list[str]:
    """A sentence, a list of sentences, or objects with one inside."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, list):
        return [words for item in value[:10] for words in _words(item)]
    return _words(pick(value, "message") or pick(value, "detail")) if isinstance(value, dict) else []


def _joined(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(word.rstrip(".") for word in words))


def _code(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9 else None
