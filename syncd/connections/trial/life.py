"""The life of the trial's one incident: each step does one thing to it and reads what came of that."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from syncd.errors import Refused, SyncdError
from syncd.systems.answer import Answer
from syncd.systems.document import pick, pick_name, pick_text
from syncd.systems.pagerduty.account import Service
from syncd.systems.pagerduty.fault import is_key_taken

from .asking import Asking, incident
from .finding import Finding, Verdict, judged, settled

NOTE = "A note of syncd's trial.\n\nIts second paragraph, with an umlaut: \u00e4."
RESOLUTION = "The trial has come to its end."


@dataclass(slots=True)
class Life:
    """`findings` opens the incident and, whatever happens, resolves it again."""

    asking: Asking
    service: Service
    priority: str = ""  # its id; empty: the account has none
    key: str = field(default_factory=lambda: f"syncd-trial:{secrets.token_hex(8)}")
    ref: str = ""
    notes: list[str] = field(default_factory=list)  # the ids that PagerDuty's answers gave
    _others: list[str] = field(default_factory=list)

    def findings(self) -> Iterator[Finding]:
        try:
            yield self._opens()
            for step in self._steps():
                yield from step()
        finally:
            self._end()

    @property
    def is_left_open(self) -> bool:
        """What could not be resolved in the end stands in PagerDuty."""
        return bool(self._open_still())

    def _steps(self) -> Iterator[Callable[[], Iterator[Finding]]]:
        yield from (self._is_found, self._opens_twice, self._is_noted, self._is_acknowledged)
        if self.priority:
            yield self._is_prioritised
        yield from (self._is_resolved, self._is_reopened)

    def _opens(self) -> Finding:
        answer = self.asking.send("POST", "/incidents", json={"incident": self._wanted()})
        made = pick(answer.document(), "incident")
        self.ref = pick_name(made, "id")
        if not self.ref:
            raise answer.unreadable("it does not name the new incident")
        is_so = (pick_text(made, "status"), pick_text(made, "incident_key")) == ("triggered", self.key)
        is_low = pick_text(made, "urgency") == "low"
        return judged(
            "open",
            f"Incident {self.ref} was opened under a key of ours, with low urgency.",
            is_so=is_so and is_low,
            else_says=f"Incident {self.ref} was opened, but not as asked for: its status, key or urgency is another.",
        )

    def _wanted(self) -> dict[str, object]:
        return {
            "type": "incident",
            "title": "A trial of syncd: it resolves itself",
            "service": {"id": self.service.id, "type": "service_reference"},
            "urgency": "low",
            "incident_key": self.key,
            "body": {"type": "incident_body", "details": "Opened by `syncd trial`. Nobody has to do anything."},
        }

    def _is_found(self) -> Iterator[Finding]:
        found = self.asking.listed("/incidents", "incidents", {"incident_key": self.key, "date_range": "all"})
        yield judged(
            "find by key",
            "It is found by its key, so that an opening whose answer was lost is adopted.",
            is_so=[pick_name(one, "id") for one in found] == [self.ref],
            else_says="It is not found by its key: after a lost answer syncd could open it twice.",
        )

    def _opens_twice(self) -> Iterator[Finding]:
        tried = self.asking.tried("POST", "/incidents", json={"incident": self._wanted()})
        second = pick_name(tried.document(), "incident", "id") if isinstance(tried, Answer) else ""
        if second not in {"", self.ref}:
            self._others.append(second)
        is_refused = not isinstance(tried, Answer) and is_key_taken(tried)
        yield judged(
            "open again",
            "A second one under the same key is refused in the words that syncd knows.",
            is_so=is_refused or second == self.ref,
            else_says=f"A second one was opened under the same key: {second}."
            if second
            else f"A second one is refused, in words that syncd does not know: {tried}",
        )

    def _is_noted(self) -> Iterator[Finding]:
        answer = self.asking.send("POST", f"{incident(self.ref)}/notes", json={"note": {"content": NOTE}})
        name = pick_name(answer.document(), "note", "id")
        self.notes.append(name)
        kept = {pick_name(one, "id"): pick_text(one, "content") for one in self._listed_notes()}
        yield judged(
            "note",
            "A note is listed under the id that its answer gave, word for word.",
            is_so=kept.get(name) == NOTE,
            else_says="A note is not listed word for word under the id that its answer gave.",
        )
        yield settled("note", "post_status", answer.status, f"A new note is answered with {answer.status}.")

    def _is_acknowledged(self) -> Iterator[Finding]:
        first = self.asking.change(self.ref, status="acknowledged")
        yield self._is_now("acknowledge", "acknowledged", first)
        second = self.asking.change(self.ref, status="acknowledged")
        yield _twice("acknowledge again", "acknowledge_acknowledged", "an acknowledged one", second)
        self.asking.change(self.ref, status="triggered")
        back = pick_text(self.asking.look(self.ref), "status") == "triggered"
        does = "takes the acknowledgement back" if back else "leaves the acknowledgement"
        yield settled("unacknowledge", "rest_unacknowledges", back, f"Setting it to triggered {does}.")

    def _is_prioritised(self) -> Iterator[Finding]:
        self.asking.change(self.ref, priority={"id": self.priority, "type": "priority_reference"})
        yield judged(
            "priority",
            "Its priority is set by id.",
            is_so=pick_name(self.asking.look(self.ref), "priority", "id") == self.priority,
            else_says="Its priority was not set, although PagerDuty did not refuse it.",
        )
        self.asking.change(self.ref, priority=None)
        is_cleared = pick(self.asking.look(self.ref), "priority") is None
        says = "A priority of null clears it." if is_cleared else "A priority of null changes nothing."
        yield settled("priority", "null_priority_clears", is_cleared, says)

    def _is_resolved(self) -> Iterator[Finding]:
        first = self.asking.change(self.ref, status="resolved", resolution=RESOLUTION)
        yield self._is_now("resolve", "resolved", first)
        log = self.asking.listed(f"{incident(self.ref)}/log_entries", "log_entries", {"limit": 100})
        is_kept = any(RESOLUTION in json.dumps(one) for one in log)
        yield settled("resolve", "keeps_resolution", is_kept, f"Its resolution {_is(is_kept)} kept in the log.")
        is_note = any(pick_text(one, "content") == RESOLUTION for one in self._listed_notes())
        yield settled(
            "resolve", "resolution_annotates", is_note, f"Its resolution {_is(is_note)} a note of its own as well."
        )
        second = self.asking.change(self.ref, status="resolved")
        yield _twice("resolve again", "resolve_resolved", "a resolved one", second)

    def _is_reopened(self) -> Iterator[Finding]:
        tried = self.asking.change(self.ref, status="triggered")
        is_open = pick_text(self.asking.look(self.ref), "status") != "resolved"
        says = "It can be reopened." if is_open else "A resolved incident cannot be reopened."
        yield settled("reopen", "reopens", is_open, says)
        if isinstance(tried, Refused) and tried.code is not None:
            says = f"Reopening it is refused with code {tried.code}."
            yield settled("reopen", "legacy_reopen_code", tried.code, says)

    def _is_now(self, step: str, status: str, tried: object) -> Finding:
        is_so = pick_text(self.asking.look(self.ref), "status") == status
        why = "" if isinstance(tried, Answer) else f": {tried}"
        return judged(step, f"It is {status}.", is_so=is_so, else_says=f"It did not become {status}{why}")

    def _listed_notes(self) -> list[object]:
        return list(self.asking.listed(f"{incident(self.ref)}/notes", "notes"))

    def _end(self) -> None:
        for ref in self._open_still():
            # Whoever began this is told by `is_left_open`, and of what ended it by its own error.
            with suppress(SyncdError):
                self.asking.change(ref, status="resolved")

    def _open_still(self) -> list[str]:
        return [ref for ref in (self.ref, *self._others) if ref and self._is_open(ref)]

    def _is_open(self, ref: str) -> bool:
        try:
            return pick_text(self.asking.look(ref), "status") != "resolved"
        except SyncdError:
            return True  # Nobody knows: the person who began this had better look.


def _twice(step: str, switch: str, which: str, tried: object) -> Finding:
    is_taken = isinstance(tried, Answer)
    says = f"Doing that to {which} is {'accepted' if is_taken else 'refused'}."
    return Finding(step, Verdict.SETTLED, says, switch, "accept" if is_taken else "refuse")


def _is(is_so: bool) -> str:  # noqa: FBT001  a word for a fact
    return "is" if is_so else "is not"
