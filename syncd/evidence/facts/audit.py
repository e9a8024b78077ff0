"""One line of an account's audit trail, as `GET /audit/records` gives it: who did what to which record. Values are not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .reading import Json, Unexpected, kind, mapping, moment, objects, text, text_or

CHANGED = "changed_fields"  # under which they stand in what is kept, without their values


@dataclass(frozen=True, slots=True)
class AuditRecord:
    id: str
    at: datetime
    action: str  # create, update or delete
    resource: str  # what kind of record: user, team, schedule, escalation_policy, service
    record: str  # its id
    actors: tuple[str, ...] = ()  # ids of users, or of keys
    method: str = ""  # browser, oauth, api_token, identity_provider or other
    fields: tuple[str, ...] = ()  # the names of what was changed


def audit_record_of(given: Json) -> AuditRecord:
    resource = mapping(given.get("root_resource"), "root_resource")
    method, details = given.get("method"), given.get("details")
    changed = objects(given, CHANGED) or (objects(details, "fields") if isinstance(details, Mapping) else None)
    return AuditRecord(
        id=text(given, "id"),
        at=moment(given, "execution_time"),
        action=text(given, "action"),
        resource=_kind(resource),
        record=text_or(resource, "id"),
        actors=tuple(text(one, "id") for one in objects(given, "actors") or () if one.get("id") is not None),
        method=text_or(method, "type") if isinstance(method, Mapping) else "",
        fields=tuple(text_or(one, "name") for one in changed or ()),
    )


def _kind(given: Json) -> str:
    try:
        return kind(given)
    except Unexpected:
        return ""
