"""A preset as somebody has written it: its templates are tried, and what it names of an account is looked up there.

First all that can be told without asking anybody, then the account: one that is away hides no fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from syncd.connections.joining.connectors import CASE_PRIORITIES
from syncd.connections.templates import checked
from syncd.core.policy import PriorityPair
from syncd.core.routing import SHIPPED, Preset
from syncd.errors import Conflict, Misconfigured, NotFound, SyncdError

from .accounts import Accounts
from .wrong import Faults, Given, Wrong, name_of, refuse_unknown, text_of

KEYS = ("name", "title", "body", "urgency", "integration", "priorities", "escalation_policy")
_URGENCIES = ("", "high", "low")


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Named)


@dataclass(frozen=True, slots=True)
class Draft:
    """A preset without what has to be looked up in its account: these, by names or ids."""

    preset: Preset
    priorities: Mapping[str, str]
    escalation_policy: str

    @property
    def asks(self) -> bool:
        return bool(self.preset.integration and (self.priorities or self.escalation_policy))


def preset_of(given: Given, accounts: Accounts) -> Preset:
    """Raises Wrong with all that is wrong with it; else what kept its account from being asked."""
    faults = Faults()
    draft = draft_of(given, accounts, faults)
    try:
        preset = looked_up(draft, accounts, faults)
    except SyncdError as error:
        if not faults:
            raise  # It has a status of its own.
        faults.add("integration", unasked(draft, error))
        preset = draft.preset
    faults.refuse()
    return preset


def draft_of(given: Given, accounts: Accounts, faults: Faults) -> Draft:
    """What can be read of it, and all that is wrong with that. Nobody is asked."""
    faults.tried(None, refuse_unknown, given, KEYS, "a preset")
    name, urgency = faults.tried("", _name, given), faults.tried("", _urgency, given)
    title, body = faults.tried("", _template, given, "title"), faults.tried("", _template, given, "body")
    pairs = faults.tried({}, _priorities, given)
    faults.tried(None, _refuse_foreign, pairs)
    policy = faults.tried("", text_of, given, "escalation_policy")
    integration = faults.tried("", _integration, given, accounts)
    if (pairs or policy) and not integration and not faults.of("integration"):
        faults.add("integration", "priorities and an escalation policy are those of one account; name it")
    return Draft(Preset(name, title, body, urgency, integration), pairs, policy)


def looked_up(draft: Draft, accounts: Accounts, faults: Faults) -> Preset:
    """Raises what kept its account from being asked."""
    slug, wanted = draft.preset.integration, draft.escalation_policy
    if not draft.asks:
        return draft.preset
    theirs = accounts.priorities(slug) if draft.priorities else ()
    policies = accounts.policies(slug) if wanted else ()
    policy = faults.tried(None, _chosen, "escalation_policy", policies, wanted) if wanted else None
    chosen = {
        case: faults.tried(None, _chosen, "priorities", theirs, it)
        for case, it in draft.priorities.items()
        if case in CASE_PRIORITIES
    }
    return replace(
        draft.preset,
        priorities=tuple(PriorityPair(case, one.id, one.name) for case, one in chosen.items() if one is not None),
        escalation_policy=policy.id if policy is not None else "",
        escalation_policy_name=policy.name if policy is not None else "",
    )


def unasked(draft: Draft, error: SyncdError) -> str:
    """Why nobody knows whether what it names of its account is there."""
    return f"{draft.preset.integration} could not be asked: {str(error).rstrip('.')}"


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


def _integration(given: Given, accounts: Accounts) -> str:
    integration = text_of(given, "integration")
    try:
        return accounts.known(integration).slug if integration else ""
    except (Conflict, NotFound) as error:
        raise Wrong("integration", str(error).rstrip(".")) from error


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


def _chosen(key: str, there: Sequence[_Thing], wanted: str) -> _Thing:
    """By id, or by a name that only one has."""
    found = [one for one in there if one.id == wanted] or [one for one in there if one.name == wanted]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} ({one.id})" for one in (found or there)[:20])
    if found:
        raise Wrong(key, f"several are called {wanted}; use an id: {names}")
    raise Wrong(key, f"the account has no {wanted}; it has {names or 'none'}")
