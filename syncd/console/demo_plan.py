"""What the demo page looks at and may upset: the addresses it reads and acts on, who acts there, and how a worker is ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemoPlan:
    sim_url: str
    sim_key: str = field(repr=False)  # the key that the account is connected with
    api_url: str
    api_token: str = field(repr=False)
    account: str = "pagerduty"  # what that account is called here
    case_person: str = "Ana Lima"
    incident_person: str = "Ben Osei"
    sync_user: str = "syncd bot"  # the account that syncd writes notes with
    end_worker: Callable[[], bool] | None = None  # whether there was one; None: nobody brings another
