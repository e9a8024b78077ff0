"""One PagerDuty service, reached by its integration key: the Events API v2. Events go out, and nothing can be read back.

Its answer says that an event was taken, not that an incident stands. The same event twice does no harm: PagerDuty knows an
open alert by its dedup_key, and drops what acknowledges or resolves one that is not open.
"""

# ruff: noqa: ARG002 - the port hands over more than an event carries.

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from syncd.core.alert import SEVERITIES
from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Side, Status
from syncd.core.reasons import Reason
from syncd.errors import BadSignature, Misconfigured, Refused, SideError, UnknownServiceKey, Unreadable
from syncd.outgoing import PUBLIC_ONLY, Outgoing, parsed

from .answer import Answer
from .document import pick_list, pick_text
from .http import Http
from .port import Applied, Author, Glance, Hint, Hook, Opening, Page, Problem
from .toll import FREE, Toll
from .trip import Trip

REGIONS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
OWN_HOSTS = parsed("events.pagerduty.com:443, events.eu.pagerduty.com:443")
USUAL_SEVERITY = "error"  # of a priority that is not mapped: people are to be called
PATH = "/v2/enqueue"
_SUMMARY_LIMIT, _TEXT_LIMIT = 1024, 255
_ACTIONS = {Status.ACKNOWLEDGED: "acknowledge", Status.RESOLVED: "resolve"}
_REFUSED_KEY = {401, 403}


def base_url(where: str) -> str:
    """A region's name, an address, or nothing for the US."""
    where = where.strip()
    found = REGIONS.get(where.lower() or "us", where)
    if "/" not in found:
        raise Misconfigured(f"PagerDuty has no region {where}; give us, eu or an address like https://host/path.")
    return found.rstrip("/")


def http(
    routing_key: str,
    where: str,
    *,
    verify: str | None = None,
    outgoing: Outgoing = PUBLIC_ONLY,
    others: Iterable[str] = (),
    transport: httpx.BaseTransport | None = None,
    toll: Toll = FREE,
) -> Http:
    if not routing_key:
        raise Misconfigured("The connector has no service key; add it anew with `syncd connectors add`.")
    return Http(
        "PagerDuty's Events API",
        base_url(where),
        {"Accept": "application/json"},
        secrets=(routing_key,),
        others=others,
        verify=verify,
        explain=explain,
        outgoing=outgoing.besides(OWN_HOSTS),
        transport=transport,
        toll=toll,
    )


def explain(answer: Answer) -> SideError | None:
    """A refused event names its faults one by one; a key that nobody has is one of them."""
    if answer.status not in {400, *_REFUSED_KEY}:
        return None
    faults = [one for one in pick_list(answer.json, "errors") if isinstance(one, str)]
    said = "; ".join([pick_text(answer.json, "message") or "", *faults]).strip("; ").rstrip(".") or "no reason given"
    told = f"PagerDuty's Events API answered {answer.status}: {said[:300]}"
    if answer.status in _REFUSED_KEY or "routing" in said.lower():
        return UnknownServiceKey(
            f"{told}; give the connector the integration key of its service.", status=answer.status
        )
    return Refused(f"{told}; it would refuse the same event again.", status=answer.status)


class ServiceEvents:
    side = Side.INCIDENT
    capabilities = Capabilities(can_be_read=False, takes_notes=False, calls_people=True)

    def __init__(self, http: Http, routing_key: str) -> None:
        self._http, self._key = http, routing_key

    def open(self, trip: Trip, opening: Opening) -> Record:
        """A trigger: it opens an alert, or says anew how severe the open one of this key is."""
        severity = opening.priority if opening.priority in SEVERITIES else USUAL_SEVERITY
        payload = {
            "summary": (opening.title or opening.case or opening.key)[:_SUMMARY_LIMIT],
            "source": (opening.source or "syncd")[:_TEXT_LIMIT],
            "severity": severity,
            "custom_details": _details(opening),
        }
        event: dict[str, Any] = {"payload": payload, "client": "syncd", "links": _links(opening)}
        if opening.url:
            event["client_url"] = opening.url
        self._send(trip, "trigger", opening.key, event)
        return Record(opening.key, Status.OPEN, opening.priority, title=opening.title)

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return Author(by.email, why_not="A service key has no users.")

    def set_status(self, trip: Trip, ref: str, status: Status, by: Actor, resolution_note: str) -> Applied:
        if status not in _ACTIONS:
            raise Refused(f"No event makes an alert {status}; only a trigger opens one.", reason=Reason.ONE_WAY)
        self._send(trip, _ACTIONS[status], ref)
        return Applied()

    def check(self, trip: Trip) -> Sequence[Problem]:
        """A resolve of an alert that never was: it changes nothing, and only a key of some service is taken."""
        self._send(trip, "resolve", f"syncd-check-{secrets.token_hex(8)}")
        return ()

    def names(self, trip: Trip) -> None:
        """It is told severities, and tells nothing."""

    def check_sender(self, trip: Trip) -> None:
        """Events are nobody's."""

    def check_writing(self, trip: Trip) -> None:
        """An integration key can do nothing else."""

    def _send(self, trip: Trip, action: str, dedup_key: str, more: Mapping[str, Any] | None = None) -> None:
        event = {"routing_key": self._key, "event_action": action, "dedup_key": dedup_key, **(more or {})}
        self._http.send(trip, "POST", PATH, json=event)

    # What there is no event for.

    def set_priority(self, trip: Trip, ref: str, priority: str, by: Actor) -> Applied:
        raise _no_event("a priority alone")

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied:
        raise _no_event("a resolution note")

    def add_note(self, trip: Trip, ref: str, text: str, author: str, marker: str) -> Applied:
        raise _no_event("a note")

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        raise _no_event("an address alone")

    # What cannot be read.

    def glance(self, hook: Hook) -> Glance:
        return Glance()

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        raise BadSignature("A service key has no webhooks: nothing comes back by it.")

    def parse(self, body: bytes) -> Hint:
        raise Unreadable("A service key has no webhooks: nothing comes back by it.")

    def thin_hook(self, ref: str) -> bytes:
        raise _unread()

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        raise _unread()

    def fetch(self, trip: Trip, ref: str) -> Record:
        raise _unread()

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        raise _unread()

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        return NOBODY

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        return None

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        return Page()

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        return Page()


def _details(opening: Opening) -> dict[str, str]:
    told = {"case": opening.case, "details": opening.body}
    return {name: value for name, value in told.items() if value}


def _links(opening: Opening) -> list[dict[str, str]]:
    case = [("View the case", opening.url)] if opening.url else []
    return [{"href": href, "text": text} for text, href in (*case, *opening.links)]


def _no_event(what: str) -> Refused:
    return Refused(f"There is no event for {what}.", reason=Reason.ONE_WAY)


def _unread() -> Refused:
    return Refused("A service key only sends, so that what PagerDuty says cannot be read.", reason=Reason.ONE_WAY)
