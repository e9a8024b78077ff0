"""Courses that are one list each: services, escalation policies, users."""

from __future__ import annotations

from syncd.evidence.facts.policies import Policy, policy_of
from syncd.evidence.facts.services import Service, service_of
from syncd.evidence.facts.users import User, user_of

from .paging import Kind, Row, listed
from .request import Course, Gathered, Request


def services() -> Course[Gathered[Service]]:
    """Integrations come as references, which is enough to count them, and tells no key."""
    return (yield from _all(Kind(Request("/services"), "services", service_of)))


def policies() -> Course[Gathered[Policy]]:
    return (yield from _all(Kind(Request("/escalation_policies"), "escalation_policies", policy_of)))


def users() -> Course[Gathered[User]]:
    """Contact methods come as references, which tell their kinds and no address; only of a rule a reference says too little."""
    request = Request("/users", (("include[]", "notification_rules"),))
    return (yield from _all(Kind(request, "users", user_of)))


def _all(kind: Kind[Row]) -> Course[Gathered[Row]]:
    found = yield from listed(kind)
    return Gathered(tuple(found.rows.values()), found.missing)
