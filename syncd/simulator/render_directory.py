"""How what changes rarely looks in REST answers: people, teams, services and escalation policies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from syncd.simulator.account import (
    Account,
    ContactMethod,
    Integration,
    Maintenance,
    NotificationRule,
    Policy,
    Service,
    SupportHours,
    Target,
    Team,
    User,
)
from syncd.simulator.asked import Json
from syncd.simulator.oncall import Duty
from syncd.simulator.render import (
    maybe_seconds,
    policy_reference,
    reference,
    seconds,
    service_reference,
    team_references,
    user_reference,
    whole,
)
from syncd.simulator.render_schedules import schedule_reference

Includes = Collection[str]  # what of include[] was asked for: without it a reference is given


def referred(record: Json) -> Json:
    """The reference to a record that has its type."""
    return {
        **{name: record.get(name) for name in ("id", "summary", "self", "html_url")},
        "type": f"{record['type']}_reference",
    }


def user(account: Account, it: User, include: Includes = ()) -> Json:
    kept = _kept(include)
    contacts = [contact_method(account, it, one) for one in it.contacts]
    rules = [notification_rule(account, it, one) for one in it.rules]
    return {
        **whole(account, "user", it.id, it.name),
        "name": it.name,
        "email": it.email,
        "role": it.role,
        "time_zone": it.zone,
        "color": "purple",
        "description": None,
        "job_title": None,
        "invitation_sent": it.is_invited,
        "created_via_sso": False,
        "teams": [kept("teams", team(account, one)) for one in account.teams_of(it.id)],
        "contact_methods": [kept("contact_methods", one) for one in contacts],
        "notification_rules": [kept("notification_rules", one) for one in rules],
    }


def _kept(include: Includes) -> Callable[[str, Json], Json]:
    return lambda name, record: record if name in include else referred(record)


def contact_method(account: Account, owner: User, it: ContactMethod) -> Json:
    shown = {
        "id": it.id,
        "type": f"{it.kind}_contact_method",
        "summary": it.label,
        "self": f"{account.api_url}/users/{owner.id}/contact_methods/{it.id}",
        "html_url": None,
        "label": it.label,
        "address": it.address,
    }
    if it.kind in ("phone", "sms"):
        return {**shown, "country_code": 1, "enabled": True, "blacklisted": False}
    if it.kind == "email":
        return {**shown, "send_short_email": False, "send_html_email": False}
    return {
        **shown,
        "device_type": "ios",
        "sounds": [],
        "blacklisted": False,
        "created_at": maybe_seconds(owner.created_at),
    }


def notification_rule(account: Account, owner: User, it: NotificationRule) -> Json:
    method = next(one for one in owner.contacts if one.id == it.contact_id)
    return {
        "id": it.id,
        "type": "assignment_notification_rule",
        "summary": f"{it.delay_minutes} minutes: channel {it.contact_id}",
        "self": f"{account.api_url}/users/{owner.id}/notification_rules/{it.id}",
        "html_url": None,
        "start_delay_in_minutes": it.delay_minutes,
        "contact_method": referred(contact_method(account, owner, method)),
        "urgency": it.urgency,
    }


def team(account: Account, it: Team) -> Json:
    return {
        **whole(account, "team", it.id, it.name),
        "name": it.name,
        "description": it.description,
        "default_role": "none" if it.is_private else "manager",
        "parent": None,
    }


def member(account: Account, user_id: str, role: str, include: Includes = ()) -> Json:
    found = account.users[user_id]
    return {"user": user(account, found) if "users" in include else user_reference(account, found), "role": role}


def target(account: Account, it: Target, include: Includes = ()) -> Json:
    if it.kind == "schedule":
        return schedule_reference(account, it.id)
    found = account.users[it.id]
    return user(account, found) if "targets" in include else user_reference(account, found)


def policy(account: Account, it: Policy, include: Includes = ()) -> Json:
    levels = [
        {
            "id": level.id,
            "escalation_delay_in_minutes": level.delay_minutes,
            "targets": [target(account, one, include) for one in level.targets],
        }
        for level in it.levels
    ]
    teams = [team(account, account.teams[one]) for one in it.team_ids]
    used_by = account.services_of(it.id)
    return {
        **whole(account, "escalation_policy", it.id, it.name),
        "name": it.name,
        "description": None,
        "escalation_rules": levels,
        "num_loops": it.loops,
        "on_call_handoff_notifications": "if_has_services",
        "services": [
            service(account, one) if "services" in include else service_reference(account, one.id) for one in used_by
        ],
        "teams": [_kept(include)("teams", one) for one in teams],
    }


def on_call(account: Account, it: Duty, include: Includes = ()) -> Json:
    found, of = account.users[it.user_id], account.policies[it.policy_id]
    return {
        "escalation_policy": policy(account, of)
        if "escalation_policies" in include
        else policy_reference(account, of.id),
        "escalation_level": it.level,
        "schedule": None if it.schedule_id is None else schedule_reference(account, it.schedule_id),
        "user": user(account, found) if "users" in include else user_reference(account, found),
        "start": maybe_seconds(it.start),
        "end": maybe_seconds(it.end),
    }


@dataclass(frozen=True, slots=True)
class Services:
    """Many are shown by one look over the account's incidents."""

    account: Account
    states: dict[str, set[str]]

    def shown(self, it: Service, include: Includes = ()) -> Json:
        account, kept = self.account, _kept(include)
        return {
            **whole(account, "service", it.id, it.name),
            "name": it.name,
            "description": it.description,
            "created_at": seconds(it.created_at),
            "status": it.state or _status(self.states.get(it.id, set())),
            "auto_resolve_timeout": it.auto_resolve_s,
            "acknowledgement_timeout": it.ack_timeout_s,
            "last_incident_timestamp": None,
            "escalation_policy": self._policy(it, include),
            "teams": [kept("teams", team(account, account.teams[one])) for one in it.team_ids],
            "integrations": [kept("integrations", integration(account, it, one)) for one in it.integrations],
            "alert_creation": "create_alerts_and_incidents",
            "incident_urgency_rule": _urgency_rule(it),
            "support_hours": None if it.support_hours is None else _support_hours(it.support_hours),
            "scheduled_actions": [],
        }

    def _policy(self, it: Service, include: Includes) -> Json | None:
        if not it.policy_id:
            return None
        found = self.account.policies.get(it.policy_id)
        if "escalation_policies" in include and found is not None:
            return policy(self.account, found)
        return policy_reference(self.account, it.policy_id)


