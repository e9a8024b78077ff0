"""The simulated REST API v2: a table of routes, and the checks that every request passes in PagerDuty's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.simulator import events_api
from syncd.simulator import rest_directory as directory
from syncd.simulator import rest_evidence as evidence
from syncd.simulator import rest_incidents as incidents
from syncd.simulator import rest_notes as notes
from syncd.simulator import rest_oncalls as oncalls
from syncd.simulator import rest_people as people
from syncd.simulator import rest_schedules as schedules
from syncd.simulator import rest_shifts as shifts
from syncd.simulator import rest_subscriptions as subscriptions
from syncd.simulator.account import Key
from syncd.simulator.asked import Answer, Asked, NotJson
from syncd.simulator.budgets import Budgets, Standing
from syncd.simulator.callers import Caller, key_of, refuse_missing_scope, refuse_read_only, refuse_withheld, spend
from syncd.simulator.oauth import Authority
from syncd.simulator.refusals import Refused, invalid, not_found
from syncd.simulator.rest_subscriptions import Pings
from syncd.simulator.routing import Route, find, route
from syncd.simulator.world import World

Handler = Callable[[Caller], Answer]


ROUTES: tuple[Route[Handler], ...] = (
    route("GET", "/incidents", incidents.index),
    route("POST", "/incidents", incidents.create),
    route("PUT", "/incidents", incidents.update_many),
    route("GET", "/incidents/{id}", incidents.show),
    route("PUT", "/incidents/{id}", incidents.update),
    route("PUT", "/incidents/{id}/merge", incidents.merge),
    route("POST", "/incidents/{id}/snooze", incidents.snooze),
    route("GET", "/incidents/{id}/alerts", incidents.alerts),
    route("POST", "/incidents/{id}/status_updates", incidents.status_update),
    route("GET", "/incidents/{id}/notes", notes.index),
    route("POST", "/incidents/{id}/notes", notes.create),
    route("PUT", "/incidents/{id}/notes/{note_id}", notes.update),
    route("DELETE", "/incidents/{id}/notes/{note_id}", notes.delete),
    route("GET", "/incidents/{id}/log_entries", notes.log_of_incident),
    route("GET", "/log_entries", notes.log),
    route("GET", "/log_entries/{id}", notes.log_entry),
    route("PUT", "/log_entries/{id}/channel", notes.rewrite_channel),
    route("GET", "/priorities", directory.priorities),
    route("GET", "/abilities", directory.abilities),
    route("GET", "/abilities/{id}", directory.ability),
    route("GET", "/services", directory.services),
    route("GET", "/services/{id}", directory.service),
    route("GET", "/escalation_policies", directory.policies),
    route("GET", "/escalation_policies/{id}", directory.policy),
    route("GET", "/maintenance_windows", directory.maintenance_windows),
    route("GET", "/oncalls", oncalls.on_calls),
    route("GET", "/schedules", schedules.index),
    route("GET", "/schedules/{id}", schedules.show),
    route("GET", "/schedules/{id}/overrides", schedules.overrides),
    route("GET", "/schedules/{id}/users", schedules.users),
    route("GET", "/v3/schedules", shifts.index),
    route("GET", "/v3/schedules/{id}", shifts.show),
    route("GET", "/v3/schedules/{id}/rotations", shifts.rotations),
    route("GET", "/v3/schedules/{id}/rotations/{rotation_id}", shifts.rotation),
    route("GET", "/v3/schedules/{id}/rotations/{rotation_id}/events", shifts.events),
    route("GET", "/v3/schedules/{id}/overrides", shifts.overrides),
    route("GET", "/v3/schedules/{id}/custom_shifts", shifts.custom_shifts),
    route("GET", "/teams", people.teams),
    route("GET", "/teams/{id}", people.team),
    route("GET", "/teams/{id}/members", people.members),
    route("GET", "/users", people.users),
    route("GET", "/users/me", people.me),
    route("GET", "/users/{id}", people.user),
    route("GET", "/users/{id}/oauth_delegations", evidence.delegations),
    route("GET", "/audit/records", evidence.audit_records),
    route("GET", "/licenses", evidence.licences),
    route("GET", "/license_allocations", evidence.licence_allocations),
    route("GET", "/webhook_subscriptions", subscriptions.index),
    route("POST", "/webhook_subscriptions", subscriptions.create),
    route("GET", "/webhook_subscriptions/{id}", subscriptions.show),
    route("PUT", "/webhook_subscriptions/{id}", subscriptions.update),
    route("DELETE", "/webhook_subscriptions/{id}", subscriptions.delete),
    route("POST", "/webhook_subscriptions/{id}/enable", subscriptions.enable),
)


@dataclass(slots=True)
class Rest:
    world: World
    pings: Pings
    budgets: Budgets = field(default_factory=Budgets)
    routes: tuple[Route[Handler], ...] = field(init=False, repr=False)
    authority: Authority = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.authority = Authority(self.world)
        self.routes = (*ROUTES, route("POST", "/webhook_subscriptions/{id}/ping", self._ping))

    @property
    def revision(self) -> int:
        return self.world.revision

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        with self.world.lock:
            self.world.later.add(self.world.now() + timedelta(seconds=seconds), act)

    def catch_up(self) -> None:
        with self.world.lock:
            self.world.later.run(self.world.now())

    def next_due(self) -> datetime | None:
        with self.world.lock:
            return self.world.later.next_due()

    def respond(self, asked: Asked) -> Answer:
        with self.world.lock:
            try:
                return self.authority.respond(asked) or self._checked(asked)
            except Refused as refused:
                return refused.answer()

    def _checked(self, asked: Asked) -> Answer:
        """Known, within budget, allowed to write, existing: in this order. Events name their key in the body."""
        if asked.path == events_api.PATH:
            return events_api.enqueue(self.world, self.budgets, asked)
        key = key_of(self.world, asked)
        standing = spend(self.world, self.budgets, asked, key)
        if standing.is_over:
            return self._with_limits(Refused(429, 2020).answer(), standing)
        try:
            said = self._routed(asked, key)
        except NotJson:
            said = invalid("The body must be a JSON object.").answer()
        except Refused as refused:
            said = refused.answer()
        return self._with_limits(said, standing)

    def _routed(self, asked: Asked, key: Key) -> Answer:
        refuse_read_only(key, asked.method)
        refuse_withheld(key, asked.path)
        found = find(self.routes, asked)
        if found is None:
            raise not_found()
        handler, path = found
        refuse_missing_scope(key, asked)
        return handler(Caller(self.world, asked, key, path))

    def _with_limits(self, said: Answer, standing: Standing) -> Answer:
        return said.with_headers(standing.headers()) if self.world.switches.limit_headers else said

    def _ping(self, caller: Caller) -> Answer:
        return subscriptions.ping(caller, self.pings)
