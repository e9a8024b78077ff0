"""Every zone there is, around a change of its clock: shifts at, before and after the hour that is skipped or repeated."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from syncd.evidence.schedules.reading import read_layered
from syncd.evidence.spans import Span
from tests.evidence import oracle
from tests.evidence.bodies import DAY, daily, layer, layered
from tests.evidence.generated import ZONES
from tests.evidence.test_coverage_by_the_minute import agree
from tests.evidence.walk import changes, moment_of

_YEARS = (2025, 2028)


def test_there_are_many_whose_clock_is_changed() -> None:
    assert sum(1 for name in ZONES if changes(name, *_YEARS)) > 150


def test_schedules_hold_through_the_change_in_each_of_them() -> None:
    """Zones that change alike at the same moment to the same time are tried once."""
    tried = set()
    for name in ZONES:
        for change in changes(name, *_YEARS):
            zone = ZoneInfo(name)
            shown = tuple(moment_of(change + minutes).astimezone(zone).replace(tzinfo=None) for minutes in (-1, 0))
            if (change, shown) not in tried:
                tried.add((change, shown))
                _holds(name, change, shown[0].hour)
    assert len(tried) > 50


def _holds(name: str, change: int, hour: int) -> None:
    start, end = change - 600, change + 600
    anchor = moment_of(change - 3 * 1440 - 30).isoformat()
    body = layered(
        layer("PANN", restrictions=[daily(f"{hour:02}:30:00", 1.5), daily(f"{(hour + 3) % 24:02}:00:00", 0.5)]),
        layer("PBOB", restrictions=[daily(f"{(hour - 1) % 24:02}:30:00", 1)]),
        layer("PCLEO", "PDAN", start=anchor, rotation_turn_length_seconds=DAY, restrictions=[daily("12:00:00", 15)]),
        zone=name,
    )
    window = Span(moment_of(start), moment_of(end))
    agree(read_layered(body, window), window, oracle.layered(body, ZoneInfo(name), start, end))
