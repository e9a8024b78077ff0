"""Commands on a daemon elsewhere, over its /v1. The token comes from SYNCD_TOKEN, never from the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import quote

import httpx

from syncd.errors import Conflict, Misconfigured, NotFound, SideError, SyncdError, Unavailable

from .reach import Json, Query
from .remote_audit import RemoteAudit
from .remote_evidence import RemoteEvidence
from .remote_routing import RemoteRouting

TOKEN_VARIABLE = "SYNCD_TOKEN"  # noqa: S105 - the variable's name
SECONDS = 30.0
SETUP_SECONDS = 120.0  # the daemon asks PagerDuty meanwhile, and has a deadline of its own


class Remote:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.audit = RemoteAudit(lambda *words, **more: _object(self._ask(*words, **more)), self._streamed)
        self.evidence = RemoteEvidence(lambda *words, **more: _object(self._ask(*words, **more)), self._sent)
        self.routing = RemoteRouting(lambda *words, **more: _object(self._ask(*words, **more)))

    def open_case(self, fields: Json, idempotency_key: str | None) -> tuple[Json, bool]:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        answer = self._ask("POST", "/v1/cases", json=fields, headers=headers)
        return _object(answer), answer.status_code == 201

    def send_alert(self, fields: Json, idempotency_key: str | None) -> Json:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _object(self._ask("POST", "/v1/alerts", json=fields, headers=headers))

    def act(self, key: str, act: str, fields: Json) -> Json:
        return _object(self._ask("POST", f"/v1/cases/{quote(key, safe='')}/{act}", json=fields))

    def cases(self, query: Query) -> list[Json]:
        return self._list("cases", query)

    def case(self, key: str) -> Json:
        return _object(self._ask("GET", f"/v1/cases/{quote(key, safe='')}"))

    def links(self, query: Query) -> list[Json]:
        return self._list("links", query)

    def act_on_link(self, number: int, act: str, fields: Json) -> Json:
        return _object(self._ask("POST", f"/v1/links/{number}/{act}", json=fields))

    def act_on_integration(self, name: str, act: str, fields: Json) -> Json:
        return _object(self._ask("POST", f"/v1/integrations/{quote(name, safe='')}/{act}", json=fields))

    def integrations(self) -> list[Json]:
        return self._list("integrations", {})

    def add_integration(self, fields: Json) -> Json:
        return _object(self._ask("POST", "/v1/integrations", json=fields))

    def add_connector(self, fields: Json) -> Json:
        return _object(self._ask("POST", "/v1/connectors", json=fields))

    def authorisation(self, name: str, digest: str) -> Json:
        return _object(self._ask("GET", f"/v1/integrations/{quote(name, safe='')}/authorisations/{digest}"))

    def remove_integration(self, name: str, fields: Json) -> Json:
        return _object(self._ask("DELETE", f"/v1/integrations/{quote(name, safe='')}", json=fields))

    def connection_log(self, name: str, query: Query) -> list[Json]:
        """Of all accounts, when none is named."""
        path = f"/v1/integrations/{quote(name, safe='')}/log" if name else "/v1/connection-log"
        return list(_object(self._ask("GET", path, params=query))["log"])

    def mappings(self, connector: str, query: Query) -> Json:
        return _object(self._ask("GET", f"/v1/connectors/{quote(connector, safe='')}/mappings", params=query))

    def change_priorities(self, connector: str, fields: Json) -> Json:
        return _object(self._ask("POST", f"/v1/connectors/{quote(connector, safe='')}/priorities", json=fields))

    def conflicts(self, query: Query) -> list[Json]:
        return self._list("conflicts", query)

    def resolve_conflict(self, fields: Json) -> Json:
        return _object(self._ask("POST", "/v1/conflicts/resolve", json=fields))

    def deliveries(self, query: Query) -> list[Json]:
        return self._list("deliveries", query)

    def delivery(self, number: int) -> Json:
        return _object(self._ask("GET", f"/v1/deliveries/{number}"))

    def status(self) -> Json:
        return _object(self._ask("GET", "/v1/status"))

    def checks(self, name: str) -> list[Json]:
        return list(_object(self._ask("GET", f"/v1/integrations/{quote(name, safe='')}/checks"))["checks"])

    def why(self, query: Query) -> Json:
        return _object(self._ask("GET", "/v1/why", params=query))

    def replay(self, fields: Json) -> list[Json]:
        return list(_object(self._ask("POST", "/v1/deliveries/replay", json=fields))["replays"])

    def compare(self, number: int) -> Json:
        return _object(self._ask("GET", f"/v1/links/{number}/compare"))

    def repairs(self, query: Query) -> list[Json]:
        return self._list("repairs", query)

    def repair(self, fields: Json) -> list[Json]:
        return list(_object(self._ask("POST", "/v1/repairs", json=fields))["repairs"])

    def park(self, fields: Json) -> Json:
        return _object(self._ask("POST", "/v1/deliveries/park", json=fields))

    def actions(self, query: Query) -> list[Json]:
        return self._list("actions", query)

    def action(self, number: int) -> Json:
        return _object(self._ask("GET", f"/v1/actions/{number}"))

    def _list(self, noun: str, query: Query) -> list[Json]:
        return list(_object(self._ask("GET", f"/v1/{noun}", params=query))[noun])

    def _streamed(self, path: str, params: Query) -> AbstractContextManager[httpx.Response]:
        return self._coming("GET", path, params=params)

    def _sent(self, path: str, body: Json) -> AbstractContextManager[httpx.Response]:
        return self._coming("POST", path, json=body)

    @contextmanager
    def _coming(
        self, method: str, path: str, *, params: Query | None = None, json: Json | None = None
    ) -> Iterator[httpx.Response]:
        try:
            with self._client.stream(method, path, params=params, json=json) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _said(answer)
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreached(error) from error

    def _unreached(self, error: Exception) -> Unavailable:
        why = str(error) or type(error).__name__
        return Unavailable(f"{self._client.base_url} cannot be reached ({why}); check --server.")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Json | None = None,
        params: Query | None = None,
        headers: Query | None = None,
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=json, params=params, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreached(error) from error
        if answer.is_success:
            return answer
        raise _said(answer)


@contextmanager
def remote(server: str, seconds: float = SECONDS) -> Iterator[Remote]:
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise Misconfigured(f"{TOKEN_VARIABLE} is not set; put the daemon's API token into it.")
    if not server.startswith(("http://", "https://")):
        raise Misconfigured(f"--server {server} is no address; it begins with https:// or http://.")
    # A header takes bytes as they are, whatever somebody has put into the variable.
    bearer = {b"Authorization": b"Bearer " + os.fsencode(token).strip()}
    with httpx.Client(base_url=server, headers=bearer, timeout=seconds) as client:
        yield Remote(client)


def _object(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable(f"{answer.url} answered {answer.status_code}, and not as syncd does; check --server.")
    return found


def _said(answer: httpx.Response) -> SyncdError:
    """The daemon's own sentence, as the error that ends in the same exit code as here."""
    if answer.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return Unavailable(f"{answer.url} answered {answer.status_code}, and not as syncd does; check --server.")
    told = _object(answer)
    sentence, code = str(told.get("detail", "")), str(told.get("code", ""))
    if code.startswith("SYN-FAR-") or (code.startswith("SYN-PAG-") and answer.status_code == 502):
        return SideError(sentence, status=answer.status_code)
    match answer.status_code:
        case 401:
            return Misconfigured(f"{sentence} See {TOKEN_VARIABLE}.")
        case 404:
            return NotFound(sentence)
        case 409:
            return Conflict(sentence)
        case status if status < 500 or code == "SYN-API-KEYS":
            return Misconfigured(sentence)
        case _:
            return Unavailable(sentence)
