"""A preset as somebody has written it: its templates are tried, and what it names of an account is looked up there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from syncd.connections.joining.connectors import CASE_PRIORITIES, is_used
from syncd.connections.joining.setup import talking
from syncd.connections.templates import checked
from syncd.core.policy import PriorityPair
from syncd.core.routing import SHIPPED, Preset
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.trip import Trip

from .wrong import Faults, Given, Wrong, name_of, refuse_unknown, text_of

KEYS = ("name", "title", "body", "urgency", "integration", "priorities", "escalation_policy")
_URGENCIES = ("", "high", "low")
Ask = Callable[[str], tuple[Http, Trip]]  # an account by its name, for a few questions


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def preset_of(given: Given, ask: Ask) -> Preset:
    """Raises Wrong. An account is asked only when the preset names something of it."""
    faults = Faults()
    faults.tried(None, refuse_unknown, given, KEYS, "a preset")
    name, urgency = faults.tried("", _name, given), faults.tried("", _urgency, given)
    title, body = faults.tried("", _template, given, "title"), faults.tried("", _template, given, "body")
    pairs = faults.tried({}, _priorities, given)
    faults.tried(None, _refuse_foreign, pairs)
    policy, integration = (faults.tried("", text_of, given, key) for key in ("escalation_policy", "integration"))
    preset = Preset(name, title, body, urgency)
    if pairs or policy:
        preset = replace(preset, **_of_account(integration, pairs, policy, ask, faults))
    faults.refuse()
    return preset


def _of_account(integration: str, pairs: Mapping[str, str], policy: str, ask: Ask, faults: Faults) -> dict[str, Any]:
    """What a preset names of its account; where nobody can be asked, nothing."""
    if not integration:
        if not faults.of("integration"):
            faults.add("integration", "priorities and an escalation policy are those of one account; name it")
        return {}
    try:
        with talking():
            http, trip = ask(integration)
            theirs = account.list_priorities(http, trip)[0] if pairs else ()
            policies = account.list_policies(http, trip) if policy else ()
    except (Conflict, Misconfigured, NotFound) as error:
        if not faults:
            raise  # It has a status of its own.
        faults.add("integration", str(error).rstrip("."))
        return {}
    found = faults.tried(None, _chosen, "escalation_policy", policies, policy) if policy else None
    used = [one for one in theirs if is_used(one)]
    chosen = {
        case: faults.tried(None, _chosen, "priorities", used, it)
        for case, it in pairs.items()
        if case in CASE_PRIORITIES
    }
    return {
        "integration": integration,
        "priorities": tuple(_pair(case, one) for case, one in chosen.items() if one is not None),
        "escalation_policy": found.id if found is not None else "",
        "escalation_policy_name": found.name if found is not None else "",
    }


def preset_as_given(preset: Preset) -> dict[str, Any]:
    """What `preset_of` reads to the same preset; ids in place of names, which may repeat."""
    given = {
        "name": preset.name,
        "title": preset.title,
        "body": preset.body,
        "urgency": preset.urgency,
        "integration": preset.integration,
        "priorities": {pair.case: pair.incident for pair in preset.priorities},
        "escalation_policy": preset.escalation_policy,
    }
    return {key: value for key, value in given.items() if value}


def _name(given: Given) -> str:
    name = name_of(given)
    if name == SHIPPED:
        raise Wrong("name", "this is the shipped preset, which stays as it is; choose another name")
    return name


def _urgency(given: Given) -> str:
    urgency = text_of(given, "urgency")
    if urgency not in _URGENCIES:
        raise Wrong("urgency", f"{urgency} is no urgency; it is high or low")
    return urgency


def _template(given: Given, key: str) -> str:
    template = text_of(given, key)
    try:
        return checked(template) if template.strip() else ""
    except Misconfigured as error:
        raise Wrong(key, str(error).rstrip(".")) from error


def _priorities(given: Given) -> Mapping[str, str]:
    found = given.get("priorities", {})
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise Wrong("priorities", 'these are to be pairs like {P1 = "SEV-1"}')
    return found


def _refuse_foreign(pairs: Mapping[str, str]) -> None:
    foreign = [case for case in pairs if case not in CASE_PRIORITIES]
    if foreign:
        known = ", ".join(CASE_PRIORITIES)
        raise Wrong("priorities", f"{', '.join(foreign)} is no priority of a case; there are {known}")


def _pair(case: str, theirs: _Named) -> PriorityPair:
    return PriorityPair(case, theirs.id, theirs.name)


def _chosen(key: str, there: Sequence[_Named], wanted: str) -> _Named:
    """By id, or by a name that only one has."""
    found = [one for one in there if one.id == wanted] or [one for one in there if one.name == wanted]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} ({one.id})" for one in (found or there)[:20])
    if found:
        raise Wrong(key, f"several are called {wanted}; use an id: {names}")
    raise Wrong(key, f"the account has no {wanted}; it has {names or 'none'}")
