"""Health asks the process, readiness the database; neither tells strangers why not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.routing import Route

from syncd.clock import StoppedClock
from syncd.errors import DiskFull, Misconfigured, SyncdError, Unavailable
from syncd.receiver.health import Readiness, healthz

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Check:
    trouble: SyncdError | None = None
    asked: int = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble


async def asked(readiness: Readiness, path: str) -> httpx.Response:
    app = Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readiness.readyz)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


@pytest.mark.parametrize("trouble", [Unavailable("db:hunter2 is down."), Misconfigured("The schema is older.")])
async def test_only_readiness_fails_with_the_database(trouble: SyncdError) -> None:
    clock, check = StoppedClock(NOON), Check(trouble)
    readiness = Readiness(check, Check(), lambda: False, clock)
    answer = await asked(readiness, "/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
    assert (await asked(readiness, "/healthz")).status_code == 200
    check.trouble = None
    clock.forward(2)
    assert (await asked(readiness, "/readyz")).status_code == 200


async def test_asking_often_costs_the_database_one_question() -> None:
    check = Check()
    readiness = Readiness(check, Check(), lambda: False, StoppedClock(NOON))
    answers = await asyncio.gather(*(asked(readiness, "/readyz") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert check.asked == 1


async def test_a_full_disk_is_found_by_writing_said_once_and_over_by_itself() -> None:
    clock, probe, failures = StoppedClock(NOON), Check(), [False]
    readiness = Readiness(Check(), probe, lambda: failures[0], clock)
    with structlog.testing.capture_logs() as logged:
        assert (await asked(readiness, "/readyz")).status_code == 200
        assert probe.asked == 0, "nothing is written as long as hooks can be stored"
        failures[0], probe.trouble = True, DiskFull("The disk of db:hunter2 is full; free some space.")
        for _ in range(3):
            clock.forward(2)
            answer = await asked(readiness, "/readyz")
            assert (answer.status_code, "the disk of the database is full" in answer.text) == (503, True)
            assert "hunter2" not in answer.text
        probe.trouble = None
        clock.forward(2)
        assert (await asked(readiness, "/readyz")).status_code == 200
    assert [line["event"] for line in logged] == ["receiver.not_ready", "receiver.ready_again"]
