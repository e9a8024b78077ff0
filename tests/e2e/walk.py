"""A walk through the demo in a real browser: every button that has something go wrong, and what is to be seen of each, live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from syncd.console.demo.mishaps import (
    MISHAPS,
    SAID_AFTER_CLOSING,
    SAID_LIMITED,
    SAID_REVOKED,
    SAID_TWICE,
    SAID_WITHOUT_WORKER,
)

FOLLOWS_WITHIN = 30_000  # milliseconds
LATER = 150_000  # a try after some that failed


@dataclass(frozen=True, slots=True)
class Walk:
    page: Page
    url: str

    def begin(self) -> None:
        self.page.goto(f"{self.url}/demo")
        self._send(self.page.get_by_role("button", name="Open a new case"))
        expect(self.fact("incident", "status")).to_have_text("triggered", timeout=FOLLOWS_WITHIN)
        self._send(self.page.locator('form[action$="/case/acknowledge"]').get_by_role("button"))
        expect(self.fact("incident", "status")).to_have_text("acknowledged", timeout=FOLLOWS_WITHIN)

    def fact(self, side: str, name: str) -> Locator:
        return self.page.locator(f"#{side} [data-fact={name}]")

    @property
    def log(self) -> Locator:
        return self.page.locator("#did")

    @property
    def banner(self) -> Locator:
        return self.page.locator("#banners .banner")

    def _send(self, button: Locator) -> None:
        """Until the answer's page is there: before that, what is asked may still be asked of the page that goes."""
        with self.page.expect_navigation():
            button.click()

    def press(self, slug: str) -> float:
        """When the page was loaded that then is looked at."""
        self._send(self.page.locator(f'form[action$="/mishaps/{slug}"]').get_by_role("button"))
        told = self.page.locator("#told")
        expect(told).to_contain_text(MISHAPS[slug].says, timeout=FOLLOWS_WITHIN)
        return float(self.page.evaluate("performance.timeOrigin"))

    def steps(self) -> Iterator[str]:
        """Each has been done and seen when its name comes; the page was loaded by pressing alone."""
        for slug, see in (
            ("same-twice", self._see_twice),
            ("bad-signature", self._see_forged),
            ("kill-worker", self._see_killed),
            ("down", self._see_down),
            ("up-again", self._see_up),
            ("revoke-key", self._see_revoked),
            ("restore-key", self._see_restored),
            ("rate-limit", self._see_limited),
            ("close-then-act", self._see_closed),
        ):
            loaded = self.press(slug)
            see()
            assert self.page.evaluate("performance.timeOrigin") == loaded, f"{slug} was seen live"
            yield slug

    def _see_twice(self) -> None:
        expect(self.log).to_contain_text("duplicate", timeout=FOLLOWS_WITHIN)
        expect(self.fact("case", "notes").get_by_text(SAID_TWICE)).to_have_count(1, timeout=FOLLOWS_WITHIN)

    def _see_forged(self) -> None:
        expect(self.log).to_contain_text("bad signature, HTTP 401", timeout=FOLLOWS_WITHIN)
        expect(self.fact("case", "status")).to_have_text("acknowledged")

    def _see_killed(self) -> None:
        expect(self.fact("case", "notes").get_by_text(SAID_WITHOUT_WORKER)).to_have_count(1, timeout=LATER)

    def _see_down(self) -> None:
        expect(self.page.locator("#mishaps")).to_contain_text("PagerDuty is down", timeout=FOLLOWS_WITHIN)
        expect(self.log).to_contain_text(re.compile(r"HTTP 503, next \d\d:"), timeout=FOLLOWS_WITHIN)

    def _see_up(self) -> None:
        wanted = self.fact("case", "priority").inner_text()
        expect(self.fact("incident", "priority")).to_have_text(wanted, timeout=LATER)
        expect(self.page.locator("#mishaps")).not_to_contain_text("PagerDuty is down")

    def _see_revoked(self) -> None:
        expect(self.banner).to_contain_text("pagerduty is disconnected", timeout=FOLLOWS_WITHIN)
        expect(self.banner).to_contain_text("1 change is held, none lost.", timeout=FOLLOWS_WITHIN)
        expect(self.log.locator(".mark.wait").first).to_have_text("held", timeout=FOLLOWS_WITHIN)

    def _see_restored(self) -> None:
        expect(self.fact("incident", "notes").get_by_text(SAID_REVOKED)).to_have_count(1, timeout=LATER)
        expect(self.banner).to_have_count(0, timeout=FOLLOWS_WITHIN)

    def _see_limited(self) -> None:
        expect(self.page.locator("#mishaps")).to_contain_text(re.compile(r"rate limited for \d+ s more"))
        expect(self.page.locator("#lag")).to_contain_text("rate limited for", timeout=FOLLOWS_WITHIN)
        expect(self.fact("incident", "notes").get_by_text(SAID_LIMITED)).to_have_count(1, timeout=LATER)
        expect(self.page.locator("#mishaps")).not_to_contain_text("rate limited")

    def _see_closed(self) -> None:
        expect(self.fact("case", "notes").get_by_text(SAID_AFTER_CLOSING)).to_have_count(1, timeout=FOLLOWS_WITHIN)
        expect(self.fact("case", "status")).to_have_text("closed")
        expect(self.log).to_contain_text(re.compile(r"PagerDuty → case, resolve\s+applied\s+noted"))
