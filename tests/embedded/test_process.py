"""One child on its leash: tied to its parent without a gap, in its own group, and ended step by step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.embedded import leash
from syncd.embedded.process import clear, end, has_ended, spawn, tell, wait_ended
from syncd.errors import PartFailed
from tests.embedded.scripts import leaving_on, python


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def _finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    assert process.stdout is not None
    with process.stdout as output:
        said = output.read().decode()
    return clear(process), said


def test_the_child_leads_its_own_group_under_the_same_number() -> None:
    process = spawn(python("import os; print(os.getpid(), os.getpgrp())"), output=subprocess.PIPE)
    status, said = _finish(process)
    assert status == 0
    assert said.split() == [str(process.pid)] * 2


def test_a_child_whose_parent_has_changed_meanwhile_does_not_start() -> None:
    somebody_else = os.getpid() + 1
    argv = [sys.executable, "-I", "-S", leash.__file__, str(somebody_else), "15", str(os.geteuid()), "echo", "started"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "its parent ended while it was starting" in done.stderr


def test_what_cannot_be_run_is_named() -> None:
    status, said = _finish(spawn(("/nowhere/to-be-found",), output=subprocess.PIPE))
    assert status == 1
    assert said == "/nowhere/to-be-found was not started: No such file or directory.\n"


def test_a_folder_that_is_not_there_is_a_failed_part() -> None:
    with pytest.raises(PartFailed, match="could not be started"):
        spawn(("true",), cwd=Path("/nowhere"))


def test_has_ended_sees_the_end_and_leaves_the_number_taken() -> None:
    process = spawn(("true",))
    assert wait_ended(process, 10)
    assert has_ended(process)
    assert Path(f"/proc/{process.pid}").exists()  # a zombie: nobody else can get its number
    assert clear(process) == 0
    assert has_ended(process)


def test_wait_ended_gives_up_in_time() -> None:
    process = spawn(leaving_on("SIGTERM"))
    assert not wait_ended(process, 0.05)
    end(process)


def test_end_goes_through_its_steps() -> None:
    process = spawn(leaving_on("SIGQUIT"), output=subprocess.PIPE)
    assert _first_line(process) == "up"
    assert end(process, ((signal.SIGTERM, 0.2), (signal.SIGQUIT, 10.0))) == 0
    assert _finish(process)[1].split() == ["SIGTERM", "SIGQUIT"]


def test_end_kills_what_heeds_nothing() -> None:
    process = spawn(leaving_on(), output=subprocess.PIPE)
    assert _first_line(process) == "up"
    assert end(process, ((signal.SIGTERM, 0.1),)) == -signal.SIGKILL
    _finish(process)


def test_telling_one_that_is_gone_does_no_harm() -> None:
    process = spawn(("true",))
    clear(process)
    tell(process, signal.SIGTERM)
    assert end(process) == process.returncode


def test_the_environment_is_added_to_ours() -> None:
    process = spawn(
        python("import os; print(os.environ['PART'], 'PATH' in os.environ)"), env={"PART": "x"}, output=subprocess.PIPE
    )
    assert _finish(process)[1] == "x True\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a program as somebody else")
def test_root_may_start_it_as_somebody_else_still_on_the_leash() -> None:
    process = spawn(("sh", "-c", "echo $(id -u) $(id -g) $(id -G); exec sleep 60"), user=65534, output=subprocess.PIPE)
    assert _first_line(process) == "65534 65534 65534"
    assert end(process) == -signal.SIGTERM
    _finish(process)
