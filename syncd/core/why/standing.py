"""Gate 7, before anything has happened: a closed case follows nothing any more, and its closing is nothing PagerDuty knows."""

from __future__ import annotations

from syncd.core.changes import Side

from .facts import Facts, Way
from .gate import Gate
from .verdict import Verdict, Who


def allowed(facts: Facts, way: Way) -> Verdict | None:
    link = facts.link
    if way.change is not None or not link.is_case_closed or link.is_incident_over:
        return None
    if way.to is Side.CASE:
        said = f"{link.case_id} is closed, so what people do to {link.incident_id} is kept on it as a comment and changes nothing."
        return Verdict(Gate.STATE, said, Who.NOBODY, "Reopen the case if it is to follow its incident again.")
    said = f"{link.case_id} is closed, and a closed case changes no state in PagerDuty: {link.incident_id} stays open."
    return Verdict(Gate.STATE, said, Who.YOU, f"Resolve {link.incident_id} in PagerDuty, if it is to end as well.")
