"""Levels and policies: any target covers a level, a policy's gap is where no level has anybody, and unknown stays unknown."""

from __future__ import annotations

from syncd.evidence.coverage import Coverage
from syncd.evidence.facts.policies import Level, Target
from syncd.evidence.levels import level_coverage, policy_coverage
from syncd.evidence.unknown import Unknown
from tests.evidence.bodies import computed, daily, layer, layered, on_call, read, span, told

_DAY = span("2026-03-02", "2026-03-03")


def _hours(schedule: str, person: str, start: str, hours: float) -> Coverage:
    return computed(read(layered(layer(person, restrictions=[daily(start, hours)]), id=schedule), _DAY))


_SCHEDULES = {
    "PDAYS": _hours("PDAYS", "PANN", "08:00:00", 12),
    "PEARLY": _hours("PEARLY", "PBOB", "06:00:00", 4),
    "PNIGHTS": _hours("PNIGHTS", "PCLEO", "20:00:00", 12),
}


def _level(*schedules: str, users: tuple[str, ...] = (), number: int = 1) -> Coverage | Unknown:
    return level_coverage(f"PPOL/{number}", level(*schedules, users=users), _SCHEDULES, _DAY)


def level(*schedules: str, users: tuple[str, ...] = ()) -> Level:
    return Level(30, (*(Target(one, False) for one in users), *(Target(one, True) for one in schedules)))


def _gaps(found: Coverage | Unknown) -> list[tuple[str, str, str]]:
    assert isinstance(found, Coverage), found
    return told(found)


def test_a_level_has_a_gap_only_where_all_its_targets_have_one() -> None:
    found = _level("PDAYS", "PEARLY")
    assert _gaps(found) == [("03-02 00:00", "03-02 06:00", "restricted"), ("03-02 20:00", "03-03 00:00", "restricted")]
    assert isinstance(found, Coverage)
    assert (found.of, set(found.people)) == ("PPOL/1", {"PANN", "PBOB"})
    assert _gaps(_level("PDAYS", "PNIGHTS")) == []


def test_the_gap_of_the_schedule_stays_its_own() -> None:
    assert _gaps(_SCHEDULES["PDAYS"]) != []


def test_a_person_covers_a_level_at_all_times() -> None:
    found = _level("PDAYS", users=("PDAN",))
    assert _gaps(found) == []
    assert isinstance(found, Coverage)
    assert ("03-02 00:00", "03-03 00:00", "PDAN") in on_call(found)


def test_a_level_without_targets_is_a_gap() -> None:
    assert _gaps(_level()) == [("03-02 00:00", "03-03 00:00", "no_targets")]


def test_what_an_unknown_schedule_might_cover_is_unknown() -> None:
    found = _level("PDAYS", "PLOST")
    assert found == Unknown("PPOL/1", "the coverage of the schedule PLOST is not known for all of that time")
    assert _gaps(_level("PDAYS", "PNIGHTS", "PLOST")) == []


def test_a_policy_has_a_gap_only_where_none_of_its_levels_has_anybody() -> None:
    levels = [_level("PDAYS"), _level("PEARLY", number=2)]
    assert _gaps(policy_coverage("PPOL", levels, _DAY)) == [
        ("03-02 00:00", "03-02 06:00", "restricted"),
        ("03-02 20:00", "03-03 00:00", "restricted"),
    ]
    assert _gaps(policy_coverage("PPOL", [*levels, _level("PNIGHTS", number=3)], _DAY)) == []
    assert _gaps(policy_coverage("PPOL", [], _DAY)) == [("03-02 00:00", "03-03 00:00", "no_targets")]
    assert isinstance(policy_coverage("PPOL", [*levels, _level("PLOST", number=3)], _DAY), Unknown)


def test_coverage_of_another_time_says_nothing() -> None:
    found = level_coverage("PPOL/1", level("PDAYS"), _SCHEDULES, span("2026-03-02", "2026-03-04"))
    assert isinstance(found, Unknown)


def test_of_coverage_of_a_longer_time_only_that_of_the_window_is_taken() -> None:
    morning = span("2026-03-02T04:00", "2026-03-02T07:00")
    found = level_coverage("PPOL/1", level("PDAYS", "PEARLY"), _SCHEDULES, morning)
    assert isinstance(found, Coverage)
    assert told(found) == [("03-02 04:00", "03-02 06:00", "restricted")]
    assert on_call(found) == [("03-02 06:00", "03-02 07:00", "PBOB")]
    assert found.people == {"PBOB"}
