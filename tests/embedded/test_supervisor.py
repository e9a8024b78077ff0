"""The supervisor with real processes: order, restarts, stopping in steps, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from syncd.embedded.part import Part, Stop
from syncd.embedded.supervisor import OURSELVES, Supervisor
from syncd.errors import PartFailed
from tests.embedded.scripts import children_of, exists, is_gone_within, leaving_on, python

_QUICK: Stop = ((signal.SIGTERM, 5.0),)


class Heard:
    """Keeps what was said, and reacts to a line when told to."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._reactions: dict[tuple[str, str], Callable[[], None]] = {}

    def on(self, name: str, line: str, reaction: Callable[[], None]) -> None:
        self._reactions[name, line] = reaction

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._reactions.get((name, line), lambda: None)()

    def of(self, name: str) -> list[str]:
        return [line for who, line in self.lines if who == name]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def _supervisor(heard: Heard, *parts: Part, stop_order: Sequence[Sequence[str]] | None = None) -> Supervisor:
    return Supervisor(parts, say=heard, stop_order=stop_order)


def test_a_part_starts_only_when_the_one_before_it_is_ready(heard: Heard, tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    slow = python(
        "import sys, pathlib, signal; print('one'); pathlib.Path(sys.argv[1]).touch(); print('two'); signal.pause()",
        str(flag),
    )
    supervisor = _supervisor(
        heard,
        Part("first", slow, ready=flag.exists, stop=_QUICK),
        Part(
            "second",
            python(f"import pathlib; print(pathlib.Path({str(flag)!r}).exists()); import signal; signal.pause()"),
        ),
    )
    heard.on("second", "True", supervisor.ask_stop)
    supervisor.run()
    assert heard.of("second") == ["True"]
    assert heard.of("first") == ["one", "two"]


def test_ready_is_told_once_all_are(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("a", leaving_on("SIGTERM")), Part("b", leaving_on("SIGTERM")))
    running: list[set[str]] = []

    def ready() -> None:
        running.append(set(supervisor.pids()))
        supervisor.ask_stop()

    supervisor.run(ready)
    assert running == [{"a", "b"}]


def test_it_stops_in_the_order_given_and_leaves_nothing(heard: Heard) -> None:
    parts = [Part(name, leaving_on("SIGTERM"), stop=_QUICK) for name in ("valkey", "web", "beat")]
    supervisor = _supervisor(heard, *parts, stop_order=[["beat"], ["web"], ["valkey"]])
    pids: list[int] = []

    def when_all_are_up() -> None:
        if sorted(heard.of(part.name) == ["up"] for part in parts) == [True] * 3:
            pids.extend(supervisor.pids().values())
            supervisor.ask_stop()

    for part in parts:
        heard.on(part.name, "up", when_all_are_up)
    supervisor.run()
    assert [name for name, line in heard.lines if line == "SIGTERM"] == ["beat", "web", "valkey"]
    assert len(pids) == 3
    assert not [pid for pid in pids if exists(pid)]


def test_without_an_order_the_last_started_stops_first(heard: Heard) -> None:
    supervisor = _supervisor(heard, *(Part(name, leaving_on("SIGTERM"), stop=_QUICK) for name in ("a", "b")))
    heard.on("b", "up", supervisor.ask_stop)
    supervisor.run()
    stopped = [name for name, line in heard.lines if line == "SIGTERM"]
    assert stopped[0] == "b"


def test_each_signal_gets_its_grace_and_then_the_next(heard: Heard) -> None:
    steps = ((signal.SIGTERM, 0.2), (signal.SIGQUIT, 5.0))
    supervisor = _supervisor(heard, Part("worker", leaving_on("SIGQUIT"), stop=steps))
    heard.on("worker", "up", supervisor.ask_stop)
    supervisor.run()
    assert heard.of("worker") == ["up", "SIGTERM", "SIGQUIT"]
    assert heard.of(OURSELVES) == []


def test_whoever_has_finished_does_not_hurry_one_that_stops_already(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("patient", leaving_on("SIGTERM"), stop=_QUICK))

    def both() -> None:
        supervisor.ask_stop()
        supervisor.finish()

    heard.on("patient", "up", both)
    supervisor.run()
    assert heard.of("patient") == ["up", "SIGTERM"], "it was told, and not killed"
    supervisor.finish()  # Nobody is there any more, and that is no mistake.


def test_what_will_not_stop_is_killed_and_said(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("deaf", leaving_on(), stop=((signal.SIGTERM, 0.2),)))
    heard.on("deaf", "up", supervisor.ask_stop)
    supervisor.run()
    assert heard.of(OURSELVES) == ["deaf did not stop when it was told to; it is killed."]


def test_a_frozen_part_is_thawed_to_stop(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("frozen", leaving_on("SIGTERM"), stop=_QUICK))

    def freeze() -> None:
        os.killpg(supervisor.pids()["frozen"], signal.SIGSTOP)
        supervisor.ask_stop()

    heard.on("frozen", "up", freeze)
    supervisor.run()
    assert heard.of("frozen") == ["up", "SIGTERM"]


def test_a_part_that_ends_by_itself_starts_again_and_waits_longer_each_time(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("worker", python("print('here'); raise SystemExit(3)")))
    second = "worker ended by itself (exit 3); it starts again in 1 s."
    heard.on(OURSELVES, second, supervisor.ask_stop)
    supervisor.run()
    assert heard.of("worker") == ["here", "here"]
    assert heard.of(OURSELVES) == ["worker ended by itself (exit 3); it starts again in 0.5 s.", second]


def test_a_killed_part_takes_its_group_along_before_it_starts_again() -> None:
    forks = "import os, signal; child = os.fork(); child and print(child, flush=True); signal.pause()"
    grandchildren: list[int] = []
    gone: list[bool] = []

    def listen(name: str, line: str) -> None:
        if name == "worker":
            grandchildren.append(int(line))
            os.kill(supervisor.pids()["worker"], signal.SIGKILL)
        else:
            assert line == "worker ended by itself (killed by SIGKILL); it starts again in 0.5 s."
            gone.append(is_gone_within(grandchildren[0], 5))
            supervisor.ask_stop()

    supervisor = Supervisor([Part("worker", python(forks))], say=listen)
    supervisor.run()
    assert gone == [True]
    assert not exists(grandchildren[0])


def test_a_part_that_ends_while_starting_stops_the_rest_and_says_why(heard: Heard) -> None:
    supervisor = _supervisor(
        heard,
        Part("valkey", leaving_on("SIGTERM"), stop=_QUICK),
        Part("web", python("raise SystemExit('port 8080 is taken')"), ready=lambda: False),
    )
    with pytest.raises(PartFailed, match=r"web ended while it was starting \(exit 1\).*port 8080 is taken"):
        supervisor.run()
    assert supervisor.pids() == {}


def test_a_part_that_is_never_ready_is_not_waited_for_for_ever(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("web", leaving_on("SIGTERM"), ready=lambda: False, ready_within=0.3))
    with pytest.raises(PartFailed, match=r"web was not ready within 0\.3 s"):
        supervisor.run()
    assert supervisor.pids() == {}


def test_a_program_that_is_not_there_is_named(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("gone", ("/nowhere/gone",), ready=lambda: False))
    with pytest.raises(PartFailed, match=r"/nowhere/gone was not started: No such file"):
        supervisor.run()


def test_a_grandchild_that_left_its_group_is_ended_too() -> None:
    daemon = (
        "import os, signal\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: print(os.getpid(), flush=True); signal.pause()\n"
        "    os._exit(0)\n"
        "signal.pause()"
    )
    pids: list[int] = []

    def listen(_name: str, line: str) -> None:
        pids.append(int(line))
        supervisor.ask_stop()

    before = children_of(os.getpid())
    supervisor = Supervisor([Part("worker", python(daemon))], say=listen)
    supervisor.run()
    assert len(pids) == 1
    assert not exists(pids[0])
    assert (
        children_of(os.getpid()) == before
    )  # not even the process between the two, ended long ago and reaped by nobody


def test_somebody_elses_children_are_left_alone(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("a", leaving_on("SIGTERM")))
    with ExitStack() as stack:
        others = [stack.enter_context(_other())]

        def meanwhile() -> None:
            others.append(stack.enter_context(_other()))
            supervisor.ask_stop()

        supervisor.run(meanwhile)
        assert [other.poll() for other in others] == [None, None]
        for other in others:
            other.kill()


def _other() -> subprocess.Popen[bytes]:
    return subprocess.Popen(leaving_on("SIGTERM"), stdout=subprocess.DEVNULL)


def test_it_stops_when_nobody_listens_any_more() -> None:
    def broken_pipe(_name: str, _line: str) -> None:
        raise BrokenPipeError

    supervisor = Supervisor([Part("a", leaving_on("SIGTERM"), stop=_QUICK)], say=broken_pipe)
    supervisor.run()
    assert supervisor.pids() == {}


def test_a_part_may_close_its_output_and_go_on(heard: Heard) -> None:
    quiet = "import os, signal, sys; print('last'); sys.stdout.flush(); os.close(1); os.close(2); signal.pause()"
    supervisor = _supervisor(heard, Part("quiet", python(quiet)), Part("other", leaving_on("SIGTERM")))
    heard.on("quiet", "last", supervisor.ask_stop)
    supervisor.run()
    assert heard.of("quiet") == ["last"]


def test_a_line_without_an_end_is_passed_on_when_its_part_ends(heard: Heard) -> None:
    supervisor = _supervisor(heard, Part("a", python("import sys; sys.stdout.write('half a line')")))
    heard.on("a", "half a line", supervisor.ask_stop)
    supervisor.run()
    assert heard.of("a") == ["half a line"]


def test_lines_are_printed_under_their_parts_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flag = tmp_path / "said"
    code = "import pathlib, signal, sys; print('tick'); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    supervisor = Supervisor([Part("beat", python(code, str(flag)), ready=flag.exists)])
    supervisor.run(supervisor.ask_stop)
    assert "beat  | tick" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("order", [[["a"]], [["a", "b"], ["b"]], [["a"], ["c"]]])
def test_a_stop_order_that_misses_or_repeats_a_part_is_refused(order: list[list[str]]) -> None:
    with pytest.raises(PartFailed, match="must name each part once"):
        Supervisor([Part("a", python("")), Part("b", python(""))], stop_order=order)


def test_the_signal_handlers_are_as_they_were_afterwards(heard: Heard) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = _supervisor(heard, Part("a", leaving_on("SIGTERM")))
    supervisor.run(supervisor.ask_stop)
    assert {number: signal.getsignal(number) for number in before} == before
    assert signal.set_wakeup_fd(-1) == -1
