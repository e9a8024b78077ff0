"""`syncd demo` and `syncd up` as one command: they leave nothing behind, however they end, and say when a part stands still."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.household import Household, household
from tests.e2e.peers import client
from tests.e2e.waiting import until

BEHIND = "is the worker running?"


class Visitor:
    """A person with a browser on the demo page, without the browser."""

    def __init__(self, home: Household) -> None:
        self._http = httpx.Client(base_url=home.url, follow_redirects=True, timeout=10, trust_env=False)
        self._sim = client(home.sim_url)
        self.key = until(lambda: self._found(r'hx-sse:connect="/demo/events\?case=([^"]+)"'), "the demo has a case")
        until(self.incident, "the case has an incident")

    def page(self) -> str:
        query = f"?case={self.key}" if hasattr(self, "key") else ""
        return html.unescape(self._http.get(f"/demo{query}").raise_for_status().text)

    def press(self, side: str, act: str, value: str = "") -> None:
        fields = {"form_token": self._found(r'name="form_token" value="([^"]+)"'), "value": value}
        self._http.post(f"/demo/{self.key}/{side}/{act}", data=fields).raise_for_status()

    def incident(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = self._sim.get("/_sim/state").json()["incidents"]
        return found[0] if found else {}

    def case_status(self) -> str:
        return self._found(r'<div id="case">.*?data-fact="status">(\w+)<')

    def close(self) -> None:
        self._http.close()
        self._sim.close()

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.page(), re.DOTALL)
        return found[1] if found else ""


def test_demo_says_when_its_worker_stands_still_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with household(tmp_path, "demo") as home:
        home.start()
        visitor = Visitor(home)
        visitor.press("case", "acknowledge")
        until(lambda: visitor.incident()["status"] == "acknowledged", "the incident follows the case")
        frozen = home.freeze_worker()
        visitor.press("incident", "resolve")
        until(lambda: BEHIND in visitor.page(), "the page says that the case has not followed")
        assert (visitor.incident()["status"], visitor.case_status()) == ("resolved", "acknowledged")
        home.thaw(frozen)
        until(lambda: visitor.case_status() == "resolved", "the case follows once the worker goes on")
        until(lambda: BEHIND not in visitor.page(), "the page takes it back")
        visitor.close()
        home.kill_parent()
        assert [left for left in home.left_behind() if not left.startswith("file ")] == []
        # The same command again, from the same place: what a killed parent could not clear away, the next one does.
        home.start()
        Visitor(home).close()
        assert home.interrupt() == 130
        assert home.left_behind() == []
        assert list((home.program.folder / "home").iterdir()) == []


def test_up_leaves_only_its_state(tmp_path: Path) -> None:
    with household(tmp_path, "up") as home:
        home.start()
        assert httpx.get(f"{home.url}/readyz", trust_env=False).status_code == 200
        assert home.interrupt() == 130
        assert home.left_behind() == []
        kept = {path.name for path in (home.program.folder / "home").rglob("*") if path.is_file()}
        assert {"syncd.db", "master.key", "api.token"} <= kept
        assert not any(name.endswith((".sock", ".pid")) for name in kept)
        # A second run finds its state and starts clean; killed this time.
        home.start()
        assert httpx.get(f"{home.url}/readyz", trust_env=False).status_code == 200
        home.kill_parent()
        assert [left for left in home.left_behind() if not left.startswith("file ")] == []
