"""The many shapes of PagerDuty's errors, read into a message and a code, and the refusals that have a word of their own."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.core.reasons import Reason
from syncd.errors import Refused, SideError
from syncd.systems.answer import Answer, by_status
from syncd.systems.document import pick

ALREADY_RESOLVED = 1001
ALREADY_ACKNOWLEDGED = 1002
_MAY_NOT_RESPOND = 1018
_REASON_OF_CODE = {
    1008: Reason.UNKNOWN_SENDER,
    _MAY_NOT_RESPOND: Reason.UNKNOWN_SENDER,
    2011: Reason.UNKNOWN_SENDER,  # an older word for a missing From
    1015: Reason.NOBODY_ON_CALL,
    1020: Reason.UNKNOWN_PRIORITY,
}
_CURES = {
    Reason.UNKNOWN_SENDER: "set the integration's From to the login e-mail of a user who may respond to incidents",
    Reason.NOBODY_ON_CALL: "put somebody on call for the service",
    Reason.UNKNOWN_PRIORITY: "correct the priority map",
}
_ARGUMENTS = 2002
_KEY_TAKEN = "matching dedup key"


@dataclass(frozen=True, slots=True)
class Fault:
    message: str
    code: int | None = None


def explain(answer: Answer) -> SideError | None:
    """The status decides first, then the code, then the text."""
    fault = read(answer)
    reason = _reason(answer, fault)
    if reason is None:
        return by_status(answer, fault.message, fault.code)
    sentence = (
        f"PagerDuty answered {answer.status} to {answer.method} {answer.path}: {fault.message} (code {fault.code})"
    )
    return Refused(f"{sentence}; {_CURES[reason]}.", reason=reason, status=answer.status, code=fault.code)


def read(answer: Answer) -> Fault:
    error = pick(answer.json, "error")
    if isinstance(error, dict):
        details = _words(error.get("errors")) + _scopes(error)
        return Fault(_joined(_words(error.get("message")) + details), _code(error.get("code")))
    words = _words(error) or _words(pick(answer.json, "message")) or _words(pick(answer.json, "errors"))
    return Fault(_joined(words), _code(pick(answer.json, "code")))


def is_key_taken(refused: SideError) -> bool:
    """An open incident of this service has our key: an earlier attempt got through."""
    return refused.code == _ARGUMENTS and _KEY_TAKEN in str(refused)


def _reason(answer: Answer, fault: Fault) -> Reason | None:
    if answer.status == 403 and fault.code == _MAY_NOT_RESPOND:
        return Reason.UNKNOWN_SENDER  # The key may do it; the user it is done as may not.
    if answer.status != 400:
        return None
    if fault.code in _REASON_OF_CODE:
        return _REASON_OF_CODE[fault.code]
    words = fault.message.lower()
    if "from header" in words:
        return Reason.UNKNOWN_SENDER
    return Reason.UNKNOWN_PRIORITY if "priority" in words else None


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
