"""A visitor of the demo without a browser: presses the page's own forms, and looks at both sides as anybody could."""

from __future__ import annotations

import html
import re
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from syncd.errors import Conflict, Unavailable

Json = dict[str, Any]

_PRESSES_WITHIN = 70.0  # a reconnecting asks PagerDuty several things
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_SAID = re.compile(r'id="said"[^>]*>([^<]*)<')


class Visitor:
    def __init__(self, site: str, token: str, sim_url: str, account: str) -> None:
        # All are on this machine, of which a proxy knows nothing.
        self._page = httpx.Client(base_url=site, timeout=_PRESSES_WITHIN, trust_env=False)
        bearer = {"Authorization": f"Bearer {token}"}
        self._api = httpx.Client(base_url=site, headers=bearer, timeout=5, trust_env=False)
        self._sim = httpx.Client(base_url=sim_url, timeout=5, trust_env=False)
        self._account, self._form_token = account, ""
        self.key, self.incident_id = "", ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in (self._page, self._api, self._sim):
            client.close()

    def open_case(self) -> None:
        address = self._post("/demo/new")
        self.key = parse_qs(urlsplit(address).query)["case"][0]

    def press(self, side: str, act: str, value: str = "") -> None:
        self._post(f"/demo/{_segment(self.key)}/{side}/{act}", value)

    def go_wrong(self, mishap: str) -> None:
        self._post(f"/demo/{_segment(self.key)}/mishaps/{mishap}")

    def link(self) -> Json:
        """Empty while there is none."""
        found: list[Json] = _answer(self._api, f"/v1/links?case={_segment(self.key)}")["links"]
        self.incident_id = str(found[0]["incident_id"] or "") if found else ""
        return found[0] if found else {}

    def case(self) -> Json:
        return _answer(self._api, f"/v1/cases/{_segment(self.key)}")

    def incident(self) -> Json:
        found: Json = _answer(self._sim, f"/_sim/incidents/{_segment(self.incident_id)}")["incident"]
        return found

    def comments(self, text: str) -> int:
        """How often the case says it."""
        return sum(text in one["text"] for one in self.case()["comments"])

    def notes(self, text: str) -> int:
        """How often the incident says it."""
        return sum(text in one["content"] for one in self.incident()["notes"])

    def rows(self, query: str) -> list[Json]:
        found: list[Json] = _answer(self._api, "/v1/deliveries", q=query)["deliveries"]
        return found

    def refused(self) -> bool:
        """Whether PagerDuty has limited anybody."""
        return any(one["status"] == 429 for one in _answer(self._sim, "/_sim/requests")["requests"])

    def account(self) -> Json:
        found: list[Json] = _answer(self._api, "/v1/integrations")["integrations"]
        return next(one for one in found if one["name"] == self._account)

    def _post(self, path: str, value: str = "") -> str:
        """Where the page goes on."""
        if not self._form_token:
            self._form_token = self._enter()
        answer = self._page.post(path, data={"form_token": self._form_token, "value": value})
        if answer.status_code == 303:
            return answer.headers["location"]
        said = _SAID.search(answer.text)
        raise Conflict(html.unescape(said[1]) if said else f"The page answered {answer.status_code} to {path}.")

    def _enter(self) -> str:
        found = _TOKEN.search(self._page.get("/demo").raise_for_status().text)
        if found is None:
            raise Unavailable("The demo page has no form to press.")
        return found[1]


def _answer(client: httpx.Client, path: str, **query: str) -> Json:
    found: Json = client.get(path, params=query or None).raise_for_status().json()
    return found


def _segment(text: str) -> str:
    return quote(text, safe="")
