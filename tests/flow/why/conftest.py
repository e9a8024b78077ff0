"""A whole system for tests of what only its webhook, its real adapter or its built-in cases can show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.simulator import serve
from tests.connections.site import NOON
from tests.flow.simulated import Simulated, connected
from tests.flow.why.asking import ask
from tests.flow.why.pasting import BEGINS, Shell
from tests.flow.why.whole import Whole, opened
from tests.flow.world import World
from tests.systems.conftest import Stage


@pytest.fixture(scope="session")
def port() -> Iterator[Stage]:
    """One real server for all tests: starting one takes longer than a test."""
    stage = Stage()
    with serve(stage) as stage.url:
        yield stage


@pytest.fixture
def begins(request: pytest.FixtureRequest) -> datetime:
    """A world that commands are pasted into is as late as the machine."""
    return datetime.now(UTC) - BEGINS if "shell" in request.fixturenames else NOON


@pytest.fixture
def whole(database_url: str, port: Stage, begins: datetime) -> Iterator[Whole]:
    """CS-1 and its incident are in step."""
    with opened(database_url, port, begins) as made:
        yield made


@pytest.fixture
def shell(whole: Whole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    return Shell(whole, monkeypatch, str(tmp_path))


@pytest.fixture
def scene(world: World) -> Iterator[Simulated]:
    """A case and its incident in the simulated PagerDuty, in step."""
    with connected(world, world.clock) as sim:
        made = Simulated(world, sim)
        made.open_case()
        assert not ask(world).verdict.stops
        yield made
