"""What is left out of an answer before it is kept: addresses, numbers, keys, and what people wrote. Facts need none of it.

Of people names, roles and the kinds of their contact methods are left, and a digest in the place of the address they sign in with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from syncd.evidence.facts.audit import CHANGED
from syncd.evidence.facts.incidents import RESOLUTION_NOTE
from syncd.evidence.facts.users import DIGEST

LEFT_OUT = "[left out]"

Digest = Callable[[str], str]
_Given = Mapping[str, Any]

_ADDRESS = re.compile(r"[^\s<>\"'(),;:@]+@[^\s<>\"'(),;:@]+")
_NUMBER = re.compile(r"(?<![\w-])(?:\+|00)?[(]?\d(?:[ ().\u00a0/-]{0,2}\d){6,}(?![\w])")
#: Never kept, in whatever record they stand.
_KEPT_FROM = frozenset(
    {
        "address",
        "addresses",
        "avatar_url",
        "before_value",
        "body",
        "conference_bridge",
        "conference_number",
        "conference_url",
        "contexts",
        "country_code",
        "custom_fields",
        "details",
        "device_type",
        "event_details",
        "html_url",
        "incident_key",
        "integration_email",
        "integration_key",
        "invitation_url",
        "job_title",
        "login",
        "phone",
        "phone_number",
        "remote_address",
        "routing_key",
        "secret",
        "self",
        "token",
        "truncated_token",
        "value",
    }
)
#: Words that people chose for things. Addresses and numbers in them are left out; times stand elsewhere, and stay.
_NAMES = frozenset({"description", "label", "name", "summary"})
_METHOD = re.compile("_contact_method(_reference)?$")
_ENTRY = re.compile("_log_entry(_reference)?$")
_INCIDENT = frozenset({"incident", "incident_reference"})
_WRITTEN = ("title", "description", "summary", "note", "message", "content", "subject", "text")


def cleaned(body: object, digest: Digest) -> Any:  # noqa: ANN401  JSON
    """The same JSON without all that. It is cleaned by what records say they are, so that it matters not where they stand."""
    if isinstance(body, list):
        return [cleaned(one, digest) for one in body]
    if isinstance(body, Mapping):
        return _record(body, digest)
    return _without_addresses(body) if isinstance(body, str) else body


def _record(given: _Given, digest: Digest) -> dict[str, Any]:
    kind = given.get("type")
    kind = kind if isinstance(kind, str) else ""
    if _METHOD.search(kind):
        return {name: given[name] for name in ("id", "type") if name in given}
    if kind in _INCIDENT:
        given = {name: one for name, one in given.items() if name not in _WRITTEN}
    elif _ENTRY.search(kind):
        given = _entry(given)
    elif "action" in given and "root_resource" in given:
        given = _audited(given)
    found = {name: _value(name, one, digest) for name, one in given.items() if not _is_kept_from(name)}
    return found | _signed_in_by(given, digest)


def _is_kept_from(name: str) -> bool:
    return name in _KEPT_FROM or name == "email" or name.endswith(("_email", "_phone"))


def _value(name: str, one: object, digest: Digest) -> object:
    if isinstance(one, str) and name in _NAMES:
        return words_without(one)
    return cleaned(one, digest)


def words_without(text: str) -> str:
    """What people wrote, without addresses and numbers in it."""
    return _NUMBER.sub(LEFT_OUT, _without_addresses(text))


def _signed_in_by(given: _Given, digest: Digest) -> dict[str, str]:
    email = given.get("email")
    return {DIGEST: digest(email)} if isinstance(email, str) and email.strip() else {}


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub(LEFT_OUT, text) if "@" in text else text


def _entry(given: _Given) -> dict[str, Any]:
    """That somebody wrote something is left of it, and whether that was a resolution note."""
    found = {name: one for name, one in given.items() if name not in {"summary", "note", "channel"}}
    note, channel = given.get("note"), given.get("channel")
    if isinstance(note, str):
        found["note"] = LEFT_OUT if note.strip() else ""
    if isinstance(channel, Mapping):
        found["channel"] = _channel(channel)
    return found


def _channel(given: _Given) -> dict[str, Any]:
    """Its shape is not promised by anybody: what is known to be no free text is kept of it, and nothing else."""
    found = {"type": given["type"]} if isinstance(given.get("type"), str) else {}
    said = given.get("content") or given.get("summary")
    if isinstance(said, str) and said.startswith(RESOLUTION_NOTE):
        found["content"] = (
            f"{RESOLUTION_NOTE} {LEFT_OUT if said.removeprefix(RESOLUTION_NOTE).strip() else ''}".rstrip()
        )
    elif isinstance(said, str) and said:
        found["content"] = LEFT_OUT
    told = given.get("notification")
    if isinstance(told, Mapping):
        found["notification"] = {name: told[name] for name in ("type", "status") if isinstance(told.get(name), str)}
    return found


def _audited(given: _Given) -> dict[str, Any]:
    """Which fields were changed, and not from what to what."""
    details = given.get("details")
    fields = details.get("fields") if isinstance(details, Mapping) else None
    listed = fields if isinstance(fields, list) else []
    names = [{"name": one["name"]} for one in listed if isinstance(one, Mapping) and isinstance(one.get("name"), str)]
    # `details` is the name of free text elsewhere, and left out there.
    found = {name: one for name, one in given.items() if name not in {"details", "execution_context"}}
    return found | {CHANGED: names}
