"""What the demo page looks at: the two addresses it reads and acts on, and who acts there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemoPlan:
    sim_url: str
    sim_key: str = field(repr=False)
    api_url: str
    api_token: str = field(repr=False)
    case_key: str = ""  # shown first; empty: the newest case
    connector: str = ""  # a new case is sent to it; empty: to the default one
    incident_of: Callable[[str], str] | None = None  # case key -> incident id; None: /v1/links is asked
    case_person: str = "Ana Lima"
    incident_person: str = "Ben Osei"
    sync_user: str = "syncd bot"  # the account that syncd writes notes with
    hint: str = ""  # one line under the title: what to try next
