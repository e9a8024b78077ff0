"""Another account takes the place of one: its key is tried, and what connectors and presets name is looked up there by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from syncd.core.connection import Kind
from syncd.core.policy import PriorityPair
from syncd.core.routing import Preset
from syncd.core.services import Service as Reached
from syncd.errors import Conflict, Misconfigured
from syncd.store import connectors, presets
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import EscalationPolicy, Priority, Service

from . import accounts, kept, pasted
from .connectors import case_priorities, is_used, proposed
from .history import only_asked
from .others import with_others
from .renewed import Renewed
from .services import chosen
from .setup import Setup, talking


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says of the other account."""

    credential: str
    email: str = ""
    where: str = ""  # where it is asked, if not where the old one is
    services: Mapping[str, str] | None = None  # of the old account -> of the new one, where their names differ


@dataclass(frozen=True, slots=True)
class Aimed:
    """A connector before and after."""

    old: Connector
    new: Connector


@dataclass(frozen=True, slots=True)
class Moved:
    """Tried and looked up; nothing is stored yet."""

    old: Integration
    base_url: str
    sealed: bytes
    renewed: Renewed
    aimed: Sequence[Aimed]
    presets: Sequence[Preset]  # those that name something of the account, as they are to be
    lost: Sequence[str]  # what has no counterpart there

    @property
    def host(self) -> str:
        return self.renewed.account_host


@dataclass(frozen=True, slots=True)
class _There:
    services: Sequence[Service]
    priorities: Sequence[Priority]
    policies: Sequence[EscalationPolicy]
    cases: Callable[[str], Sequence[str]]  # a case system's priorities, asked for only where no name is the same


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Found = TypeVar("_Found", bound=_Named)


def looked_up(setup: Setup, slug: str, given: Given, by: str) -> Moved:
    pasted.refuse_misplaced(given.credential, e_mail_address=given.email, region=given.where)
    it = setup.integration(slug)
    if it.system != "pagerduty":
        raise Conflict(f"{slug} is not a PagerDuty account, and only those are moved; leave --move out.")
    if not it.account_host:
        raise Conflict(
            f"Which account {slug} is has not been asked yet; ask it by `syncd integrations test {slug}` first."
        )
    target = replace(it, base_url=accounts.address_of(it, given.where) if given.where else it.base_url)
    with only_asked(setup, slug, Kind.REINITIATED, by):
        new = kept.renewed(setup, target, given.credential, given.email)
        return _looked_up(setup, it, target, given, accounts.seal(setup, it, new), new)


def _looked_up(setup: Setup, it: Integration, target: Integration, given: Given, sealed: bytes, new: Renewed) -> Moved:
    slug = it.slug
    _refuse_same(it, new, slug)
    with setup.db.read() as tx:
        mine = [one for one in connectors.all_of(tx).values() if one.integration == slug]
        looks = [one for one in presets.all_of(tx).values() if one.integration == slug]
    there, lost = _there(setup, target, given, new), list[str]()
    aimed = [Aimed(one, _aimed(one, there, given.services or {}, new.account_host, lost)) for one in mine]
    _refuse_unknown(given.services or {}, mine)
    styled = [_restyled(one, there, lost) for one in looks]
    return Moved(it, target.base_url, sealed, new, aimed, styled, lost)


def _refuse_same(it: Integration, new: Renewed, slug: str) -> None:
    if not new.account_host:
        raise Conflict(
            "This account does not tell which one it is, so it cannot be told from the old one; nothing was changed."
        )
    if new.account_host == it.account_host:
        raise Conflict(f"This key is of {it.account_host}, which {slug} is already; leave --move out.")


def _there(setup: Setup, it: Integration, given: Given, new: Renewed) -> _There:
    key, ca_file = pasted.rest_key(given.credential), it.settings.get("ca_file", "")
    http, trip = setup.http(key, new.settings["from"], it.base_url, ca_file), setup.trip("move")
    with talking():
        used = [one for one in account.list_priorities(http, trip)[0] if is_used(one)]
        return _There(
            account.list_services(http, trip), used, account.list_policies(http, trip), partial(case_priorities, setup)
        )


def _aimed(one: Connector, there: _There, services: Mapping[str, str], host: str, lost: list[str]) -> Connector:
    service = _service(one, there.services, services, host)
    pairs = [PriorityPair(**pair) for pair in one.priorities]
    found = _pairs(pairs, there.priorities) or (
        proposed(there.priorities, there.cases(one.case_system)) if pairs else ()
    )
    mapped = {pair.case for pair in found}
    lost += [f"priority {pair.case} of connector {one.name}" for pair in pairs if pair.case not in mapped]
    rows = [{"case": pair.case, "incident": pair.incident, "name": pair.name} for pair in found]
    aimed = replace(one, service_id=service.id, service_name=service.name, priorities=rows, others=())
    return with_others(aimed, _others(one, there.services, services, lost))


def _others(one: Connector, there: Sequence[Service], named: Mapping[str, str], lost: list[str]) -> Iterator[Reached]:
    """What is not there by its name is left out: the default one takes what asks for it."""
    for it in one.others:
        wanted = named.get(it.id) or named.get(it.name)
        found = chosen(there, wanted) if wanted else _only(there, it.name)
        if found is None:
            lost.append(f"service {it.called} of connector {one.name}")
        else:
            yield Reached(found.id, found.name)


def _service(one: Connector, there: Sequence[Service], named: Mapping[str, str], host: str) -> Service:
    wanted = named.get(one.service_id) or named.get(one.service_name)
    if wanted:
        return chosen(there, wanted)
    found = [it for it in there if it.name == one.service_name]
    if len(found) == 1:
        return found[0]
    why = f"{host} has {'several services' if found else 'no service'} of that name"
    names = ", ".join(sorted(f"{it.name} ({it.id})" for it in (found or there))[:20]) or "none"
    raise Conflict(
        f"Connector {one.name} opens incidents on {one.service_name}, and {why}, so nothing was changed; say which it is by "
        f'--service "{one.service_name}=NAME": {names}.'
    )


def _refuse_unknown(services: Mapping[str, str], mine: Sequence[Connector]) -> None:
    known = {name for one in mine for it in one.services for name in (it.id, it.name)}
    for old in services:
        if old not in known:
            used = ", ".join(sorted({it.called for one in mine for it in one.services})) or "none"
            raise Misconfigured(
                f"--service {old}=... names no service that a connector of this account uses; they use {used}."
            )


def _restyled(one: Preset, there: _There, lost: list[str]) -> Preset:
    pairs = _pairs(one.priorities, there.priorities)
    mapped = {pair.case for pair in pairs}
    lost += [f"priority {pair.case} of preset {one.name}" for pair in one.priorities if pair.case not in mapped]
    policy = _only(there.policies, one.escalation_policy_name) if one.escalation_policy else None
    if one.escalation_policy and policy is None:
        lost.append(f"the escalation policy of preset {one.name}")
    aimed = (policy.id, policy.name) if policy is not None else ("", "")
    return replace(one, priorities=pairs, escalation_policy=aimed[0], escalation_policy_name=aimed[1])


def _pairs(pairs: Sequence[PriorityPair], theirs: Sequence[Priority]) -> tuple[PriorityPair, ...]:
    found = [(pair.case, _only(theirs, pair.name)) for pair in pairs]
    return tuple(PriorityPair(case, one.id, one.name) for case, one in found if one is not None)


def _only(there: Sequence[_Found], name: str) -> _Found | None:
    """Of two with one name nobody can tell which was meant."""
    found = [one for one in there if one.name == name]
    return found[0] if len(found) == 1 else None
