"""Both simulated far sides and a receiver of hooks on real ports, and the shared material when it lies beside the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.simulator import CaseDesk, Simulator, serve, simulator
from tests.simulator.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Stage:
    """One real server for all tests, playing whichever application the test puts on: starting one takes longer than a test."""

    url: str = ""
    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "Nothing is played; a request of an earlier test came late."
        await self.app(scope, receive, send)


def _open() -> Iterator[Stage]:
    stage = Stage()
    with serve(stage) as stage.url:
        yield stage


far_stage = pytest.fixture(scope="session", name="far_stage")(_open)
near_stage = pytest.fixture(scope="session", name="near_stage")(_open)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with simulator(seed=3) as made:
        made.carriage.retry_s = (0.01,)
        yield made


@pytest.fixture
def sim_url(sim: Simulator, far_stage: Stage) -> str:
    far_stage.app = sim.app
    return far_stage.url


@pytest.fixture
def desk() -> Iterator[CaseDesk]:
    with CaseDesk(seed=3) as made:
        made.carriage.retry_s = (0.01,)
        yield made


@pytest.fixture
def desk_url(desk: CaseDesk, far_stage: Stage) -> str:
    far_stage.app = desk.app
    return far_stage.url


@pytest.fixture
def receiver(near_stage: Stage) -> Receiver:
    made = Receiver(url=near_stage.url)
    near_stage.app = made
    return made


@pytest.fixture(scope="session")
def webhooks_shared() -> Path:
    """PagerDuty's documented payloads and signature vectors: not all ours to distribute, so they may be missing."""
    folder = Path(os.environ.get("SYNCD_SHARED", ROOT.parent / "shared")) / "pagerduty" / "webhooks"
    if not folder.is_dir():
        pytest.skip("left out: PagerDuty's documented payloads are not beside the repository (SYNCD_SHARED names them)")
    return folder
