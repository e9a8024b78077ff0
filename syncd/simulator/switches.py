"""What can be turned while the simulator runs: how webhooks travel, and every question the contract leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import get_type_hints

from syncd.simulator.asked import Json


class UnknownSwitch(ValueError):
    """There is no such switch, or it does not take this value."""


@dataclass(slots=True)
class Carriage:
    """How webhooks travel; PagerDuty's and the case desk's alike."""

    copies: int = 1  # every webhook is delivered this many times, under one webhook id
    delay_s: float = 0.0
    reorder_s: float = 0.0  # each delivery waits a seeded random time up to this, outside its lane
    drop_next: int = 0  # this many webhooks are lost without a try
    drop_percent: float = 0.0
    hold: bool = False  # webhooks wait until they are released or taken
    sign_wrongly_next: int = 0  # this many tries carry a wrong signature
    sign_wrongly: bool = False
    timeout_s: float = 5.0
    retry_s: tuple[float, ...] = (1.0, 5.0, 30.0, 60.0, 300.0, 900.0)  # the last one repeats
    give_up_s: float = 172_800.0
    disable_after: int = 3  # dropped in a row
    disabled_s: float = 86_400.0


@dataclass(slots=True)
class Switches:
    """Behaviour that PagerDuty does not document, or documents in two ways."""

    resolution_note_first: bool = False  # a note typed while resolving comes before incident.resolved
    reopens: bool = True  # False: the older rule, a resolved incident refuses every other status
    legacy_reopen_code: int = 2001  # or 1001
    resolve_resolved: str = "accept"  # or "refuse" (1001)
    acknowledge_acknowledged: str = "accept"  # or "refuse" (1002)
    rest_unacknowledges: bool = True  # False: triggered on an acknowledged incident changes nothing
    acknowledged_after_reopen: bool = False  # reopening to acknowledged sends incident.acknowledged as well
    keeps_resolution: bool = True  # False: resolution is dropped silently
    resolution_annotates: bool = False  # resolution becomes a note with its own webhook
    note_ids_match: bool = True  # False: the webhook's note id is not the REST note's
    note_changes_announced: bool = False  # an edited or deleted note sends incident.annotated
    trim_notes_at: int = 10_000  # characters of a note that travel in a webhook
    from_needed_by_apps: bool = False
    app_agent_type: str = "app_reference"
    post_status: int = 201  # of a new note and a new subscription; the specification says 200
    timeout_agent: str = "none"  # or "service": who unacknowledges when an acknowledgement runs out
    user_query_matches_email: bool = False
    limit_above_100: str = "clamp"  # or "refuse"
    has_priorities: bool = True  # False: priorities answer 402
    has_teams: bool = True  # False: teams answer 402
    has_audit_trail: bool = True  # False: the audit trail answers 402
    overrides_status: int = 200  # of a layer-based schedule's list of overrides; the specification says 201
    null_priority_clears: bool = False
    requester_refused_status: int = 403  # of 1018
    wrong_key_message: str = "Authentication failed"
    secret_in_create_answer: bool = True
    requests_per_minute: int = 960  # per key, or per user of user keys
    creates_per_minute: int = 0  # POST /incidents of the account; 0: no extra limit
    bulk_updates_per_minute: int = 500
    oncalls_per_minute: int = 0  # GET /oncalls of the account; 0: no extra limit
    limit_headers: bool = True  # False: no ratelimit-* headers, not even on a 429
    unknown_routing_key: str = "refuse"  # or "drop": taken with 202, and nothing is done
    events_per_minute: int = 120  # per integration key
    events_delay_s: float = 0.0  # between the answer to an event and what it does
    used_refresh: str = "revoke"  # what a refresh token does that was replaced: also "refuse" it, or "accept"
    token_lives_s: int = 0  # of OAuth access tokens; 0: as long as their kind does
    clock_ahead_s: float = 0.0  # of its Date header, before the clock of whoever asks
    client_in_webhooks: bool = False  # event.client names PagerDuty instead of null


@dataclass(slots=True)
class DeskSwitches:
    """Habits of case systems that differ from one to the next."""

    idempotent: bool = False  # an Idempotency-Key is honoured; off, a blind retry doubles
    silent_refusal: bool = False  # a refused change answers 200 with the case as it was
    thin_hooks: bool = False  # hooks say only which case changed
    reopens_closed: bool = False
    token_revoked: bool = False
    tells_names: bool = True  # which statuses and priorities it has; older desks do not


Group = Carriage | Switches | DeskSwitches


def read(*groups: Group) -> Json:
    return {f.name: getattr(group, f.name) for group in groups for f in fields(group)}


def change(changes: Mapping[str, object], *groups: Group) -> None:
    """All or nothing: a value of the wrong kind changes no switch."""
    checked = [(_group_of(name, groups), name, value) for name, value in changes.items()]
    fitted = [(group, name, _fit(name, value, get_type_hints(type(group))[name])) for group, name, value in checked]
    for group, name, value in fitted:
        setattr(group, name, value)


def _group_of(name: str, groups: tuple[Group, ...]) -> Group:
    for group in groups:
        if name in {f.name for f in fields(group)}:
            return group
    raise UnknownSwitch(f"There is no switch {name!r}; GET /_sim/switches lists them.")


def _fit(name: str, value: object, kind: object) -> object:
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is str and isinstance(value, str):
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind == tuple[float, ...] and isinstance(value, list | tuple) and value:
        return tuple(float(str(item)) for item in value)
    raise UnknownSwitch(
        f"The switch {name!r} does not take {value!r}; give it the kind of value that GET /_sim/switches shows."
    )
