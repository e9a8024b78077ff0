"""The demo's guide, beside a whole daemon: it does what people would do, and says what the other side shows of it, or that it does not."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncd.cli import tour
from syncd.cli.tour import Tour
from syncd.simulator.faults import Fault
from tests.parts.ports import free_port
from tests.waiting import wait_until
from tests.workers.onehand import TOKEN, Here, hand, settings_for, web


@pytest.fixture
def here(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    monkeypatch.setattr(tour, "BETWEEN_STEPS", 0.0)
    # A proxy that nobody is behind: the guide must not ask it.
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with web(settings_for(tmp_path)) as made:
        yield made


@contextmanager
def touring(
    here: Here, *, whole: bool = True, token: str = TOKEN
) -> Iterator[tuple[Tour, list[str], threading.Thread]]:
    said: list[str] = []
    guide = Tour(here.url, token, here.pagerduty.account.api_url, said.append)
    thread = threading.Thread(target=guide.run, args=(whole,), daemon=True)
    thread.start()
    try:
        yield guide, said, thread
    finally:
        guide.stop()
        thread.join(20)
        assert not thread.is_alive()


def without_times(said: list[str]) -> list[str]:
    return [re.sub(r", \d+\.\d s later$", "", line) for line in said]


def test_the_whole_tour(here: Here) -> None:
    with hand(here.settings), touring(here) as (_, said, thread):
        thread.join(40)
    (incident,) = here.pagerduty.account.incidents.values()
    assert without_times(said) == [
        "CS-1      opened by Ana Lima, P2",
        f"PagerDuty incident {incident.id} opened",
        "PagerDuty Ben Osei acknowledges",
        "CS-1      status acknowledged",
        "CS-1      Ana Lima comments",
        'PagerDuty note "Ana Lima (case): Rolling back the 14:05 release."',
        "PagerDuty Ben Osei sets priority P1",
        "CS-1      priority P1",
        "PagerDuty Ben Osei adds a note",
        "CS-1      comment by Ben Osei (PagerDuty)",
        "CS-1      Ana Lima resolves, with a note",
        f"PagerDuty incident {incident.id} resolved",
        "That was the tour. The next change is yours.",
    ]
    assert sum(line.endswith("s later") for line in said) == 6
    assert incident.status == "resolved"


def test_without_a_tour_one_case_is_opened(here: Here) -> None:
    with hand(here.settings), touring(here, whole=False) as (_, said, thread):
        thread.join(40)
    assert len(said) == 2
    assert said[1].startswith("PagerDuty incident ")


def test_a_side_that_does_not_follow_is_said(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works: the case is opened and its incident is not."""
    monkeypatch.setattr(tour, "FOLLOWS_WITHIN", 0.3)
    with touring(here) as (_, said, thread):
        thread.join(40)
    assert said[1:] == ["The other side has not followed within 0 s; is the worker running?"]


def test_a_guide_that_is_stopped_says_no_more(here: Here) -> None:
    with touring(here) as (guide, said, thread):
        wait_until(lambda: len(said) == 1)
        guide.stop()
        thread.join(20)
        assert not thread.is_alive()
    assert len(said) == 1


def test_what_befalls_requests_meanwhile_hides_nothing_from_the_guide(here: Here) -> None:
    with hand(here.settings), touring(here) as (_, said, thread):
        wait_until(lambda: len(said) > 1)
        here.pagerduty.faults.lay(Fault(status=503, methods=("GET",), count=2))
        thread.join(60)
    assert said[-1] == "That was the tour. The next change is yours."


def test_an_answer_that_is_none_ends_the_tour_in_a_sentence(here: Here) -> None:
    with hand(here.settings), touring(here, token="a-token-nobody-gave-out") as (_, said, thread):
        thread.join(40)
    assert said[-1].startswith("The tour ended early ("), said
    assert "401" in said[-1]
    assert "\n" not in said[-1]
    assert said[-1].endswith("the demo itself goes on.")
