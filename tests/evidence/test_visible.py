"""What a report says of its connection: nothing is passed over, and nobody is named."""

from __future__ import annotations

import pytest

from syncd.evidence import visible
from syncd.evidence.facts.dataset import Name
from syncd.store import integrations
from tests.evidence.collecting.conftest import clock, rig, sim
from tests.evidence.collecting.rig import SLUG, Rig

__all__ = ["clock", "rig", "sim"]


def _unseen(rig: Rig) -> tuple[str, ...]:
    with rig.db.read() as tx:
        found = integrations.get(tx, SLUG)
        assert found is not None
        return visible.unseen(tx, found, rig.now)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_a_key_that_saw_everything_is_passed_over(rig: Rig) -> None:
    rig.is_seen = True
    assert _unseen(rig) == (
        "Nobody has asked yet whether the key sees the whole account: `syncd evidence collect acme` does.",
    )
    rig.collect(Name.SERVICES)
    assert _unseen(rig) == ()
    rig.key = rig.sim.keys.team
    rig.collect(Name.TEAMS, Name.USERS)
    (said,) = _unseen(rig)
    assert said.startswith(
        "The key did not see the whole account (It is an account's key that sees only services, schedules"
    )
    assert ", when these were collected: users, teams. " in said
    assert "`syncd integrations rotate acme`" in said
