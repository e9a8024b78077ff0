"""The demo's way to both sides, over HTTP as anybody else's: PagerDuty's REST API and /v1 of this daemon. Reads no table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from syncd.console.demo_plan import DemoPlan
from syncd.errors import Conflict, NotFound, Unavailable

Json = Mapping[str, Any]


class DemoClient:
    def __init__(self, plan: DemoPlan) -> None:
        self._plan = plan
        bearer = {"Authorization": f"Bearer {plan.api_token}"}
        pagerduty = {
            "Authorization": f"Token token={plan.sim_key}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        self._api = _client(plan.api_url, bearer)
        self._sim = _client(plan.sim_url, pagerduty)

    def newest_case(self) -> str:
        found = self._ask(self._api, "GET", "/v1/cases?limit=1")["cases"]
        return str(found[0]["key"]) if found else ""

    def open_case(self, title: str) -> str:
        asked = {"title": title, "priority": "P2", "connector": self._plan.connector, "by": self._plan.case_person}
        return str(self._ask(self._api, "POST", "/v1/cases", asked)["key"])

    def case(self, key: str) -> Json:
        return self._ask(self._api, "GET", f"/v1/cases/{_segment(key)}")

    def act_on_case(self, key: str, act: str, fields: Json) -> None:
        asked = {**fields, "by": self._plan.case_person}
        self._ask(self._api, "POST", f"/v1/cases/{_segment(key)}/{_segment(act)}", asked)

    def incident_id(self, key: str) -> str:
        """Empty while there is none."""
        if self._plan.incident_of is not None:
            return self._plan.incident_of(key)
        found = self._ask(self._api, "GET", f"/v1/links?case={_segment(key)}")["links"]
        return str(found[0]["incident_id"] or "") if found else ""

    def incident(self, number: str) -> Json:
        return dict(self._ask(self._sim, "GET", f"/incidents/{_segment(number)}")["incident"])

    def notes(self, number: str) -> list[Json]:
        return list(self._ask(self._sim, "GET", f"/incidents/{_segment(number)}/notes")["notes"])

    def act_on_incident(self, number: str, act: str, fields: Json) -> None:
        asked = {**fields, "by": self._plan.incident_person}
        self._ask(self._sim, "POST", f"/_sim/incidents/{_segment(number)}/{_segment(act)}", asked)

    def deliveries(self, key: str) -> list[Json]:
        return list(self._ask(self._api, "GET", f"/v1/deliveries?case={_segment(key)}&limit=30")["deliveries"])

    def _ask(self, client: httpx.Client, method: str, path: str, body: Json | None = None) -> dict[str, Any]:
        try:
            answer = client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise Unavailable(f"{client.base_url} does not answer ({str(error) or type(error).__name__}).") from error
        if answer.is_success:
            return dict(answer.json())
        if answer.status_code == 404:
            raise NotFound(_said(answer))
        if answer.status_code in {400, 403, 409, 422}:
            raise Conflict(_said(answer))
        raise Unavailable(f"{client.base_url} answered {answer.status_code}: {_said(answer)}")


def _client(base_url: str, headers: Mapping[str, str]) -> httpx.Client:
    # Loopback addresses: no proxy of the person's environment is asked, and no connection is kept, so none is left.
    none_kept = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=base_url, headers=headers, timeout=5.0, trust_env=False, limits=none_kept)


def _segment(text: str) -> str:
    return quote(text, safe="")


def _said(answer: httpx.Response) -> str:
    """The sentence in the answer, in whichever of the shapes it came."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        return " ".join(
            [str(error.get("detail") or error.get("message") or ""), *map(str, error.get("errors", ()))]
        ).strip()
    return str(error)