def service(account: Account, it: Service, include: Includes = ()) -> Json:
    return Services(account, account.open_states()).shown(it, include)


def _status(states: set[str]) -> str:
    if "triggered" in states:
        return "critical"
    return "warning" if "acknowledged" in states else "active"


def _urgency_rule(it: Service) -> Json:
    if it.support_hours is None:
        return {"type": "constant", "urgency": it.urgency}
    during, outside = ({"type": "constant", "urgency": urgency} for urgency in ("high", "low"))
    return {"type": "use_support_hours", "during_support_hours": during, "outside_support_hours": outside}


def _support_hours(it: SupportHours) -> Json:
    return {
        "type": "fixed_time_per_day",
        "time_zone": it.zone,
        "days_of_week": list(it.days),
        "start_time": it.start,
        "end_time": it.end,
    }


def integration(account: Account, of: Service, it: Integration) -> Json:
    """Whole it shows its key, as PagerDuty does."""
    path = f"services/{of.id}/integrations/{it.id}"
    return {
        "id": it.id,
        "type": "events_api_v2_inbound_integration",
        "summary": it.name,
        "self": f"{account.api_url}/{path}",
        "html_url": f"{account.web_url}/{path}",
        "name": it.name,
        "service": service_reference(account, of.id),
        "created_at": seconds(of.created_at),
        "integration_key": it.key,
        "vendor": None,
    }


def maintenance(account: Account, it: Maintenance) -> Json:
    return {
        **reference(account, "maintenance_window", it.id, it.description),
        "type": "maintenance_window",
        "sequence_number": 1,
        "start_time": seconds(it.start),
        "end_time": seconds(it.end),
        "description": it.description,
        "created_by": None,
        "services": [service_reference(account, one) for one in it.service_ids],
        "teams": team_references(account, {t for s in it.service_ids for t in account.services[s].team_ids}),
    }
