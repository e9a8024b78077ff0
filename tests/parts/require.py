"""Parts a machine may lack. A test without its part is left out and says so; SYNCD_REQUIRE=postgres,valkey,... makes it fail instead."""

from __future__ import annotations

import os
from collections import Counter
from typing import NoReturn

import pytest

PARTS = frozenset({"postgres", "valkey", "client", "browser", "openapi", "prometheus", "tmpfs", "curl"})

_MARK = "left out: "


def required() -> frozenset[str]:
    named = {word.strip() for word in os.environ.get("SYNCD_REQUIRE", "").split(",")} - {""}
    unknown = named - PARTS
    if unknown:
        raise pytest.UsageError(
            f"SYNCD_REQUIRE names {', '.join(sorted(unknown))}, which is no part; the parts are {', '.join(sorted(PARTS))}."
        )
    return frozenset(named)


def unavailable(part: str, why: str) -> NoReturn:
    """Called by a fixture or test whose part cannot be had here."""
    if part not in PARTS:
        raise ValueError(f"{part} is no part; the parts are {', '.join(sorted(PARTS))}.")
    if part in required():
        pytest.fail(f"SYNCD_REQUIRE asks for {part}, and it cannot be had: {why}", pytrace=False)
    pytest.skip(f"{_MARK}{part}: {why}")


def pytest_configure() -> None:
    required()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Read from the reports, so that the workers of a parallel run are counted too."""
    counted = Counter(reason for report in terminalreporter.stats.get("skipped", []) if (reason := _reason(report)))
    for reason, number in sorted(counted.items()):
        tests = "1 test" if number == 1 else f"{number} tests"
        terminalreporter.write_line(f"{_MARK}{tests} without {reason}", yellow=True)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if not isinstance(report.longrepr, tuple):
        return ""
    said = str(report.longrepr[2])
    _, mark, reason = said.partition(_MARK)
    return reason if mark else ""
