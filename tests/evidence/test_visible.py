"""What a report says of its connection: nothing is passed over, and nobody is named."""

from __future__ import annotations

import pytest

from syncd.core.diagnostics import Subject
from syncd.core.judging import State
from syncd.evidence import visible
from syncd.store import integrations, probes
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.probes import Probe
from tests.store.payments import add_payments

PARTIAL = "The key does not see the whole account (it belongs to a user with the role Manager)."


@pytest.fixture
def acme(db: Database) -> Integration:
    add_payments(db)
    with db.read() as tx:
        found = integrations.get(tx, "acme")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        (None, "", "Nobody has asked yet whether the key sees the whole account: `syncd doctor acme` does."),
        (State.FAIL, "SYN-PAG-SIGHT", PARTIAL),
        (State.UNKNOWN, "", PARTIAL),
        (State.OK, "", ""),
    ],
)
def test_only_a_key_that_sees_everything_is_passed_over(
    db: Database, acme: Integration, state: State | None, code: str, said: str
) -> None:
    with db.write() as tx:
        now = db.now(tx)
        if state is not None:
            probes.put(tx, Probe("acme", Subject.SIGHT, state, code, PARTIAL, now, now, None))
    with db.read() as tx:
        unseen = visible.unseen(tx, acme)
    assert len(unseen) == bool(said)
    assert all(one.startswith(said) for one in unseen)
    assert ("`syncd integrations rotate acme`" in "".join(unseen)) is (code != "")
