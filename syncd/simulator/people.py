"""Acts of people in PagerDuty's own interface: the same behaviour as REST, without keys, budgets or refusals of keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from syncd.simulator import events, incidents, notes, render, statuses
from syncd.simulator.account import Incident, Key, Note, Service, Subscription, User, Withheld, direct
from syncd.simulator.asked import Json
from syncd.simulator.audit import AuditRecord, Changed
from syncd.simulator.refusals import Unknown
from syncd.simulator.rest_subscriptions import subscribe
from syncd.simulator.schedules import Override
from syncd.simulator.world import World


@dataclass(slots=True)
class People:
    """`by` is a name, an e-mail address or an id; None is automation, which has no agent."""

    world: World

    def open(
        self,
        title: str,
        by: str | None = None,
        *,
        service: str | None = None,
        incident_key: str | None = None,
        priority: str | None = None,
        from_events: bool = False,
    ) -> Incident:
        with self.world.hands():
            account = self.world.account
            chosen = service or next(iter(account.services))
            opening = incidents.Opening(
                title,
                chosen,
                incident_key=incident_key,
                priority_id=self._priority(priority) if priority else None,
                from_events=from_events,
            )
            return incidents.open_incident(self.world, opening, self._agent(by))

    def acknowledge(self, incident: str, by: str | None = None) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            statuses.refuse_status(self.world, it, "acknowledged")
            statuses.acknowledge(self.world, it, self._agent(by))
            return it

    def unacknowledge(self, incident: str, by: str | None = None) -> Incident:
        """Without `by` the acknowledgement has run out."""
        with self.world.hands():
            it = self.find(incident)
            agent = self._agent(by) if by else statuses.timeout_agent(self.world, it)
            statuses.unacknowledge(self.world, it, agent)
            return it

    def resolve(self, incident: str, by: str | None = None, resolution_note: str | None = None) -> Incident:
        """A resolution note typed in the interface is an ordinary note, before or after by switch."""
        with self.world.hands():
            it, agent = self.find(incident), self._agent(by)
            note_first = self.world.switches.resolution_note_first
            if resolution_note and note_first:
                notes.annotate(self.world, it, notes.RESOLUTION_PREFIX + resolution_note, agent)
            if it.is_open:
                statuses.resolve(self.world, it, agent)
            if resolution_note and not note_first:
                notes.annotate(self.world, it, notes.RESOLUTION_PREFIX + resolution_note, agent)
            return it

    def reopen(self, incident: str, by: str | None = None, status: str = "triggered") -> Incident:
        with self.world.hands():
            it = self.find(incident)
            statuses.refuse_status(self.world, it, status)
            if not it.is_open:
                statuses.reopen(self.world, it, self._agent(by), status)
            return it

    def priority(self, incident: str, priority: str | None, by: str | None = None) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            incidents.set_priority(self.world, it, self._priority(priority) if priority else None, self._agent(by))
            return it

    def title(self, incident: str, title: str, by: str | None = None) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            incidents.set_title(self.world, it, title, self._agent(by))
            return it

    def urgency(self, incident: str, urgency: str, by: str | None = None) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            incidents.set_urgency(self.world, it, urgency, self._agent(by))
            return it

    def note(self, incident: str, text: str, by: str | None = None) -> Note:
        with self.world.hands():
            return notes.annotate(self.world, self.find(incident), text, self._agent(by))

    def edit_note(self, incident: str, note_id: str, text: str, by: str | None = None) -> Note:
        with self.world.hands():
            return notes.edit(self.world, self.find(incident), note_id, text, self._agent(by))

    def delete_note(self, incident: str, note_id: str, by: str | None = None) -> None:
        with self.world.hands():
            notes.delete(self.world, self.find(incident), note_id, self._agent(by))

    def merge(self, source: str, into: str, by: str | None = None) -> Incident:
        with self.world.hands():
            target = self.find(into)
            incidents.merge(self.world, target, [self.find(source)], self._agent(by))
            return target

    def happen(
        self,
        event_type: str,
        incident: str,
        by: str | None = None,
        data: Json | None = None,
        *,
        is_forged: bool = False,
    ) -> None:
        """Send any event about an incident, known to us or not, without changing anything; forged: not even by PagerDuty."""
        with self.world.hands():
            it = self.find(incident)
            shown = data if data is not None else self._data(event_type, it, by)
            incidents.tell_data(self.world, event_type, it, shown, self._agent(by), is_forged=is_forged)

    def _data(self, event_type: str, it: Incident, by: str | None) -> Json:
        account, kind = self.world.account, events.DATA_TYPES.get(event_type, "incident")
        if kind == "incident_responder" and by is not None:
            return events.responder_data(account, it, self.who(by).id, "Please help", "pending")
        if kind == "incident_status_update":
            return events.status_update_data(account, it, self.world.ids.record(), "We are looking into it")
        if kind == "incident_conference_bridge":
            return events.bridge_data(account, it)
        if kind == "service":
            return events.service_data(account, account.services[it.service_id])
        return events.incident_data(account, it)

    def subscribe(
        self, url: str, *, service: str | None = None, event_types: tuple[str, ...] | None = None
    ) -> Subscription:
        """For every event of the account, or of one service."""
        chosen = {"type": "service_reference", "id": service} if service else {"type": "account_reference"}
        wanted = list(event_types or events.DATA_TYPES)
        with self.world.hands():
            return subscribe(self.world, {"delivery_method": {"url": url}, "events": wanted, "filter": chosen})

    def add_secret(self, subscription: str) -> str:
        """From now on both the old and the new secret sign."""
        with self.world.hands():
            found = self.world.account.subscriptions.get(subscription)
            if found is None:
                raise Unknown(subscription)
            found.secrets.append(self.world.ids.secret())
            return found.secrets[-1]

    def drop_secret(self, subscription: str, secret: str) -> None:
        with self.world.hands():
            self.world.account.subscriptions[subscription].secrets.remove(secret)

    def deactivate(self, user: str) -> User:
        """Their keys die with them, and From no longer finds them."""
        return self._change(user, active=False)

    def set_role(self, user: str, role: str) -> User:
        return self._change(user, role=role)

    def _change(self, user: str, **changes: str | bool) -> User:
        with self.world.hands():
            before = self.who(user)
            changed = replace(before, **changes)  # type: ignore[arg-type]  # only the two calls above
            self.world.account.users[changed.id] = changed
            fields = tuple(Changed(name, str(value), str(getattr(before, name))) for name, value in changes.items())
            self._audited("user", changed.id, changed.name, fields)
            return changed

    def _audited(self, kind: str, record_id: str, summary: str, fields: tuple[Changed, ...]) -> None:
        """What people change of the configuration stands in the account's audit trail."""
        ids, now = self.world.ids, self.world.now()
        self.world.account.audit.append(AuditRecord(ids.log_entry(), now, "update", kind, record_id, summary, fields))
        self.world.revision += 1

    def set_on_call(self, service: str, users: tuple[str, ...]) -> None:
        with self.world.hands():
            account = self.world.account
            policy = account.policies[account.services[service].policy_id]
            named = direct(policy.id, policy.name, (self.who(user).id for user in users))
            account.policies[policy.id] = replace(policy, levels=named.levels)
            self._audited("escalation_policy", policy.id, policy.name, (Changed("escalation_rules"),))

    def change_service(
        self, service: str, by: str | None = None, *, name: str | None = None, state: str | None = None
    ) -> Service:
        """Another name moves it to another page of the list; its state is disabled, maintenance, or empty: in use."""
        with self.world.hands():
            account = self.world.account
            before = account.services.get(service)
            if before is None or state not in (None, "", "disabled", "maintenance"):
                raise Unknown(f"There is no service {service}, or no state {state}.")
            changed = replace(
                before, name=before.name if name is None else name, state=before.state if state is None else state
            )
            account.services[service] = changed
            given = (
                ("name", before.name, changed.name),
                ("status", before.state or "active", changed.state or "active"),
            )
            fields = tuple(Changed(what, now, then) for what, then, now in given if then != now)
            self._audited("service", service, changed.name, fields)
            self.world.announce(
                "service.updated",
                events.service_data(account, changed),
                agent=self._agent(by),
                resource=service,
                service_id=service,
            )
            return changed

    def override(self, schedule: str, user: str, start: datetime, end: datetime) -> Override:
        """Somebody takes over for a time on a layer-based schedule."""
        with self.world.hands():
            found = self.world.account.schedules.get(schedule)
            if found is None:
                raise Unknown(f"There is no layer-based schedule {schedule}.")
            made = Override(self.world.ids.record(), self.who(user).id, start, end)
            found.overrides.append(made)
            self._audited("schedule", found.id, found.name, (Changed("overrides"),))
            return made

    def escalate(self, incident: str, by: str | None = None) -> Incident:
        """Without `by` its level has run out of time."""
        with self.world.hands():
            it = self.find(incident)
            incidents.escalate(self.world, it, self._agent(by))
            return it

    def delegate(self, incident: str, policy: str, by: str | None = None) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            if policy not in self.world.account.policies:
                raise Unknown(f"There is no escalation policy {policy}.")
            incidents.delegate(self.world, it, policy, self._agent(by))
            return it

    def notify(self, incident: str, user: str) -> Incident:
        with self.world.hands():
            it = self.find(incident)
            incidents.notify(self.world, it, self.who(user).id)
            return it

    def bind(self, key: str, teams: tuple[str, ...]) -> None:
        """From now on the key sees what belongs to these teams; without teams it is not bound any more."""
        with self.world.hands():
            if strange := set(teams) - set(self.world.account.teams):
                raise Unknown(f"There is no team {', '.join(sorted(strange))}.")
            self.key(key).team_ids = teams
            self.world.revision += 1

    def revoke(self, key: str) -> None:
        self._key(key, revoked=True)

    def restore(self, key: str) -> None:
        self._key(key, revoked=False)

    def withhold(self, key: str, withheld: Withheld) -> None:
        """From now on this key is refused that; another refusal of the same is forgotten."""
        with self.world.hands():
            found = self.key(key)
            found.withheld = [one for one in found.withheld if one.path != withheld.path] + [withheld]

    def grant(self, key: str, path: str) -> None:
        with self.world.hands():
            found = self.key(key)
            found.withheld = [one for one in found.withheld if one.path != path]

    def _key(self, key: str, *, revoked: bool) -> None:
        with self.world.hands():
            self.key(key).revoked = revoked

    def key(self, key: str) -> Key:
        found = self.world.account.keys.get(key)
        if found is None:
            raise Unknown("There is no such key.")
        return found

    def find(self, incident: str) -> Incident:
        found = self.world.account.incident(incident)
        if found is None:
            raise Unknown(f"There is no incident {incident}.")
        return found

    def who(self, by: str) -> User:
        found = self.world.account.user(by)
        if found is None:
            raise Unknown(f"There is no user {by}.")
        return found

    def _agent(self, by: str | None) -> Json | None:
        return None if by is None else render.user_reference(self.world.account, self.who(by))

    def _priority(self, reference: str) -> str:
        found = self.world.account.priority(reference)
        if found is None:
            raise Unknown(f"There is no priority {reference}.")
        return found.id
