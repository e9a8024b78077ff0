"""The charts of who may go where, as tables: every state is in its own, and the ends are ends."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import pytest

from syncd.core.lifecycle import (
    ARRIVAL,
    ERRAND,
    INTEGRATION,
    LINK,
    ArrivalState,
    ErrandState,
    IntegrationState,
)
from syncd.core.link import LinkState

CHARTS: list[tuple[type[Enum], Mapping[Enum, frozenset[Enum]]]] = [
    (ArrivalState, ARRIVAL),  # type: ignore[list-item]  # Mapping is invariant in its keys.
    (ErrandState, ERRAND),  # type: ignore[list-item]  # The same.
    (LinkState, LINK),  # type: ignore[list-item]  # The same.
    (IntegrationState, INTEGRATION),  # type: ignore[list-item]  # The same.
]


@pytest.mark.parametrize(("states", "chart"), CHARTS, ids=["arrival", "errand", "link", "integration"])
def test_every_state_is_in_its_chart_and_can_be_reached(
    states: type[Enum], chart: Mapping[Enum, frozenset[Enum]]
) -> None:
    assert set(chart) == set(states)
    first, reached = next(iter(states)), set()
    ahead = {first}
    while ahead:
        reached |= ahead
        ahead = {there for state in ahead for there in chart[state]} - reached
    assert reached == set(states)


def test_what_is_dead_stays_dead() -> None:
    ends = {state for state, there in ERRAND.items() if not there}
    assert ends == {ErrandState.DELIVERED, ErrandState.WITHDRAWN, ErrandState.DEAD}


def test_nothing_is_delivered_that_was_not_sent() -> None:
    assert {state for state, there in ERRAND.items() if ErrandState.DELIVERED in there} == {ErrandState.SENDING}


def test_what_is_held_only_ever_waits_again_or_is_not_needed_or_is_parked() -> None:
    assert ERRAND[ErrandState.HELD] == {ErrandState.WAITING, ErrandState.WITHDRAWN, ErrandState.DEAD}
