"""Playing a script: each step is told with what was seen of it, the first that is not seen is the last, and one may be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from syncd.cli.script.playing import Script
from syncd.cli.script.steps import Step
from syncd.cli.script.visitor import Visitor
from syncd.errors import Conflict
from tests.waiting import wait_until

from .conftest import Syncd


def nothing() -> None:
    pass


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def played(*steps: Step) -> tuple[Script, list[str]]:
    said: list[str] = []
    script = Script(said.append)
    script.play(steps)
    return script, said


def test_each_step_is_done_before_it_is_looked_for_and_told_when_it_is_seen() -> None:
    done: list[str] = []
    looks: list[int] = []

    def seen() -> str:
        looks.append(len(done))
        return "it is there" if len(looks) == 3 else ""

    script, said = played(
        Step("The first", "something", lambda: done.append("first"), seen),
        Step("And another", "more", lambda: done.append("another"), lambda: f"after {done[-1]}"),
    )
    assert looks == [1, 1, 1]
    assert script.is_whole
    assert [(one.step, one.name, one.seen, one.missing) for one in script.played] == [
        (1, "The first", "it is there", ""),
        (2, "And another", "after another", ""),
    ]
    assert [line.split()[0] for line in said] == ["1/2", "2/2"]
    assert said[0].endswith("s  it is there")


def test_what_is_not_seen_in_time_is_named_and_is_the_last() -> None:
    script, said = played(
        Step("A thing", "a wonder", nothing, lambda: "", within=0.0),
        Step("Never", "nothing", nothing, lambda: "seen"),
    )
    assert (script.is_whole, len(script.played)) == (False, 1)
    assert script.played[0].missing == "a wonder (not within 0 s)"
    assert said[-1].endswith("NOT SEEN: a wonder (not within 0 s)")


@pytest.mark.parametrize("error", [Conflict("CS-1 is closed."), ValueError("CS-1 is closed.\nand more")])
def test_an_act_that_is_refused_is_told_in_its_own_words(error: Exception) -> None:
    script, _ = played(Step("A thing", "a wonder", raising(error), lambda: "seen"))
    assert [(one.seen, one.missing) for one in script.played] == [("", "a wonder (CS-1 is closed.)")]


def test_one_that_is_stopped_says_no_more_and_misses_nothing() -> None:
    said: list[str] = []
    script, looked = Script(said.append), threading.Event()

    def seen() -> str:
        looked.set()
        return ""

    thread = threading.Thread(target=script.play, args=([Step("A thing", "a wonder", nothing, seen)],))
    thread.start()
    wait_until(looked.is_set)
    script.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert (script.is_whole, script.played, said) == (False, [], [])


def test_what_is_not_seen_of_something_that_goes_away_is_not_missing() -> None:
    said: list[str] = []
    script = Script(said.append, is_ending=lambda: True)
    script.play([Step("A thing", "a wonder", raising(Conflict("It is gone.")), lambda: "seen")])
    assert (script.is_whole, script.played, said) == (False, [], [])


def test_a_demo_that_is_away_is_a_step_that_was_not_seen() -> None:
    with Visitor("http://127.0.0.1:9", "token", "http://127.0.0.1:9", "pagerduty") as visitor:
        script, _ = played(Step("A case", "its incident", visitor.open_case, lambda: "seen"))
    assert script.played[0].missing.startswith("its incident (")


def test_only_scripts_that_are_there_are_played_and_only_in_forms_that_are_there(syncd: Syncd) -> None:
    ended = syncd("demo", "--script", "opera")
    assert (ended.code, ended.err) == (2, "syncd: --script opera is nothing that can be played; it is tour.\n")
    assert syncd("demo", "--script", "tour", "-o", "xml").code == 2
