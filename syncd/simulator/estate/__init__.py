"""A large account that is made and not grown: for collectors of evidence, with faults planted and written down exactly."""

from __future__ import annotations

from syncd.simulator.estate.furnish import furnish
from syncd.simulator.estate.manifest import Manifest, Told
from syncd.simulator.estate.sizes import Sizes

__all__ = ["Manifest", "Sizes", "Told", "furnish"]
