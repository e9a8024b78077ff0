"""What is believed of a case and its incident before anything has happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.core.changes import Field, Side, Status
from syncd.core.link import Link, LinkState


def new_link(now: datetime, *, is_opening: bool) -> Link:
    link = Link("1", "desk", "CS-1", "pagerduty", state=LinkState.OPENING if is_opening else LinkState.OPEN)
    link = link.saw(Side.CASE, Field.STATUS, Status.OPEN, now).saw(Side.CASE, Field.PRIORITY, "P3", now)
    if is_opening:
        return link
    link = link.saw(Side.INCIDENT, Field.STATUS, Status.OPEN, None).saw(Side.INCIDENT, Field.PRIORITY, "C", None)
    return replace(link, incident_id="incident")
