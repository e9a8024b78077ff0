"""A worker without one of its safeguards, to show that the proofs go red: python -m tests.faults.without look.

The product has no such switch; what is taken out is taken out here, in this process and what it forks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import workers.hand
from syncd.__main__ import main as syncd
from syncd.flow import attempt
from syncd.store import lost


def _look() -> None:
    """What is made again is made blindly."""
    vars(attempt)["_found"] = lambda *_: None


def _lease() -> None:
    """Whoever has claimed something keeps it, dead or alive, and also where others could see which."""
    vars(lost)["attempts"] = lambda *_: []


def _sweep() -> None:
    """Nobody looks for what nobody was woken for."""
    vars(workers.hand)["sweep"] = lambda *_: []


SAFEGUARDS: Mapping[str, Callable[[], None]] = {"look": _look, "lease": _lease, "sweep": _sweep}


def main(safeguard: str) -> None:
    SAFEGUARDS[safeguard]()
    sys.argv = ["syncd", "worker"]
    syncd()


if __name__ == "__main__":
    main(sys.argv[1])
