"""What a browser is shown of an incident: enough to see where "View in PagerDuty" leads. REST callers never get it."""

from __future__ import annotations

import re
from html import escape

from syncd.simulator.account import Account, Incident
from syncd.simulator.asked import Answer, Asked

_PATH = re.compile("/incidents/([^/]+)/?")
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
_STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}dt{color:#666}"


def page(account: Account, asked: Asked) -> Answer | None:
    """None for whoever is no browser, or wants something else."""
    found = _PATH.fullmatch(asked.path)
    if found is None or asked.method != "GET" or "text/html" not in (asked.header("accept") or ""):
        return None
    incident = account.incident(found[1])
    if incident is None:
        return _answer(404, "No such incident", "<p>This simulated account has no such incident.</p>")
    return _answer(200, incident.title, _body(account, incident))


def _answer(status: int, title: str, body: str) -> Answer:
    whole = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{body}<p><small>A simulated PagerDuty: what you see here is in memory only.</small></p>"
    )
    return Answer(status, whole.encode("utf-8", "replace"), _HEADERS)


def _body(account: Account, incident: Incident) -> str:
    priority = account.priorities.get(incident.priority_id or "")
    facts = {
        "incident": f"#{incident.number} ({incident.id})",
        "service": account.services[incident.service_id].name,
        "status": incident.status,
        "priority": priority.name if priority else "none",
    }
    if incident.from_events:
        facts |= {"severity": incident.severity or "none", "dedup key": incident.incident_key}
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    notes = "".join(
        f"<li>{escape(note.content)} <small>{escape(str(note.agent.get('summary') or ''))}</small></li>"
        for note in incident.notes
    )
    return f"<dl>{listed}</dl><h2>Notes</h2><ul>{notes or '<li>none yet</li>'}</ul>"
