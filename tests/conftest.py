"""What every test stands on: the real parts, no network beyond this machine, and no settings of the person who runs them."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from types import FrameType

import pytest
from hypothesis import settings

pytest_plugins = ("tests.parts",)
pytest.register_assert_rewrite("tests.e2e", "tests.flow", "tests.core")  # Their stories assert outside of test files.

# Those that speak to the tests themselves.
SPEAK_TO_TESTS = {
    "SYNCD_REQUIRE",
    "SYNCD_PAGERDUTY_OPENAPI",
    "SYNCD_SHARED",
    "SYNCD_RUNS",
    "SYNCD_FAULTS",
    "SYNCD_FIGURES",
    "SYNCD_SEED",
}

# Seconds before pytest ends the whole process (faulthandler_timeout), which would take the tests that wait for it along.
GIVES_UP_BEFORE = 60.0

# The clock of a shared machine says nothing about an example; a failing one is printed so that it can be repeated.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


def pytest_configure() -> None:
    # A shell that starts us in the background has us ignore Ctrl-C, and with us every process that a test starts and interrupts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # A developer may have SYNCD_DATABASE_URL pointing at something dear.
    for name in [name for name in os.environ if name.startswith("SYNCD_") and name not in SPEAK_TO_TESTS]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for real processes begins first, so that no core stands idle at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/faults/", "tests/e2e/")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that hangs fails, with its stack, and the others go on."""
    longest = float(item.config.getini("faulthandler_timeout")) - GIVES_UP_BEFORE
    if longest <= 0:
        return (yield)
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, longest)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    pytest.fail("It hangs: nothing has come for minutes.")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
