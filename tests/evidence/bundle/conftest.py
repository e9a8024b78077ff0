"""A simulated account that is collected from, for bundles of it."""

from __future__ import annotations

from tests.evidence.collecting.conftest import clock, rig, sim

__all__ = ["clock", "rig", "sim"]
