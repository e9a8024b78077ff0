"""How large the rows are: short in `make test`, larger in `make chaos`, and as the promise says in `make soak`."""

from __future__ import annotations

import os
from enum import StrEnum


class Size(StrEnum):
    SHORT = "short"
    CHAOS = "chaos"
    SOAK = "soak"


SIZE = Size(os.environ.get("SYNCD_FAULTS", Size.SHORT))


def sized(short: int, chaos: int, soak: int) -> int:
    return {Size.SHORT: short, Size.CHAOS: chaos, Size.SOAK: soak}[SIZE]
