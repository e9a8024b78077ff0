"""What parts log does not stand between a command and whoever reads its output."""

from __future__ import annotations

import pytest
import structlog

from syncd.cli.hush import hush


def test_only_faults_are_let_through_and_not_into_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger("a part")
    with hush():
        log.info("chatter")
        log.warning("chatter too")
        log.error("a fault")
    told = capsys.readouterr()
    assert told.out == ""
    assert "a fault" in told.err
    assert "chatter" not in told.err


def test_what_was_set_up_before_is_there_again() -> None:
    before = structlog.get_config()
    with hush():
        pass
    assert structlog.get_config() == before
