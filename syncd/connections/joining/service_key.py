"""A connector of the one-way kind: one PagerDuty service, reached by its integration key. Its account is made together with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.connections import in_use
from syncd.connections.policies import SENT, checked_policy
from syncd.core.alert import SEVERITIES
from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.core.policy import CaseReopened, PriorityPair
from syncd.errors import Conflict, Misconfigured
from syncd.store import connection_log, connectors, integrations, keyring
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from syncd.systems import events_api
from syncd.systems.events_api import ServiceEvents

from . import pasted
from .connectors import Made, case_priorities, refuse_impossible
from .renewed import Renewed
from .setup import WHERE_IS_GIVEN, Setup, absolute, named, refuse_taken, talking
from .staying import stay

PATH = "service_key"
_LEFT_BEHIND = (
    "PagerDuty drops without a word what a new key says of alerts that the old one opened; those still open have to be resolved "
    "in PagerDuty."
)
USUAL = (("P1", "critical"), ("P2", "error"), ("P3", "warning"), ("P4", "info"), ("P5", "info"))


def add_service_key(  # noqa: PLR0913  each is one thing a person says of it, and named at every call
    setup: Setup,
    name: str,
    *,
    key: str,
    service_name: str,
    case_system: str,
    where: str = "us",
    ca_file: str = "",
    priorities: Sequence[str] = (),
    policy: Mapping[str, str] | None = None,
    by: str = "",
) -> Made:
    """`priorities` are CASE=SEVERITY."""
    pasted.refuse_misplaced(key, name=name, service=service_name, region=where)
    name, key, where = named(name), pasted.integration_key(key), events_api.base_url(where)
    ca_file, chosen = absolute(ca_file), _policy(policy or {})
    refuse_before_asking(setup, name, case_system)
    with talking(WHERE_IS_GIVEN):
        _check(setup, name, key, where, ca_file)
    theirs = case_priorities(setup, case_system)
    pairs = _severities(priorities, theirs) if priorities else _usual(theirs)
    rows = [{"case": pair.case, "incident": pair.incident, "name": pair.name} for pair in pairs]
    made = Connector(name, name, case_system, PATH, "", service_name.strip(), rows, chosen)
    credentials = {"routing_key": key}
    sealed = setup.vault.seal(f"integration:{name}", credentials)
    with setup.db.write() as tx:
        # The question took its time, and somebody else may have taken the name meanwhile.
        keyring.hold(tx)
        refuse_taken(tx, name)
        refuse_impossible(tx, name, case_system)
        now = setup.db.now(tx)
        stayed = stay(tx, case_system, now, by)
        integrations.add(
            tx,
            slug=name,
            system=integrations.EVENTS,
            side=Side.INCIDENT,
            base_url=where,
            settings={"ca_file": ca_file, **in_use.setting(credentials)},
            sealed=sealed,
            now=now,
        )
        connectors.add(tx, made, now)
        connection_log.add(tx, name, Kind.CONNECTED, now=now, by=by, detail=f"Service key of {made.service_name}.")
    mapped = {pair.case for pair in pairs}
    return Made(made, tuple(one for one in theirs if one not in mapped), (), stayed=stayed)


def refuse_before_asking(setup: Setup, name: str, case_system: str) -> None:
    with setup.db.read() as tx:
        refuse_impossible(tx, named(name), case_system)
    setup.refuse_taken(name)


def renewed(setup: Setup, it: Integration, credential: str, email: str) -> Renewed:
    if email:
        raise Conflict(f"{it.slug} is a service key, and events are sent as nobody; leave --email out.")
    key = pasted.integration_key(credential)
    with talking():
        _check(setup, it.slug, key, it.base_url, it.settings.get("ca_file", ""))
    return Renewed({"routing_key": key}, it.settings, (_LEFT_BEHIND,))


def checked(setup: Setup, it: Integration) -> Mapping[str, str]:
    with talking():
        key = setup.credentials(it)["routing_key"]
        _check(setup, it.slug, key, it.base_url, it.settings.get("ca_file", ""))
    return {"credential": "accepted"}


def _check(setup: Setup, slug: str, key: str, where: str, ca_file: str) -> None:
    verify, others, toll = ca_file or None, setup.secrets(), setup.tolls.of(slug, integrations.EVENTS)
    http = events_api.http(key, where, verify=verify, outgoing=setup.outgoing, others=others, toll=toll)
    ServiceEvents(http, key).check(setup.trip("connect"))


def _policy(wanted: Mapping[str, str]) -> Mapping[str, str]:
    """Words are not sent, so that a case that was reopened triggers again unless somebody chose otherwise."""
    for word in checked_policy(wanted):
        if word not in SENT:
            raise Misconfigured(
                f"A service key hears nothing, so {word} means nothing to it; it has {', '.join(SENT)}."
            )
    return {"case_reopened": CaseReopened.REOPEN.value, **wanted}


def _usual(cases: Sequence[str]) -> tuple[PriorityPair, ...]:
    """By rank, where their names are not the usual ones."""
    pairs = [pair for pair in USUAL if pair[0] in cases] or zip(cases, SEVERITIES, strict=False)
    return tuple(PriorityPair(case, severity, severity) for case, severity in pairs)


def _severities(wanted: Sequence[str], cases: Sequence[str]) -> tuple[PriorityPair, ...]:
    found = []
    for one in wanted:
        case, _, severity = one.partition("=")
        if case not in cases or severity not in SEVERITIES:
            known = ", ".join(SEVERITIES)
            raise Misconfigured(
                f"{one} is no priority and its severity; write {cases[0]}=NAME to {cases[-1]}=NAME with one of {known}."
            )
        found.append(PriorityPair(case, severity, severity))
    return tuple(found)
