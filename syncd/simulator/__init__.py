"""Simulated PagerDuty and a simulated case desk: for `syncd sim`, the demo and the tests. Never a part of the daemon."""

from __future__ import annotations

from syncd.simulator.casedesk import CaseDesk
from syncd.simulator.estate import Manifest, Sizes
from syncd.simulator.faults import Fault
from syncd.simulator.pagerduty import BOT_EMAIL, KEYS, Simulator, SimulatorKeys, made_simulator, simulator
from syncd.simulator.server import run, serve

__all__ = [
    "BOT_EMAIL",
    "KEYS",
    "CaseDesk",
    "Fault",
    "Manifest",
    "Simulator",
    "SimulatorKeys",
    "Sizes",
    "made_simulator",
    "run",
    "serve",
    "simulator",
]
