"""A visit in a real browser: what its pages asked for, what they complained of, and what axe-core has against them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_HTML = 40_000


class Visit:
    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))

    def see(self, address: str) -> int:
        """How long its HTML is."""
        answer = self.page.goto(f"{self.base}{address}")
        assert answer is not None
        assert answer.status == 200, address
        return len(answer.body())

    def is_alone(self) -> bool:
        """Whether nobody but its own server was asked for anything."""
        return self.hosts == {urlsplit(self.base).netloc}

    def violations(self) -> list[str]:
        """Of what stands on the page now."""
        from axe_playwright_python.sync_playwright import Axe  # only where there is a browser

        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
        return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
