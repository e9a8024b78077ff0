"""The case desk's HTTP API: syncd's own case API, spoken by somebody else."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.simulator.asked import Answer, Asked, Json, NotJson, answer
from syncd.simulator.cases import STATUSES, Case, CaseRefused, Cases, Comment, NoSuchCase, WrongInput, iso
from syncd.simulator.later import Later
from syncd.simulator.routing import Route, find, route
from syncd.simulator.switches import DeskSwitches

MOST = 100

Handler = Callable[[Asked, str], Answer]  # the request and the key of its case
Change = Callable[[str, str, Json], Case]  # key, by, body


def shown(case: Case) -> Json:
    return {
        "key": case.key,
        "title": case.title,
        "body": case.body,
        "connector": case.connector,
        "service": case.service,
        "status": case.status,
        "priority": case.priority,
        "source": case.source,
        "team": case.team,
        "labels": list(case.labels),
        "resolution_note": case.resolution_note,
        "incident_url": case.incident_url,
        "url": case.url,
        "version": case.version,
        "created_at": case.timeline[0]["at"],
        "updated_at": iso(case.updated_at),
        "comments": [_comment(each) for each in case.comments],
        "timeline": list(case.timeline),
    }


def _comment(it: Comment) -> Json:
    return {"id": it.id, "text": it.text, "author": it.author, "at": iso(it.at)}


def _by(body: Json) -> str:
    return str(body.get("by") or "api")


@dataclass(slots=True)
class DeskApi:
    """The behaviour behind the desk's door."""

    cases: Cases
    switches: DeskSwitches
    token: str = field(repr=False)
    later: Later = field(default_factory=Later)
    remembered: dict[str, Answer] = field(default_factory=dict, repr=False)  # by idempotency key
    routes: tuple[Route[Handler], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cases = self.cases
        changes: dict[str, Change] = {
            "acknowledge": lambda key, by, _: cases.acknowledge(key, by),
            "resolve": lambda key, by, body: cases.resolve(key, by, body.get("note")),
            "close": lambda key, by, _: cases.close(key, by),
            "reopen": lambda key, by, _: cases.reopen(key, by),
            "priority": lambda key, by, body: cases.set_priority(key, by, body.get("priority")),
            "resolution-note": lambda key, by, body: cases.set_resolution_note(key, by, body.get("text")),
            "incident-url": lambda key, by, body: cases.set_incident_url(key, by, body.get("url")),
        }
        self.routes = (
            route("POST", "/v1/cases", self._open),
            route("GET", "/v1/cases", self._list),
            route("GET", "/v1/cases/{key}", self._show),
            route("GET", "/v1/names", self._names),
            route("POST", "/v1/cases/{key}/comments", self._comments),
            *(route("POST", f"/v1/cases/{{key}}/{verb}", self._change(change)) for verb, change in changes.items()),
        )

    @property
    def revision(self) -> int:
        return self.cases.changes

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        with self.cases.lock:
            self.later.add(self.cases.clock.now() + timedelta(seconds=seconds), act)

    def catch_up(self) -> None:
        with self.cases.lock:
            self.later.run(self.cases.clock.now())

    def next_due(self) -> datetime | None:
        with self.cases.lock:
            return self.later.next_due()

    def respond(self, asked: Asked) -> Answer:
        with self.cases.lock:
            if not self._is_known(asked):
                return _error(401, "The bearer token is missing or wrong.")
            found = find(self.routes, asked)
            if found is None:
                return _error(404, "There is nothing here.")
            handler, path = found
            return _guarded(lambda: handler(asked, path.get("key", "")))

    def _is_known(self, asked: Asked) -> bool:
        given = (asked.header("authorization") or "").encode()
        return not self.switches.token_revoked and hmac.compare_digest(given, f"Bearer {self.token}".encode())

    def _open(self, asked: Asked, _key: str) -> Answer:
        body = asked.json()

        def made() -> Answer:
            case = self.cases.open(
                body.get("title"),
                _by(body),
                priority=body.get("priority"),
                body=body.get("body"),
                connector=body.get("connector"),
                source=body.get("source"),
                team=body.get("team"),
                labels=body.get("labels"),
                service=body.get("service"),
            )
            return answer(201, shown(case))

        return self._once(asked, made)

    def _comments(self, asked: Asked, key: str) -> Answer:
        body = asked.json()
        return self._once(asked, lambda: answer(201, _comment(self.cases.comment(key, _by(body), body.get("text")))))

    def _once(self, asked: Asked, act: Callable[[], Answer]) -> Answer:
        """Without the switch the key means nothing, and a repeated request is a second one."""
        token = asked.header("idempotency-key") if self.switches.idempotent else None
        if token is None:
            return act()
        if token not in self.remembered:
            self.remembered[token] = act()
        return self.remembered[token]

    def _list(self, asked: Asked, _key: str) -> Answer:
        given = asked.one("changed_since") or "0"
        if not given.isdecimal():
            raise WrongInput("changed_since must be a cursor that an earlier answer gave.")
        found = self.cases.changed_since(int(given))
        page = found[:MOST]
        cursor = page[-1].changed if page else int(given)
        return answer(200, {"cases": [shown(it) for it in page], "cursor": str(cursor), "more": len(found) > MOST})

    def _names(self, _asked: Asked, _key: str) -> Answer:
        if not self.switches.tells_names:
            return _error(404, "There is nothing here.")
        return answer(200, {"statuses": list(STATUSES), "priorities": list(self.cases.priorities)})

    def _show(self, _asked: Asked, key: str) -> Answer:
        return answer(200, shown(self.cases.find(key)))

    def _change(self, change: Change) -> Handler:
        def handler(asked: Asked, key: str) -> Answer:
            body = asked.json()
            try:
                return answer(200, shown(change(key, _by(body), body)))
            except CaseRefused:
                if not self.switches.silent_refusal:
                    raise
                return answer(200, shown(self.cases.find(key)))

        return handler


def _guarded(act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except NotJson:
        return _error(400, "The body must be a JSON object.")
    except WrongInput as error:
        return _error(400, str(error))
    except NoSuchCase as error:
        return _error(404, f"There is no case {error}.")
    except CaseRefused as error:
        return _error(409, str(error))


def _error(status: int, sentence: str) -> Answer:
    body: Json = {"error": sentence}
    return answer(status, body)
