"""`syncd why` of what evidence finds: what it advises works as it stands."""

from __future__ import annotations

import shlex

import pytest

from syncd.simulator import Simulator
from tests.cli.conftest import Syncd

pytestmark = pytest.mark.usefixtures("giving")


def test_the_command_that_it_advises_is_pasted_and_settles_it(syncd: Syncd, pagerduty: Simulator) -> None:
    assert syncd("evidence", "collect").code == 0
    service = f"service:{next(iter(pagerduty.account.services))}"
    pasted = set[str]()
    while (answer := syncd("why", service, "-o", "json")).code == 1:
        command = str(answer.json["command"])
        assert command not in pasted
        pasted.add(command)
        first, *words = shlex.split(command)
        accepted = syncd(*words)
        assert (first, accepted.code) == ("syncd", 0), accepted.err
        assert "accepted beforehand" not in accepted.err, "the check finds that very subject"
    assert (answer.code, bool(pasted)) == (0, True)
    assert "has accepted until" in answer.json["says"]
