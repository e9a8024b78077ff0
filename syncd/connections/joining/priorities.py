"""Changing which priority of a case is which in PagerDuty: read as people write it, with names that the account itself knows."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.alert import SEVERITIES
from syncd.core.policy import PriorityPair
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store import connectors
from syncd.store.connectors import Connector
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Priority

from .connectors import case_priorities, is_used
from .service_key import PATH
from .setup import Setup, talking

_MOST = 50


def known(setup: Setup, name: str) -> Connector:
    with setup.db.read() as tx:
        found = connectors.all_of(tx).get(name)
    if found is None:
        raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
    return found


def there(setup: Setup, connector: Connector) -> Sequence[Priority]:
    """From most to least severe, as PagerDuty has them now; of a service key its severities, which nobody is asked for."""
    if connector.path == PATH:
        return tuple(Priority(one, one) for one in SEVERITIES)
    http = setup.pagerduty(connector.integration)
    with talking():
        theirs, problem = account.list_priorities(http, setup.trip("priorities"))
    if problem is not None:
        raise Conflict(problem.sentence)
    return [one for one in theirs if is_used(one)]


def written(setup: Setup, connector: Connector, wanted: Sequence[str]) -> tuple[PriorityPair, ...]:
    """CASE=NAME or CASE=ID. PagerDuty is asked only for what the connector does not know yet."""
    if len(wanted) > _MOST:
        raise Misconfigured(f"A map has at most {_MOST} pairs.")
    apart = [_apart(one) for one in wanted]
    _refuse_unknown_of_cases(setup, connector, [case for case, _ in apart])
    mine = [Priority(pair["incident"], pair.get("name") or pair["incident"]) for pair in connector.priorities]
    found = [_of(mine, name) for _, name in apart]
    if any(one is None for one in found):
        theirs = there(setup, connector)
        found = [_of(theirs, name) for _, name in apart]
        for (case, name), one in zip(apart, found, strict=True):
            if one is None:
                names = ", ".join(it.name for it in theirs) or "none"
                raise Misconfigured(
                    f"{case}={name} names no priority that {connector.integration} has, or several; it has {names}."
                )
    return tuple(
        PriorityPair(case, one.id, one.name) for (case, _), one in zip(apart, found, strict=True) if one is not None
    )


def _refuse_unknown_of_cases(setup: Setup, connector: Connector, cases: Sequence[str]) -> None:
    mapped = {pair["case"] for pair in connector.priorities}
    if all(case in mapped for case in cases):
        return
    theirs = case_priorities(setup, connector.case_system)
    for case in cases:
        if case not in mapped and case not in theirs:
            raise Misconfigured(f"{connector.case_system} has no priority {case}; it has {', '.join(theirs)}.")


def _apart(wanted: str) -> tuple[str, str]:
    case, _, name = (part.strip() for part in wanted.partition("="))
    if not case or not name:
        raise Misconfigured(f"{wanted[:80]!r} is no pair of priorities; write P1=NAME, with a name of PagerDuty's.")
    return case, name


def _of(priorities: Sequence[Priority], name: str) -> Priority | None:
    found = {one.id: one for one in priorities if name == one.id} or {
        one.id: one for one in priorities if name == one.name
    }
    return next(iter(found.values())) if len(found) == 1 else None
