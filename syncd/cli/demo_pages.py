"""How `syncd demo` tells its web process that there is a demo page to show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from syncd.console.demo_plan import DemoPlan
from syncd.embedded import siblings
from syncd.settings import Settings
from syncd.simulator.pagerduty import KEYS
from syncd.wiring import on_this_machine

VARIABLE = "SYNCD_DEMO_SIM"
ACCOUNT = "pagerduty"
_WORKER = ("syncd", "worker")


def environment(sim_url: str) -> dict[str, str]:
    return {VARIABLE: sim_url}


def plan_from_environment(environ: Mapping[str, str], settings: Settings) -> DemoPlan | None:
    sim_url = environ.get(VARIABLE, "")
    if not sim_url:
        return None
    return DemoPlan(
        sim_url=sim_url,
        sim_key=KEYS.full,
        api_url=on_this_machine(settings),
        api_token=settings.api_token.get_secret_value(),
        account=ACCOUNT,
        end_worker=partial(siblings.kill, _WORKER),
    )
