"""The control acts that only PagerDuty has: people, incidents, users, keys, subscriptions and the whole state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncd.simulator import render, render_directory
from syncd.simulator.account import Account, Incident, Withheld
from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.control import PREFIX, Act
from syncd.simulator.estate import Manifest
from syncd.simulator.paging import moment
from syncd.simulator.people import People
from syncd.simulator.refusals import Refused, Unknown
from syncd.simulator.routing import Route, route

Doing = Callable[[str, Json], Json]


@dataclass(frozen=True, slots=True)
class Acts:
    people: People
    manifest: Manifest | None = None

    def routes(self) -> tuple[Route[Act], ...]:
        return (
            route("GET", f"{PREFIX}/state", self._state),
            route("GET", f"{PREFIX}/manifest", self._manifest),
            route("POST", f"{PREFIX}/incidents", self._open),
            route("GET", f"{PREFIX}/incidents/{{id}}", self._seen),
            route("GET", f"{PREFIX}/keys/{{id}}", self._key),
            *(route("POST", f"{PREFIX}/incidents/{{id}}/{verb}", _act(do)) for verb, do in self._verbs().items()),
            *(route("POST", f"{PREFIX}/users/{{id}}/{verb}", _act(do)) for verb, do in self._user_verbs().items()),
            *(route("POST", f"{PREFIX}/keys/{{id}}/{verb}", _act(do)) for verb, do in self._key_verbs().items()),
            route("POST", f"{PREFIX}/services/{{id}}/oncall", _act(self._on_call)),
            route("POST", f"{PREFIX}/services/{{id}}/change", _act(self._change_service)),
            route("POST", f"{PREFIX}/schedules/{{id}}/override", _act(self._override)),
            route("POST", f"{PREFIX}/subscriptions", self._subscribe),
            route("POST", f"{PREFIX}/subscriptions/{{id}}/secrets", _act(self._add_secret)),
        )

    def _verbs(self) -> dict[str, Doing]:
        people, shown = self.people, self._incident
        return {
            "acknowledge": lambda i, b: shown(people.acknowledge(i, b.get("by"))),
            "unacknowledge": lambda i, b: shown(people.unacknowledge(i, b.get("by"))),
            "resolve": lambda i, b: shown(people.resolve(i, b.get("by"), b.get("resolution_note"))),
            "reopen": lambda i, b: shown(people.reopen(i, b.get("by"), b.get("status", "triggered"))),
            "priority": lambda i, b: shown(people.priority(i, b["priority"], b.get("by"))),
            "title": lambda i, b: shown(people.title(i, b["title"], b.get("by"))),
            "urgency": lambda i, b: shown(people.urgency(i, b["urgency"], b.get("by"))),
            "note": lambda i, b: {"note": render.note(people.note(i, b["text"], b.get("by")))},
            "edit-note": lambda i, b: {"note": render.note(people.edit_note(i, b["note_id"], b["text"], b.get("by")))},
            "delete-note": self._delete_note,
            "escalate": lambda i, b: shown(people.escalate(i, b.get("by"))),
            "delegate": lambda i, b: shown(people.delegate(i, b["policy"], b.get("by"))),
            "notify": lambda i, b: shown(people.notify(i, b["user"])),
            "merge": lambda i, b: shown(people.merge(i, b["into"], b.get("by"))),
            "event": self._event,
        }

    def _user_verbs(self) -> dict[str, Doing]:
        account, people = self.people.world.account, self.people
        return {
            "deactivate": lambda i, _: {"user": render_directory.user(account, people.deactivate(i))},
            "role": lambda i, b: {"user": render_directory.user(account, people.set_role(i, b["role"]))},
        }

    def _key_verbs(self) -> dict[str, Doing]:
        return {
            "revoke": self._revoke,
            "restore": self._restore,
            "withhold": self._withhold,
            "grant": self._grant,
            "bind": self._bind,
        }

    def _open(self, asked: Asked, _path: dict[str, str]) -> Answer:
        b = asked.json()
        made = self.people.open(
            b["title"],
            b.get("by"),
            service=b.get("service"),
            incident_key=b.get("incident_key"),
            priority=b.get("priority"),
            from_events=b.get("from_events", False),
        )
        return answer(201, self._incident(made))

    def _manifest(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        if self.manifest is None:
            raise Unknown("Nothing was planted in this account; `syncd sim --evidence` makes one with known faults.")
        return answer(200, self.manifest.shown())

    def _seen(self, _asked: Asked, path: dict[str, str]) -> Answer:
        """As people see it in PagerDuty's own interface, whatever befalls the requests of programs."""
        with self.people.world.lock:
            return answer(200, {"incident": _whole(self.people.world.account, self.people.find(path["id"]))})

    def _key(self, _asked: Asked, path: dict[str, str]) -> Answer:
        key = self.people.key(path["id"])
        return answer(200, {"key": {"kind": key.kind, "revoked": key.revoked}})

    def _incident(self, it: Incident) -> Json:
        return {"incident": render.incident(self.people.world.account, it)}

    def _delete_note(self, incident: str, body: Json) -> Json:
        self.people.delete_note(incident, body["note_id"], body.get("by"))
        return {}

    def _event(self, incident: str, body: Json) -> Json:
        is_forged = body.get("forged") is True
        self.people.happen(body["event_type"], incident, body.get("by"), body.get("data"), is_forged=is_forged)
        return {}

    def _revoke(self, key: str, _body: Json) -> Json:
        self.people.revoke(key)
        return {}

    def _restore(self, key: str, _body: Json) -> Json:
        self.people.restore(key)
        return {}

    def _withhold(self, key: str, body: Json) -> Json:
        scopes = body.get("required_scopes", ""), body.get("token_scopes", "")
        self.people.withhold(key, Withheld(body["path"], body.get("status", 403), *scopes))
        return {}

    def _grant(self, key: str, body: Json) -> Json:
        self.people.grant(key, body["path"])
        return {}

    def _bind(self, key: str, body: Json) -> Json:
        self.people.bind(key, tuple(body["teams"]))
        return {}

    def _change_service(self, service: str, body: Json) -> Json:
        changed = self.people.change_service(service, body.get("by"), name=body.get("name"), state=body.get("state"))
        return {"service": render_directory.service(self.people.world.account, changed)}

    def _override(self, schedule: str, body: Json) -> Json:
        start, end = (moment(body[name]) for name in ("start", "end"))
        if start is None or end is None or end <= start:
            raise Refused(400, 2004)
        return {"id": self.people.override(schedule, body["user"], start, end).id}

    def _on_call(self, service: str, body: Json) -> Json:
        self.people.set_on_call(service, tuple(body["users"]))
        return {}

    def _subscribe(self, asked: Asked, _path: dict[str, str]) -> Answer:
        body = asked.json()
        wanted = tuple(body["events"]) if body.get("events") else None
        made = self.people.subscribe(body["url"], service=body.get("service"), event_types=wanted)
        return answer(201, {"id": made.id, "secret": made.secrets[0]})

    def _add_secret(self, subscription: str, _body: Json) -> Json:
        return {"secret": self.people.add_secret(subscription)}

    def _state(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        world = self.people.world
        with world.lock:
            account = world.account
            return answer(
                200,
                {
                    "revision": world.revision,
                    "users": [
                        {**render_directory.user(account, it), "active": it.active} for it in account.users.values()
                    ],
                    "services": [render_directory.service(account, it) for it in account.services.values()],
                    "priorities": [render.priority(account, it) for it in account.priorities.values()],
                    "incidents": [_whole(world.account, it) for it in account.incidents.values()],
                    "subscriptions": [render.subscription(it, world.now()) for it in account.subscriptions.values()],
                },
            )


def _whole(account: Account, it: Incident) -> Json:
    return {
        **render.incident(account, it),
        "notes": [render.note(each) for each in it.notes],
        "log_entries": [render.log_entry(account, it, each) for each in it.log],
    }


def _act(do: Doing) -> Act:
    return lambda asked, path: answer(200, do(path["id"], asked.json()))
