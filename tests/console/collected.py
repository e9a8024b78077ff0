"""An account that was really collected from the simulator, small and with all its faults; judged, and with a name that would do harm."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from syncd.clock import StoppedClock
from syncd.evidence.judged import judged
from syncd.evidence.known import Kept
from syncd.evidence.rules.values import Rules
from syncd.store.database import Database
from tests.evidence.collecting.rig import SLUG, Rig
from tests.simulator.estate import NOW, made

HOSTILE = "<script>alert(1)</script>\u202eeman"
#: When all of it had been collected, and a while had passed.
LATER = NOW + timedelta(minutes=3)


def collect_into(file: Path) -> None:
    """Into a database that has its tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with made() as sim:
        clock = sim.world.clock
        assert isinstance(clock, StoppedClock)
        db = Database(f"sqlite:///{file}", clock, is_alone=True)
        rig = Rig(db, sim, clock)
        _disguise(rig)
        rig.collect()
        judged(db, Kept(), Rules(), SLUG, db.clock.now())
        db.close()
    structlog.reset_defaults()


def _disguise(rig: Rig) -> None:
    """A service that nobody owns and that no policy has is called something that would do harm."""
    services = rig.sim.account.services
    wrong = next(one for one in services.values() if not one.policy_id)
    services[wrong.id] = replace(wrong, name=HOSTILE)
