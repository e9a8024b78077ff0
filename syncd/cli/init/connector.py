"""The second step: what cases are sent by, on a service of the account, with the priorities of both sides matched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from syncd.cli.joining import mind
from syncd.errors import Misconfigured

from .asking import Choice, Talk, confirmed, picked, typed

if TYPE_CHECKING:
    from syncd.connections.joining.connectors import Offer
    from syncd.connections.joining.setup import Setup
    from syncd.store.connectors import Connector

    from .told import Told

_NONE = "-"


def existing(setup: Setup, integration: str, told: Told) -> Connector | None:
    """What is asked for, or where nothing special is, whichever there is."""
    from syncd.store import connectors

    with setup.db.read() as tx:
        mine = [one for one in connectors.all_of(tx).values() if one.integration == integration]
    if told.connector:
        return next((one for one in mine if one.name == told.connector), None)
    if told.service:
        return next((one for one in mine if told.service in {one.service_id, one.service_name}), None)
    return mine[0] if mine else None


def make(setup: Setup, integration: str, told: Told, talk: Talk) -> Connector:
    from syncd.connections.joining.connectors import add_connector, case_priorities, offered
    from syncd.console.told_connectors import made_known

    offer, cases = offered(setup, integration), case_priorities(setup, told.cases)
    service = told.service or _service(offer, talk)
    pairs = told.priorities or _map(offer, cases, talk)
    name = told.connector or _name(setup, offer, service, talk)
    made = add_connector(
        setup, name, integration=integration, service=service, case_system=told.cases, priorities=pairs, by=told.by
    )
    known = made_known(setup, made)
    mind(known["warnings"])
    talk.finished(known["says"])
    return made.connector


def _service(offer: Offer, talk: Talk) -> str:
    if not offer.services:
        raise Misconfigured("The account has no service yet; make one in PagerDuty, and run `syncd init` again.")
    choices = [Choice(one.id, one.name) for one in offer.services]
    return picked("The service that incidents are opened on", choices, talk.say)


def _map(offer: Offer, cases: Sequence[str], talk: Talk) -> Sequence[str]:
    """The proposal, as it is or as a person changes it. An account without priorities has none to map."""
    from syncd.connections.joining.connectors import proposed

    found = {pair.case: pair for pair in proposed(offer.priorities, cases)}
    for case in cases if offer.priorities else ():
        talk.say(f"{case} = {found[case].name if case in found else 'not mapped'}")
    if not offer.priorities or not talk.can_ask or confirmed("Are these pairs of priorities right?", is_yes=True):
        return [f"{pair.case}={pair.incident}" for pair in found.values()]
    names = ", ".join(one.name for one in offer.priorities)
    chosen = {case: _priority(case, found[case].name if case in found else _NONE, names, offer, talk) for case in cases}
    return [f"{case}={one}" for case, one in chosen.items() if one]


def _priority(case: str, default: str, names: str, offer: Offer, talk: Talk) -> str:
    while True:
        answer = typed(f"{case}: {names}, or {_NONE} for none", default)
        if answer == _NONE:
            return ""
        found = next((one.id for one in offer.priorities if answer in {one.name, one.id}), "")
        if found:
            return found
        talk.say(f"{answer} is none of {names}.")


def _name(setup: Setup, offer: Offer, service: str, talk: Talk) -> str:
    """After its service, unless that is taken."""
    from syncd.store import connectors, integrations

    called = next((one.name for one in offer.services if service in {one.id, one.name}), service)
    name = re.sub(r"[^a-z0-9]+", "-", called.casefold()).strip("-")[:63].strip("-")
    with setup.db.read() as tx:
        taken = {*connectors.all_of(tx), *integrations.all_of(tx)}
    if name and name not in taken:
        return name
    if not talk.can_ask:
        raise Misconfigured(
            f"The connector cannot be called {name or called}, which is taken or no name; give it one by --connector."
        )
    return typed("A name for the connector")
