"""What a far side answered, and which SideError a refusal is. It knows HTTP and no system's own error codes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from syncd.errors import Ambiguous, RateLimited, Refused, SideError, Unauthorised, Unreachable

from . import redact
from .document import Json, pick_text

PAUSE_S = 5.0  # when a 429 does not say how long
LONGEST_PAUSE_S = 3_600.0
_SAID_LIMIT = 300
_GONE = {404, 410}
_OWN_TROUBLE = {408, *range(500, 600)}
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    system: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str]  # lower-case names
    json: object  # None when the body is no JSON
    text: str
    is_write: bool

    def document(self) -> Json:
        """The body as an object. A success whose body cannot be read tells nothing: the write may well have landed."""
        if isinstance(self.json, dict):
            return self.json
        raise self.unreadable("its body is not the JSON object it should be")

    def unreadable(self, why: str) -> SideError:
        sentence = f"{self.system} answered {self.status} to {self.method} {self.path}, but {why}"
        if self.is_write:
            return Ambiguous(f"{sentence}; the next attempt looks before it writes.", status=self.status)
        return Unreachable(f"{sentence}; it is tried again.", status=self.status)


def by_status(answer: Answer, said: str | None = None, code: int | None = None) -> SideError:
    """`said` and `code` are the system's own words, where its client could find them."""
    said = _said(answer) if said is None else said
    told = f": {no_command(redact.text(said[:_SAID_LIMIT])).rstrip('.')}" if said else ""
    number = f" (code {code})" if code is not None else ""
    sentence = f"{answer.system} answered {answer.status} to {answer.method} {answer.path}{told}{number}"
    status = answer.status
    if status == 429:
        pause = pause_of(answer.headers)
        return RateLimited(f"{sentence}; it is tried again in {pause:.0f} s.", retry_after=pause, code=code)
    if status == 401:
        return Unauthorised(f"{sentence}; reconnect it with a credential that works.", status=status, code=code)
    if status in _REDIRECTS:
        return _trouble(answer, f"{sentence}{_redirected(answer)}", code)
    if status in _OWN_TROUBLE:
        return _trouble(answer, sentence, code)
    if status == 403:
        return Refused(f"{sentence}; give the credential this right.", reason="forbidden", status=status, code=code)
    return Refused(f"{sentence}.", reason="gone" if status in _GONE else "refused", status=status, code=code)


def is_redirect(status: int | None) -> bool:
    return status in _REDIRECTS


def _redirected(answer: Answer) -> str:
    """No API of ours redirects: whoever does stands in its way, and knows nothing of what was asked."""
    host = _host(answer.headers.get("location", "")[:_SAID_LIMIT])
    where = f" to {redact.text(host)}" if host else ""
    return f", a redirect{where} that is not followed: a proxy or a sign-in page is in the way, or the address is not quite the right one"


def _host(location: str) -> str:
    try:
        return urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:  # It is no address.
        return ""


def no_command(said: str) -> str:
    """Between backticks stand commands of ours, and nothing that a far side says becomes one."""
    return said.replace("`", "'")


def _trouble(answer: Answer, sentence: str, code: int | None) -> SideError:
    if answer.is_write:
        return Ambiguous(f"{sentence}; the next attempt looks before it writes.", status=answer.status, code=code)
    return Unreachable(f"{sentence}; it is tried again.", status=answer.status, code=code)


def _said(answer: Answer) -> str:
    """The words most systems put somewhere obvious; never a page of HTML."""
    for path in (("message",), ("error",), ("error", "message"), ("detail",)):
        if words := pick_text(answer.json, *path):
            return words
    return ""


def pause_of(headers: Mapping[str, str]) -> float:
    """How long a 429 asks to wait."""
    for name in ("ratelimit-reset", "retry-after"):
        pause = _seconds(headers.get(name, ""))
        if pause is not None:
            return pause
    until, now = _date(headers.get("retry-after", "")), date_of(headers)
    if until is not None and now is not None:  # Both by their clock; ours is not asked.
        return _bounded((until - now).total_seconds())
    return PAUSE_S


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return _bounded(seconds) if math.isfinite(seconds) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_PAUSE_S)


def date_of(headers: Mapping[str, str]) -> datetime | None:
    return _date(headers.get("date", ""))


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
