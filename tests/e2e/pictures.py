"""`make pictures`: takes README's pictures of the demo anew, with a real Chromium: python -m tests.e2e.pictures DIR."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.household import household
from tests.e2e.walk import Walk
from tests.parts.browser import find_chromium

WIDTH, HEIGHT = 1200, 620
MOST = 150_000  # bytes of one


def take(folder: Path) -> list[Path]:
    found = find_chromium()
    if found is None:
        sys.exit("There is no Chromium to take pictures with: install it, or run `make browser`.")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        household(Path(place), "demo") as home,
        sync_playwright() as playwright,
    ):
        home.start()
        browser = playwright.chromium.launch(
            executable_path=found.path, args=["--no-sandbox", "--headless=shell"], env={**os.environ, **found.env}
        )
        page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
        taken = _walked(Walk(page, home.url), folder)
        browser.close()
        home.interrupt()
    return taken


def _walked(walk: Walk, folder: Path) -> list[Path]:
    taken = []
    walk.begin()
    for slug in walk.steps():
        if slug == "kill-worker":
            taken.append(_taken(walk.page, folder / "demo.png"))
        if slug == "revoke-key":
            walk.page.emulate_media(color_scheme="dark")
            taken.append(_taken(walk.page, folder / "demo-revoked.png"))
            walk.page.emulate_media(color_scheme="light")
        if slug == "restore-key":
            walk.page.get_by_role("link", name="the link's page").click()
            walk.page.wait_for_url("**/links/*")
            taken.append(_taken(walk.page, folder / "link.png"))
            break
    return taken


def _taken(page: Page, path: Path) -> Path:
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    for one in take(Path(sys.argv[1])):
        sys.stdout.write(f"{one} {one.stat().st_size:,} bytes\n")
        if one.stat().st_size > MOST:
            sys.exit(f"{one} is larger than {MOST:,} bytes.")
