"""When a webhook last brought something is told, and a long silence is a warning."""

from __future__ import annotations

from datetime import timedelta

from syncd.connections.doctor.webhook import SILENT_AFTER, last_heard
from syncd.core.checked import Checked
from syncd.simulator.account import Subscription
from tests.connections.site import ACME, Site


def line(site: Site) -> Checked:
    (told,) = last_heard(site.db, ACME, site.clock.now())
    return told


def test_a_silence_is_a_warning_from_the_second_week_on(site: Site, subscribed: Subscription) -> None:
    assert subscribed.active
    assert (line(site).mark, line(site).code) == ("ok", "")
    site.clock.forward(SILENT_AFTER)
    assert (line(site).mark, line(site).code) == ("warn", "SYN-HOOK-SILENT")
    assert "The last one came at 2026-11-21 12:00 UTC, 7 days ago." in line(site).finding
    site.open()
    site.carry()
    assert (line(site).mark, line(site).finding) == ("ok", "It came at 2026-11-28 12:05 UTC.")
    site.clock.forward(timedelta(days=6))
    assert line(site).mark == "ok"
