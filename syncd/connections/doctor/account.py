"""A PagerDuty account beside the rights of its key: the user our writes are made as, its priorities, and its services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.connections import key_age, narrowing
from syncd.connections.grant import Grant
from syncd.core.checked import Checked, failed, fine, warned
from syncd.core.judging import State
from syncd.errors import ReadOnly, Refused
from syncd.store import authors
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.trip import Trip

WORTH_A_WORD, TOO_FAR = timedelta(seconds=30), timedelta(minutes=5)
LATELY = timedelta(days=7)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Patient:
    """`connectors`: those of this account."""

    integration: Integration
    connectors: Sequence[Connector]
    http: Http
    trip: Trip

    @property
    def slug(self) -> str:
        return self.integration.slug


def clock(it: Patient, now: datetime) -> Iterator[Checked]:
    """By the Date of an answer, which has whole seconds."""
    it.http.send(it.trip, "GET", "/abilities")
    theirs = it.trip.exchanges[-1].date
    if theirs is None:
        said = "It cannot be compared: what answers tells no time, as a proxy between may have taken it out."
        yield Checked("clock", State.UNKNOWN, said, "", it.slug)
        return
    skew = abs(now - theirs)
    said = f"This machine's clock and PagerDuty's are {skew.total_seconds():.0f} s apart."
    if skew > TOO_FAR:
        yield failed("clock", "SYN-PAG-CLOCK", said, it.slug)
    elif skew > WORTH_A_WORD:
        yield warned("clock", "SYN-PAG-CLOCK", said, it.slug)
    else:
        yield fine("clock", said, it.slug)


def sender(it: Patient) -> Iterator[Checked]:
    name, user_id = it.integration.settings.get("from", ""), it.integration.settings.get("from_user_id", "")
    if not user_id:
        return
    try:
        user = account.get_user(it.http, it.trip, user_id)
    except Refused as refused:
        if refused.status != 404:
            raise
        yield failed("From user", "SYN-PAG-SENDER", f"{name} is no user of the account any more.", it.slug)
        return
    if not user.can_respond:
        said = f"{user.name} may not respond to incidents ({user.role})."
        yield failed("From user", "SYN-PAG-SENDER", said, it.slug)
    elif user.email.casefold() != name.casefold():
        said = f"{user.name} has another login e-mail than {name} by now."
        yield failed("From user", "SYN-PAG-SENDER", said, it.slug)
    else:
        yield fine("From user", f"{user.email} may respond.", it.slug)


def people(it: Patient, db: Database, now: datetime) -> Iterator[Checked]:
    """How many of those whose changes were lately to be written in their own names could be."""
    if not it.integration.has_acted:
        return
    if not it.integration.acts_as_person:
        yield fine("act as person", f"Off: every write is made as {it.integration.settings.get('from', '')}.", it.slug)
        return
    with db.read() as tx:
        asked = authors.since(tx, it.slug, now - LATELY)
    without = [one for one in asked if not one.user_id]
    found = len(asked) - len(without)
    said = f"{found} of {len(asked)} people who changed cases in the last {LATELY.days} days have a user here who may respond."
    if without:
        named = ", ".join(f"{one.email} ({one.why_not.rstrip('.')})" for one in without[:_NAMED])
        said += f" Written in our own name: {named}{' and others' if len(without) > _NAMED else ''}."
        yield warned("act as person", "SYN-PAG-PEOPLE", said, it.slug)
    else:
        yield fine("act as person", said, it.slug)


def age(it: Patient, db: Database, now: datetime) -> Iterator[Checked]:
    """Of an account that is connected by OAuth there is none."""
    with db.read() as tx:
        found = key_age.of(tx, it.integration, now)
    if found is not None and found.is_old:
        yield warned("key age", key_age.CODE, found.told, it.slug)
    elif found is not None:
        yield fine("key age", found.told, it.slug)


def scopes(it: Patient, grant: Grant | None) -> Iterator[Checked]:
    """Of an account that is connected by OAuth, what its token was granted at its last renewal."""
    if grant is None:
        return
    short = narrowing.lacking(grant, is_read_only=it.integration.is_read_only)
    if short:
        yield failed("OAuth scopes", narrowing.CODE, narrowing.said(short), it.slug)
    else:
        yield fine("OAuth scopes", "The token was granted all that sync needs.", it.slug)


def writing(it: Patient) -> Iterator[Checked]:
    """By a change to an incident that nobody has: it is refused as not there, or, to a key that may only read, before that."""
    try:
        account.refuse_reader(it.http, it.trip, it.slug)
    except ReadOnly as refused:
        if it.integration.is_read_only:
            yield fine("write probe", "No request left us: this account is connected to be read only.", it.slug)
        else:
            yield failed("write probe", "SYN-PAG-READONLY", str(refused), it.slug)
        return
    yield fine(
        "write probe", "The key may write: a change to an incident that nobody has was refused as not there.", it.slug
    )


def priorities(it: Patient) -> Iterator[Checked]:
    there, problem = account.list_priorities(it.http, it.trip)
    if problem is not None:
        yield warned("priorities", "SYN-PAG-PRIORITIES", problem.sentence, it.slug)
        return
    known = {one.id for one in there}
    lost = sorted(
        f"{pair.get('name') or pair['incident']} ({one.name})"
        for one in it.connectors
        for pair in one.priorities
        if pair["incident"] not in known
    )
    if lost:
        said = f"PagerDuty has none of these priorities that connectors map to: {', '.join(lost)}."
        yield warned("priorities", "SYN-PAG-PRIORITIES", said, it.slug)
    else:
        yield fine("priorities", f"The account has {len(there)}.", it.slug)


def services(it: Patient) -> Iterator[Checked]:
    if not it.connectors and it.integration.gives_evidence:
        return
    if not it.connectors:
        yield warned("services", "", "No connector uses this account: `syncd connectors add` makes one.", it.slug)
        return
    known = {one.id: one.name for one in account.list_services(it.http, it.trip)}
    for one in it.connectors:
        check = f"connector {one.name}"
        lost = [service for service in one.services if service.id not in known]
        for service in lost:
            said = f"Its service {service.called} is not in the account any more."
            yield failed(check, "SYN-PAG-SERVICE", said, it.slug)
        if not lost:
            yield from _called(it, check, one, known)


def _called(it: Patient, check: str, one: Connector, known: Mapping[str, str]) -> Iterator[Checked]:
    """A case asks for a service by the name that is kept of it."""
    renamed = [service for service in one.others if known[service.id] != service.name]
    for service in renamed:
        said = (
            f"Its service {service.called} is called {known[service.id]} in PagerDuty now, and a case that asks for that name "
            f"gets the default one: `syncd connectors services {one.name} --add {service.id}` takes the new name."
        )
        yield warned(check, "", said, it.slug)
    if not renamed:
        names = [known[service.id] for service in one.services]
        said = f"Its service {names[0]} is there." if len(names) == 1 else f"Its services {', '.join(names)} are there."
        yield fine(check, said, it.slug)
