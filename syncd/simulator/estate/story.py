"""The story of one incident, told entry by entry as PagerDuty's log would have it; and what came of it, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.simulator.account import Account, Incident, LogEntry, Note, Service
from syncd.simulator.asked import Json
from syncd.simulator.ids import Ids
from syncd.simulator.notes import RESOLUTION_PREFIX
from syncd.simulator.render import seconds, service_reference, user_reference

WEBSITE: Json = {"type": "website"}
MOBILE: Json = {"type": "mobile"}
API: Json = {"type": "api"}
AUTO: Json = {"type": "auto"}
TIMEOUT: Json = {"type": "timeout"}
NOTIFICATIONS = ("push_notification", "phone_notification", "sms_notification", "email_notification")


@dataclass(slots=True)
class Story:
    """`at` is in seconds after the trigger."""

    account: Account
    ids: Ids
    incident: Incident
    people: tuple[str, ...]  # of the schedule that is called
    references: dict[str, Json]  # of people and services: the same for thousands of entries

    def when(self, at: int) -> datetime:
        return self.incident.created_at + timedelta(seconds=at)

    def entry(
        self, kind: str, at: int, agent: Json, channel: Json, note: str | None = None, more: Json | None = None
    ) -> None:
        when = self.when(at)
        self.incident.log.append(LogEntry(self.ids.log_entry(), f"{kind}_log_entry", when, agent, channel, note, more))
        self.incident.updated_at = max(self.incident.updated_at, when)

    def person(self, number: int = 0) -> Json:
        return self._reference(self.people[number % len(self.people)])

    @property
    def service(self) -> Json:
        return self._reference(self.incident.service_id)

    def _reference(self, of: str) -> Json:
        found = self.references.get(of)
        if found is None:
            user = self.account.users.get(of)
            found = service_reference(self.account, of) if user is None else user_reference(self.account, user)
            self.references[of] = found
        return found

    @property
    def integration(self) -> Json:
        of: Service = self.account.services[self.incident.service_id]
        found = self.references.get(f"{of.id}/integration")
        if found is None:
            first = of.integrations[0]
            found = {
                "id": first.id,
                "type": "events_api_v2_inbound_integration_reference",
                "summary": first.name,
                "self": f"{self.account.api_url}/services/{of.id}/integrations/{first.id}",
                "html_url": f"{self.account.web_url}/services/{of.id}/integrations/{first.id}",
            }
            self.references[f"{of.id}/integration"] = found
        return found

    def trigger(self) -> None:
        channel = {"type": "api", "summary": self.incident.title, "description": self.incident.title}
        self.entry("trigger", 0, self.integration, channel)
        self._assigned("assign", 0, 0, AUTO)
        self.notified(1)

    def notified(self, at: int, number: int = 0) -> None:
        kind = NOTIFICATIONS[(self.incident.number + number) % len(NOTIFICATIONS)]
        channel = {"type": "auto", "notification": {"type": kind, "address": None, "status": "success"}}
        self.entry("notify", at, self.service, channel, more={"user": self.person(number)})

    def _assigned(self, kind: str, at: int, number: int, channel: Json, agent: Json | None = None) -> None:
        to = self.people[number % len(self.people)]
        self.incident.assigned = [to]
        self.entry(kind, at, agent or self.service, channel, more={"assignees": [self._reference(to)]})

    def escalated(self, at: int, number: int = 1) -> None:
        self._assigned("escalate", at, number, TIMEOUT)
        self.notified(at + 1, number)

    def delegated(self, at: int, number: int = 1) -> None:
        self._assigned("delegate", at, number, WEBSITE, self.person())

    def acknowledged(self, at: int, number: int = 0, channel: Json = MOBILE) -> None:
        agent, it = self.person(number), self.incident
        timeout = self.account.services[it.service_id].ack_timeout_s
        self.entry("acknowledge", at, agent, channel, more={"acknowledgement_timeout": timeout})
        it.acknowledged_by.append((agent["id"], self.when(at)))
        self._changed("acknowledged", at, agent)

    def unacknowledged(self, at: int) -> None:
        self.incident.acknowledged_by.clear()
        self.entry("unacknowledge", at, self.service, {**TIMEOUT, "summary": "Unacknowledged by timeout"})
        self._changed("triggered", at, self.service)

    def snoozed(self, at: int, lasts: int) -> None:
        changed = [{"type": "unacknowledge", "at": seconds(self.when(at + lasts))}]
        self.entry("snooze", at, self.person(), {**WEBSITE, "duration": lasts}, more={"changed_actions": changed})

    def told(self, kind: str, at: int, number: int = 0) -> None:
        """An entry that has nothing but its kind."""
        self.entry(kind, at, self.person(number), WEBSITE)

    def by_time(self, kind: str, at: int) -> None:
        self.entry(kind, at, self.service, TIMEOUT)

    def noted(self, at: int, text: str) -> None:
        agent, when = self.person(), self.when(at)
        self.incident.notes.append(Note(self.ids.record(), agent, text, when, when))
        self.entry("annotate", at, agent, {"type": "note", "summary": text, "content": text})

    def resolved(self, at: int, agent: Json | None = None, channel: Json = WEBSITE, note: str | None = None) -> None:
        it, by = self.incident, agent or self.person()
        it.assigned, it.resolved_at = [], self.when(at)
        it.acknowledged_by.clear()
        self.entry("resolve", at, by, channel, note)
        self._changed("resolved", at, by)

    def written_up(self, at: int) -> None:
        self.noted(at, f"{RESOLUTION_PREFIX}the cause was found and removed")

    def reopened(self, at: int) -> None:
        it = self.incident
        it.resolved_at, it.reopened_at = None, self.when(at)
        it.assigned = [self.people[0]]
        self.entry("trigger", at, self.person(), {"type": "web_trigger", "summary": it.title, "details": None})
        self._changed("triggered", at, self.person())

    def _changed(self, status: str, at: int, by: Json) -> None:
        it = self.incident
        it.status, it.last_status_change_at, it.last_status_change_by = status, self.when(at), by
