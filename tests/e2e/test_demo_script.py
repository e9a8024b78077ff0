"""`syncd demo --script tour`: it plays itself whole, may be stopped at any moment, and leaves nothing behind; two of them at once."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.e2e.household import ENDS_WITHIN, Household, household
from tests.e2e.waiting import until

TOUR = ("demo", "--script", "tour")
WHOLE_WITHIN = 300.0


def _clean(home: Household) -> bool:
    return home.left_behind() == [] and list((home.program.folder / "home").iterdir()) == []


def test_the_tour_plays_itself_sees_everything_and_is_gone(tmp_path: Path) -> None:
    with household(tmp_path, *TOUR, "-o", "ndjson") as home:
        home.program.start()
        assert home.program.wait(WHOLE_WITHIN) == 0, home.program.said()
        rows = [json.loads(line) for line in home.program.said().splitlines() if line.startswith('{"step"')]
        assert [one["step"] for one in rows] == list(range(1, 16))
        assert all(one["seen"] and not one["missing"] for one in rows)
        names = [one["name"] for one in rows]
        for mishap in (
            "The same webhook twice",
            "Bad signature",
            "Kill the worker",
            "PagerDuty down",
            "Revoke the key",
        ):
            assert mishap in names
        assert home.program.said().count("killed by SIGKILL") == 1, "a real worker"
        assert "The tour was seen whole, 15 steps" in home.program.said()
        assert _clean(home)


#: What it has said when it is told to stop; nothing: at once.
MOMENTS = ("", "pagerduty |", "syncd is up", " 1/15 ", " 6/15 ", "killed by SIGKILL", " 8/15 ")


def test_ctrl_c_at_any_moment_leaves_nothing_behind_and_it_may_be_played_again(tmp_path: Path) -> None:
    with household(tmp_path, *TOUR, "-o", "table") as home:
        for moment in MOMENTS:
            before = len(home.program.said())
            home.program.start()
            until(lambda: moment in home.program.said()[before:], f"it says {moment!r}", 90)  # noqa: B023
            code = home.interrupt() if moment else _pressed_until_it_ends(home)
            said = home.program.said()[before:]
            assert _clean(home), (moment, home.left_behind())
            if moment:
                assert code == 130, (moment, said)
                assert "The tour was stopped after " in said
                assert "Traceback" not in said
                assert "NOT SEEN" not in said


def _pressed_until_it_ends(home: Household) -> int:
    """While Python itself is starting it may lose a Ctrl-C; a person presses again."""

    def press() -> bool:
        if home.program.is_running():
            os.kill(home.program.pid, signal.SIGINT)
        return not home.program.is_running()

    until(press, "it ends at once", ENDS_WITHIN)
    return home.program.wait()


def test_an_impatient_ctrl_c_leaves_no_process_behind_either(tmp_path: Path) -> None:
    with household(tmp_path, *TOUR, "-o", "table") as home:
        home.program.start()
        until(lambda: " 2/15 " in home.program.said(), "it plays", 90)
        os.kill(home.program.pid, signal.SIGINT)
        os.kill(home.program.pid, signal.SIGINT)
        assert home.program.wait(ENDS_WITHIN) == 130
        assert _clean(home), home.left_behind()


def test_a_step_that_is_not_seen_is_named_and_ends_it_with_1(tmp_path: Path) -> None:
    with household(tmp_path, *TOUR, "-o", "table") as home:
        home.program.start()
        until(lambda: " 1/15 " in home.program.said(), "it plays", 90)
        for pid in home.pids("syncd", "sim"):
            os.kill(pid, signal.SIGSTOP)
        assert home.program.wait(WHOLE_WITHIN) == 1
        assert "NOT SEEN: " in home.program.said()
        assert " did not show " in home.program.said()
        assert _clean(home), home.left_behind()


def test_two_demos_at_once_know_nothing_of_each_other(tmp_path: Path) -> None:
    with household(tmp_path / "one", *TOUR, "-o", "table") as one, household(tmp_path / "two", "demo") as other:
        other.start()
        workers = other.pids("syncd", "worker")
        one.program.start()
        until(lambda: " 7/15 " in one.program.said(), "a worker of the one was killed", 120)
        assert one.interrupt() == 130
        assert _clean(one), one.left_behind()
        assert other.program.is_running()
        assert other.pids("syncd", "worker") == workers, "nobody killed those of the other"
        assert other.interrupt() == 130
        assert _clean(other), other.left_behind()


def test_the_same_port_twice_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with household(tmp_path / "one", "demo") as one:
        one.start()
        with household(tmp_path / "two", *TOUR) as other:
            other.program.argv = (*other.program.argv, "--port", str(one.port))
            other.program.start()
            assert other.program.wait(ENDS_WITHIN) == 2
            assert f"Port {one.port} of 127.0.0.1 cannot be used" in other.program.said()
            assert _clean(other)
        assert one.interrupt() == 130
