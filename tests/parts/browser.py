"""A real Chromium: the machine's own, else the one `make browser` puts into the virtual environment; `page` is one empty tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.parts.require import unavailable

if TYPE_CHECKING:  # Its import takes a third of a second, which only browser tests should pay.
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Chromium:
    path: Path
    env: Mapping[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium | None:
    for name in _NAMES:
        found = shutil.which(name, path=f"/usr/bin:{os.environ.get('PATH', os.defpath)}")
        if found:
            return Chromium(Path(found))
    own = Path(sys.prefix) / "browser"
    if not (own / "chromium").exists():
        return None
    return Chromium(own / "chromium", _surroundings(own))


def _surroundings(own: Path) -> dict[str, str]:
    env = {"FONTCONFIG_FILE": str(own / "fonts.conf")}
    linked = subprocess.run(["ldd", str(own / "chromium")], capture_output=True, text=True, check=False)
    # The machine's own libraries are the better ones where it has them all.
    if "not found" in linked.stdout:
        env["LD_LIBRARY_PATH"] = str(own / "lib")
    return env


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each module, because while it is open no `asyncio.run` works in this thread: keep async tests in other modules."""
    found = find_chromium()
    if found is None:
        unavailable("browser", "there is no chromium here; install it, or run `make browser` (needs node and npm)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=found.path,
            # Chromium refuses its sandbox to root and in most containers; it sees only pages of ours.
            args=["--no-sandbox", "--headless=shell"],
            env={**os.environ, **found.env},
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new tab without cookies; a script error on it fails the test."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert not errors, f"The page's own script failed: {errors}"
