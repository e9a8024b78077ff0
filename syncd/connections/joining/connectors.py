"""Making a connector: its service is one the account has, and its priorities are matched with the case system's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.connections.policies import checked_policy
from syncd.core.changes import Side
from syncd.core.policy import PriorityPair
from syncd.core.routing import Rule
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store import connectors, integrations, keyring
from syncd.store.connectors import Connector
from syncd.store.database import Tx
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Priority, Service

from . import casedesk
from .others import named as named_services
from .others import with_others
from .services import chosen
from .setup import Setup, named, talking
from .staying import stay

#: Of the built-in cases, and of a case system that does not tell its own.
CASE_PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


@dataclass(frozen=True, slots=True)
class Made:
    connector: Connector
    unmapped: tuple[str, ...]  # case priorities that mean nothing over there
    unheard: tuple[str, ...]  # PagerDuty's priorities that mean nothing here
    warning: str = ""
    stayed: Rule | None = None  # by it cases that name no connector go on to the one there was


def add_connector(  # noqa: PLR0913  each is one thing a person says of it, and named at every call
    setup: Setup,
    name: str,
    *,
    integration: str,
    service: str,
    case_system: str,
    priorities: Sequence[str] = (),
    policy: Mapping[str, str] | None = None,
    by: str = "",
    also: Sequence[str] = (),
) -> Made:
    """`service` is an id or a name, as are those it may reach `also`; `priorities` are CASE=NAME or CASE=ID, proposed when there are none."""
    name, policy = named(name), checked_policy(policy or {})
    with setup.db.read() as tx:
        refuse_impossible(tx, name, case_system)
    offer, theirs = offered(setup, integration), case_priorities(setup, case_system)
    aimed, used = chosen(offer.services, service), offer.priorities
    pairs = _named_pairs(priorities, used, theirs) if priorities else proposed(used, theirs)
    rows = [{"case": pair.case, "incident": pair.incident, "name": pair.name} for pair in pairs]
    made = Connector(name, integration, case_system, "bidirectional", aimed.id, aimed.name, rows, policy)
    made = with_others(made, named_services(offer.services, also))
    with setup.db.write() as tx:
        # The questions took their time, and somebody else may have taken the name meanwhile.
        keyring.hold(tx)
        refuse_impossible(tx, name, case_system)
        now = setup.db.now(tx)
        stayed = stay(tx, case_system, now, by)
        connectors.add(tx, made, now)
    mapped, heard = {pair.case for pair in pairs}, {pair.incident for pair in pairs}
    return Made(
        made,
        tuple(one for one in theirs if one not in mapped),
        tuple(one.name for one in used if one.id not in heard),
        offer.warning,
        stayed,
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What of an account a connector can be made of."""

    services: Sequence[Service]
    priorities: Sequence[Priority]  # from most to least severe
    warning: str = ""


def offered(setup: Setup, integration: str) -> Offer:
    http = setup.pagerduty(integration)
    with talking():
        services = account.list_services(http, setup.trip("connector"))
        theirs, problem = account.list_priorities(http, setup.trip("connector"))
    used = [one for one in theirs if is_used(one)]
    return Offer(services, used, problem.sentence if problem else "")


def case_priorities(setup: Setup, case_system: str) -> Sequence[str]:
    """As the case system has them now, from most to least severe."""
    it = setup.integration(case_system)
    return (casedesk.priorities(setup, it) if it.system == "casedesk" else ()) or CASE_PRIORITIES


def badge(path: str) -> str:
    return "Bi-directional" if path == "bidirectional" else "Service key"


def is_used(priority: Priority) -> bool:
    """PagerDuty shows an unused slot as `---`."""
    return bool(priority.name.strip("- "))


def proposed(theirs: Sequence[Priority], cases: Sequence[str] = CASE_PRIORITIES) -> tuple[PriorityPair, ...]:
    """By name where names agree, else by rank: both sides list them from most to least severe."""
    used = [one for one in theirs if is_used(one)]
    # Of two with one name the more severe stands first, and is meant.
    by_name = {one.name.strip().upper(): one for one in reversed(used)}
    same = [(case, by_name[case.upper()]) for case in cases if case.upper() in by_name]
    return tuple(PriorityPair(case, one.id, one.name) for case, one in same or zip(cases, used, strict=False))


def refuse_impossible(tx: Tx, name: str, case_system: str) -> None:
    there = connectors.all_of(tx).get(name)
    if there is not None:
        raise Conflict(
            f"There is a connector called {name} already, and its path stays {badge(there.path)}; choose another name for this "
            "one."
        )
    system = integrations.get(tx, case_system)
    if system is None:
        raise NotFound(
            f"There is no case system called {case_system}; `syncd integrations list` shows those there are."
        )
    if system.side is not Side.CASE:
        raise Conflict(f"{case_system} keeps incidents and no cases; name a case system by --cases.")


def _named_pairs(wanted: Sequence[str], theirs: Sequence[Priority], cases: Sequence[str]) -> tuple[PriorityPair, ...]:
    if not theirs:
        raise Misconfigured("The account has no priorities to map; leave --priority out.")
    return tuple(_named_pair(one, theirs, cases) for one in wanted)


def _named_pair(wanted: str, theirs: Sequence[Priority], cases: Sequence[str]) -> PriorityPair:
    case, _, name = wanted.partition("=")
    found = [it for it in theirs if name == it.id] or [it for it in theirs if name == it.name]
    if case not in cases or not found:
        known = ", ".join(it.name for it in theirs)
        raise Misconfigured(
            f"{wanted} is no pair of priorities; write {cases[0]}=NAME to {cases[-1]}=NAME with one of {known}."
        )
    if len(found) > 1:
        ids = ", ".join(it.id for it in found)
        raise Misconfigured(f"Several priorities are called {name}; use an id: {ids}.")
    return PriorityPair(case, found[0].id, found[0].name)
