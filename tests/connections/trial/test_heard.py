"""What the door hears of a trial's incident, on both databases."""

from __future__ import annotations

import pytest

from syncd.connections.trial.finding import Finding, Verdict
from syncd.connections.trial.run import prepared
from tests.connections.site import ACME, Site


def _webhooks(site: Site, *, is_carried: bool) -> list[Finding]:
    def rest(seconds: float) -> None:
        if is_carried:
            site.carry()
        site.clock.forward(seconds)

    return [one for one in prepared(site.setup, ACME, "Checkout", rest).findings() if one.step == "webhooks"]


@pytest.mark.parametrize("do_match", [True, False])
def test_what_came_is_judged_and_tells_what_a_note_is_called(site: Site, *, do_match: bool) -> None:
    site.connect()
    site.pagerduty.switches.note_ids_match = do_match
    came, named = _webhooks(site, is_carried=True)
    assert came.verdict is Verdict.HELD
    assert (named.switch, named.value) == ("note_ids_match", str(do_match))


def test_what_does_not_come_is_waited_for_and_named(site: Site) -> None:
    site.connect()
    began = site.clock.monotonic()
    (found,) = _webhooks(site, is_carried=False)
    assert found.verdict is Verdict.DIFFERS
    assert "no incident.acknowledged, incident.annotated, incident.resolved, incident.triggered came" in found.says
    assert site.clock.monotonic() - began == 30
