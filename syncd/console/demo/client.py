"""The demo's way to both sides, over HTTP as anybody else's: the simulator's control and /v1 of this daemon. Reads no table.

PagerDuty is looked at as people see it there, not through its REST API: that is what the demo revokes, limits and takes down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from syncd.console.demo.mishaps import Standing
from syncd.console.demo_plan import DemoPlan
from syncd.errors import Conflict, NotFound, Unavailable

Json = Mapping[str, Any]

_SHOWN = 30  # rows of the log
_RECONNECTS_WITHIN = 60.0  # it asks PagerDuty several things
_ABOUT_NOBODY = 5  # of the rows that name no case


class DemoClient:
    def __init__(self, plan: DemoPlan) -> None:
        self._plan = plan
        bearer = {"Authorization": f"Bearer {plan.api_token}"}
        self._api = _client(plan.api_url, bearer)
        self._sim = _client(plan.sim_url, {})

    def newest_case(self) -> str:
        found = self._ask(self._api, "GET", "/v1/cases?limit=1")["cases"]
        return str(found[0]["key"]) if found else ""

    def open_case(self, title: str) -> str:
        asked = {"title": title, "priority": "P2", "by": self._plan.case_person}
        return str(self._ask(self._api, "POST", "/v1/cases", asked)["key"])

    def case(self, key: str) -> Json:
        return self._ask(self._api, "GET", f"/v1/cases/{_segment(key)}")

    def act_on_case(self, key: str, act: str, fields: Json) -> None:
        asked = {**fields, "by": self._plan.case_person}
        self._ask(self._api, "POST", f"/v1/cases/{_segment(key)}/{_segment(act)}", asked)

    def link(self, key: str) -> Json:
        """Empty while there is none."""
        found = self._ask(self._api, "GET", f"/v1/links?case={_segment(key)}")["links"]
        return dict(found[0]) if found else {}

    def incident_id(self, key: str) -> str:
        """Empty while there is none."""
        return str(self.link(key).get("incident_id") or "")

    def incident(self, number: str) -> Json:
        """With its notes."""
        return dict(self._ask(self._sim, "GET", f"/_sim/incidents/{_segment(number)}")["incident"])

    def act_on_incident(self, number: str, act: str, fields: Json) -> None:
        asked = {**fields, "by": self._plan.incident_person}
        self._ask(self._sim, "POST", f"/_sim/incidents/{_segment(number)}/{_segment(act)}", asked)

    def deliveries(self, key: str, incident: str) -> list[Json]:
        """Of this case and its incident, and the newest that prove nothing of whom they are about; the newest first."""
        found = [*self._rows(f"case:{key}", _SHOWN), *self._rows("outcome:rejected", _ABOUT_NOBODY)]
        if incident:  # A hook that was received before is known by its record alone.
            found += self._rows(f"incident:{incident} case:none", _SHOWN)
        by_id = {row["id"]: row for row in found}
        return [by_id[number] for number in sorted(by_id, reverse=True)][:_SHOWN]

    def _rows(self, query: str, limit: int) -> list[Json]:
        asked = urlencode({"q": query, "limit": limit})
        return list(self._ask(self._api, "GET", f"/v1/deliveries?{asked}")["deliveries"])

    def standing(self) -> Standing:
        faults = self._ask(self._sim, "GET", "/_sim/faults")["faults"]
        key = self._ask(self._sim, "GET", f"/_sim/keys/{_segment(self._plan.sim_key)}")["key"]
        return Standing(
            limited_s=max((int(one["left_s"]) for one in faults if one["status"] == 429), default=0),
            is_down=any(one["status"] == 503 for one in faults),
            is_revoked=bool(key["revoked"]),
            is_disconnected=self.is_disconnected(),
        )

    def lay(self, fault: Json) -> None:
        self._ask(self._sim, "POST", "/_sim/faults", fault)

    def clear_faults(self) -> None:
        self._ask(self._sim, "DELETE", "/_sim/faults")

    def switch(self, changes: Json) -> None:
        self._ask(self._sim, "PATCH", "/_sim/switches", changes)

    def turn_key(self, act: str) -> None:
        self._ask(self._sim, "POST", f"/_sim/keys/{_segment(self._plan.sim_key)}/{_segment(act)}", {})

    def is_disconnected(self) -> bool:
        found = self._ask(self._api, "GET", "/v1/integrations")["integrations"]
        return any(one["name"] == self._plan.account and one["state"] == "disconnected" for one in found)

    def reconnect(self) -> None:
        path = f"/v1/integrations/{_segment(self._plan.account)}/reconnect"
        self._ask(self._api, "POST", path, {"by": self._plan.case_person}, within=_RECONNECTS_WITHIN)

    def _ask(
        self, client: httpx.Client, method: str, path: str, body: Json | None = None, *, within: float = 5.0
    ) -> dict[str, Any]:
        try:
            answer = client.request(method, path, json=body, timeout=within)
        except httpx.HTTPError as error:
            raise Unavailable(f"{client.base_url} does not answer ({str(error) or type(error).__name__}).") from error
        if answer.is_success:
            return dict(answer.json()) if answer.content else {}
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
