"""What a trial learns without an incident: how lists, limits and the clock of an account behave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from syncd.errors import Refused
from syncd.systems.answer import Answer
from syncd.systems.document import pick, pick_list, pick_text

from .asking import Asking
from .finding import Finding, judged, settled

_SKEW_S = 30.0


def findings(asking: Asking, sender: str) -> Iterator[Finding]:
    """`sender`: the login e-mail of the user our writes are made as."""
    answer = asking.send("GET", "/abilities")
    has_limits = "ratelimit-limit" in answer.headers
    says = "tell how many requests are left" if has_limits else "do not tell how many requests are left"
    yield settled("limits", "limit_headers", has_limits, f"Answers {says}.")
    yield from _clock(asking.setup.clock.now(), answer)
    yield _long_list(asking)
    matches = _finds(asking, sender)
    says = "looks at e-mail addresses too" if matches else "does not look at e-mail addresses"
    yield settled("users", "user_query_matches_email", matches, f"The search for users {says}.")


def _clock(now: datetime, answer: Answer) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return
    apart = abs((now - theirs).total_seconds())
    yield judged(
        "clock",
        "Our clock and PagerDuty's agree.",
        is_so=apart <= _SKEW_S,
        else_says=f"Our clock and PagerDuty's are {apart:.0f} s apart; have this machine's set by NTP.",
    )


def _long_list(asking: Asking) -> Finding:
    try:
        allowed = pick(asking.send("GET", "/users", params={"limit": 101}).document(), "limit")
    except Refused:
        return settled("lists", "limit_above_100", "refuse", "A page of more than 100 is refused.")
    return settled("lists", "limit_above_100", "clamp", f"A page of more than 100 has {allowed} at most.")


def _finds(asking: Asking, email: str) -> bool:
    found = pick_list(asking.send("GET", "/users", params={"query": email}).document(), "users")
    return any(pick_text(one, "email").casefold() == email.casefold() for one in found)
