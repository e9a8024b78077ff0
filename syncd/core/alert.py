"""An alert: what is sent to a service key without a case. It is known by its connector and its dedup_key."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from .changes import Status
from .policy import PriorityMap, PriorityPair

SOURCE = "alerts"  # the account that alerts come in by, as cases come in by theirs
TRIGGER = "trigger"
STATUSES = {"acknowledge": Status.ACKNOWLEDGED, "resolve": Status.RESOLVED}
SEVERITIES = ("critical", "error", "warning", "info")
AS_THEY_ARE = PriorityMap(tuple(PriorityPair(one, one, one) for one in SEVERITIES))


@dataclass(frozen=True, slots=True)
class Alert:
    """What its trigger says besides its summary and severity. A link keeps it where that of a case keeps the incident's text."""

    dedup_key: str
    source: str = ""
    details: str = ""
    links: tuple[tuple[str, str], ...] = ()  # a text and an address each

    def as_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def from_text(text: str) -> Alert:
    told = json.loads(text)
    links = tuple((str(words), str(href)) for words, href in told["links"])
    return Alert(told["dedup_key"], told["source"], told["details"], links)


def record_of(connector: str, dedup_key: str) -> str:
    return f"{connector}/{dedup_key}"


def body_of(action: str, record: str, connector: str, by: str, summary: str, severity: str, alert: Alert) -> bytes:
    """As an arrival carries it."""
    told = {"action": action, "record": record, "connector": connector, "by": by}
    more = {"summary": summary, "severity": severity, "alert": alert.as_text()} if action == TRIGGER else {}
    return json.dumps({**told, **more}, ensure_ascii=False).encode()
