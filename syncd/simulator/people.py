"""Acts of people in PagerDuty's own interface: the same behaviour as REST, without keys, budgets or refusals of keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncd.simulator import events, incidents, notes, render, statuses
from syncd.simulator.account import Incident, Key, Note, Subscription, User, Withheld
from syncd.simulator.asked import Json
from syncd.simulator.refusals import Unknown
from syncd.simulator.rest_subscriptions import subscribe
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
        with self.world.lock:
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
        with self.world.lock:
            it = self.find(incident)
            statuses.refuse_status(self.world, it, "acknowledged")
            statuses.acknowledge(self.world, it, self._agent(by))
            return it

    def unacknowledge(self, incident: str, by: str | None = None) -> Incident:
        """Without `by` the acknowledgement has run out."""
        with self.world.lock:
            it = self.find(incident)
            agent = self._agent(by) if by else statuses.timeout_agent(self.world, it)
            statuses.unacknowledge(self.world, it, agent)
            return it

    def resolve(self, incident: str, by: str | None = None, resolution_note: str | None = None) -> Incident:
        """A resolution note typed in the interface is an ordinary note, before or after by switch."""
        with self.world.lock:
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
        with self.world.lock:
            it = self.find(incident)
            statuses.refuse_status(self.world, it, status)
            if not it.is_open:
                statuses.reopen(self.world, it, self._agent(by), status)
            return it

    def priority(self, incident: str, priority: str | None, by: str | None = None) -> Incident:
        with self.world.lock:
            it = self.find(incident)
            incidents.set_priority(self.world, it, self._priority(priority) if priority else None, self._agent(by))
            return it

    def title(self, incident: str, title: str, by: str | None = None) -> Incident:
        with self.world.lock:
            it = self.find(incident)
            incidents.set_title(self.world, it, title, self._agent(by))
            return it

    def urgency(self, incident: str, urgency: str, by: str | None = None) -> Incident:
        with self.world.lock:
            it = self.find(incident)
            incidents.set_urgency(self.world, it, urgency, self._agent(by))
            return it

    def note(self, incident: str, text: str, by: str | None = None) -> Note:
        with self.world.lock:
            return notes.annotate(self.world, self.find(incident), text, self._agent(by))

    def edit_note(self, incident: str, note_id: str, text: str, by: str | None = None) -> Note:
        with self.world.lock:
            return notes.edit(self.world, self.find(incident), note_id, text, self._agent(by))

    def delete_note(self, incident: str, note_id: str, by: str | None = None) -> None:
        with self.world.lock:
            notes.delete(self.world, self.find(incident), note_id, self._agent(by))

    def merge(self, source: str, into: str, by: str | None = None) -> Incident:
        with self.world.lock:
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
        with self.world.lock:
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
        with self.world.lock:
            return subscribe(self.world, {"delivery_method": {"url": url}, "events": wanted, "filter": chosen})

    def add_secret(self, subscription: str) -> str:
        """From now on both the old and the new secret sign."""
        with self.world.lock:
            found = self.world.account.subscriptions.get(subscription)
            if found is None:
                raise Unknown(subscription)
            found.secrets.append(self.world.ids.secret())
            return found.secrets[-1]

    def drop_secret(self, subscription: str, secret: str) -> None:
        with self.world.lock:
            self.world.account.subscriptions[subscription].secrets.remove(secret)

    def deactivate(self, user: str) -> User:
        """Their keys die with them, and From no longer finds them."""
        return self._change(user, active=False)

    def set_role(self, user: str, role: str) -> User:
        return self._change(user, role=role)

    def _change(self, user: str, **changes: str | bool) -> User:
        with self.world.lock:
            changed = replace(self.who(user), **changes)  # type: ignore[arg-type]  # only the two calls above
            self.world.account.users[changed.id] = changed
            return changed

    def set_on_call(self, service: str, users: tuple[str, ...]) -> None:
        with self.world.lock:
            account = self.world.account
            policy = account.policies[account.services[service].policy_id]
            account.policies[policy.id] = replace(policy, on_call=tuple(self.who(user).id for user in users))

    def revoke(self, key: str) -> None:
        self._key(key, revoked=True)

    def restore(self, key: str) -> None:
        self._key(key, revoked=False)

    def withhold(self, key: str, withheld: Withheld) -> None:
        """From now on this key is refused that; another refusal of the same is forgotten."""
        with self.world.lock:
            found = self.key(key)
            found.withheld = [one for one in found.withheld if one.path != withheld.path] + [withheld]

    def grant(self, key: str, path: str) -> None:
        with self.world.lock:
            found = self.key(key)
            found.withheld = [one for one in found.withheld if one.path != path]

    def _key(self, key: str, *, revoked: bool) -> None:
        with self.world.lock:
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
