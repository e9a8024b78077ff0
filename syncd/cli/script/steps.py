"""The steps of the tour: what each does, and what is to be seen of it then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from syncd.console.demo.mishaps import (
    MISHAPS,
    RATE_LIMIT_S,
    SAID_AFTER_CLOSING,
    SAID_LIMITED,
    SAID_REVOKED,
    SAID_TWICE,
    SAID_WITHOUT_WORKER,
)

from .visitor import Visitor

COMMENT, NOTE = "Rolling back the 14:05 release.", "Error rate is back to normal."
ON_THE_CASE = (NOTE, SAID_TWICE, SAID_WITHOUT_WORKER, SAID_AFTER_CLOSING)
ON_THE_INCIDENT = (COMMENT, SAID_REVOKED, SAID_LIMITED)

SOON = 30.0
LATER = 150.0  # a try after two or three that failed is up to a minute away, and the machine may be busy
AFTER_THE_LIMIT = RATE_LIMIT_S + LATER


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    awaited: str  # for when it does not come
    act: Callable[[], None]
    seen: Callable[[], str]  # what there is to be seen of it; empty until then
    within: float = SOON


def steps(at: Visitor) -> Sequence[Step]:
    return (
        Step("A case is opened", "its incident", at.open_case, lambda: _opened(at)),
        Step(
            "Acknowledge on the case",
            "an acknowledged incident",
            lambda: at.press("case", "acknowledge"),
            lambda: _if(at.incident()["status"] == "acknowledged", "the incident is acknowledged"),
        ),
        Step(
            "Comment on the case",
            "the comment as a note",
            lambda: at.press("case", "comments", COMMENT),
            lambda: _if(at.notes(COMMENT) == 1, "a note in PagerDuty says who wrote it"),
        ),
        Step(
            "Note in PagerDuty",
            "the note as a comment",
            lambda: at.press("incident", "note", NOTE),
            lambda: _if(at.comments(NOTE) == 1, "a comment on the case says who wrote it"),
        ),
        _mishap(at, "same-twice", "one comment, and a row for the second webhook", _seen_once),
        _mishap(at, "bad-signature", "a rejected row, and a case that stays as it is", _seen_rejected),
        _mishap(at, "kill-worker", "the note as a comment, by a new worker", _seen_carried, LATER),
        _mishap(at, "down", "a row that says when it is tried again", _seen_waiting),
        _mishap(at, "up-again", "the priority in PagerDuty", _seen_prioritised, LATER),
        _mishap(at, "revoke-key", "a disconnected account, and a comment that is held", _seen_held),
        _mishap(at, "restore-key", "a connected account, and the comment as a note", _seen_let_go, LATER),
        _mishap(at, "rate-limit", "a request answered 429, and a comment that waits", _seen_limited),
        Step("The limit is over", "the comment as a note", _nothing, lambda: _seen_after_limit(at), AFTER_THE_LIMIT),
        _mishap(at, "close-then-act", "a comment on the case, which stays closed", _seen_on_closed),
        Step(
            "Nothing lost, nothing twice",
            "each text once on the other side",
            _nothing,
            lambda: _if(_is_all_once(at), f"all {len(ON_THE_CASE) + len(ON_THE_INCIDENT)} texts stand there once"),
        ),
    )


def _mishap(at: Visitor, slug: str, awaited: str, seen: Callable[[Visitor], str], within: float = SOON) -> Step:
    return Step(MISHAPS[slug].label, awaited, lambda: at.go_wrong(slug), lambda: seen(at), within)


def _nothing() -> None:
    """It comes by itself."""


def _if(is_so: bool, said: str) -> str:  # noqa: FBT001  reads as a sentence
    return said if is_so else ""


def _opened(at: Visitor) -> str:
    at.link()
    return _if(bool(at.incident_id), f"{at.key} has incident {at.incident_id}")


def _seen_once(at: Visitor) -> str:
    is_known = bool(at.rows(f"incident:{at.incident_id} reason:duplicate"))
    return _if(is_known and at.comments(SAID_TWICE) == 1, "one comment; the second webhook is a row: duplicate")


def _seen_rejected(at: Visitor) -> str:
    rows = at.rows("outcome:rejected")
    status = at.case()["status"]
    return _if(bool(rows) and status == "acknowledged", f"answered 401, and {at.key} is still {status}")


def _seen_carried(at: Visitor) -> str:
    return _if(at.comments(SAID_WITHOUT_WORKER) == 1, "a new worker has carried the note over, once")


def _seen_waiting(at: Visitor) -> str:
    rows = at.rows(f"case:{at.key} outcome:retrying http:5xx")
    return _if(bool(rows), f"HTTP {rows[0]['http_status']}, and it is tried again" if rows else "")


def _seen_prioritised(at: Visitor) -> str:
    wanted, there = at.case()["priority"], at.incident()["priority"] or {}
    return _if(there.get("summary") == wanted, f"the incident has priority {wanted}")


def _seen_held(at: Visitor) -> str:
    account, rows = at.account(), at.rows(f"case:{at.key} outcome:held")
    is_held = account["state"] == "disconnected" and bool(rows)
    return _if(is_held, f"{account['name']} is disconnected ({account['code']}), the comment is held")


def _seen_let_go(at: Visitor) -> str:
    is_well = at.account()["state"] == "connected" and at.notes(SAID_REVOKED) == 1
    return _if(is_well, "connected again, and what was held is a note now")


def _seen_limited(at: Visitor) -> str:
    # Another request of ours may have met it first: then nothing is sent at all until it is over.
    is_waiting = at.refused() and at.notes(SAID_LIMITED) == 0
    return _if(is_waiting, "HTTP 429, and the comment waits as long as PagerDuty asks")


def _seen_after_limit(at: Visitor) -> str:
    return _if(at.notes(SAID_LIMITED) == 1, "the comment is a note now")


def _seen_on_closed(at: Visitor) -> str:
    is_kept = at.case()["status"] == "closed" and at.comments(SAID_AFTER_CLOSING) == 1
    return _if(is_kept, f"{at.key} stays closed and has it as a comment")


def _is_all_once(at: Visitor) -> bool:
    here = all(at.comments(text) == 1 for text in ON_THE_CASE)
    return here and all(at.notes(text) == 1 for text in ON_THE_INCIDENT)
