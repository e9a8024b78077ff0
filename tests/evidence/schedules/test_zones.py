"""Time zones by both kinds of names that PagerDuty gives."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from syncd.evidence.schedules.zones import ACTIVE_SUPPORT, zone_named


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("UTC", "Etc/UTC"),
        ("Nuku'alofa", "Pacific/Tongatapu"),
    ],
)
def test_a_zone_is_known_by_either_name(name: str, zone: str) -> None:
    found = zone_named(name)
    assert found is not None
    assert found.key == zone


def test_every_friendly_name_has_a_zone_that_exists() -> None:
    assert {zone for zone in ACTIVE_SUPPORT.values() if zone not in available_timezones()} == set()
    assert len(ACTIVE_SUPPORT) > 140


@pytest.mark.parametrize(
    "name", ["Middle Earth", "Astana", "America", "../../etc/passwd", "/etc/passwd", "a\0b", "PST8PDT9"]
)
def test_any_other_name_is_unknown(name: str) -> None:
    assert zone_named(name) is None
