"""The first step: the account is reached by its key, and connected on terms that somebody has agreed to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from syncd.cli.integrations.terms import tell_what_to_click
from syncd.cli.joining import asked_secret, is_asked_for, mind
from syncd.cli.saying import say
from syncd.errors import Conflict, Misconfigured, Unavailable

from .asking import Choice, Talk, confirmed, hidden, picked, typed

if TYPE_CHECKING:
    from syncd.connections.joining.pagerduty import Seen
    from syncd.connections.joining.reach import Reached
    from syncd.connections.joining.setup import Setup
    from syncd.connections.joining.terms import Terms
    from syncd.store.integrations import Integration

    from .told import Told

_USUAL_NAME = "pagerduty"
_MOST_NAMED = 10  # users of the account, where one has to be chosen
#: What is refused so is mended by another region or address, and not by another key.
_OF_THE_PLACE = (
    "SYN-PAG-REGION",
    "SYN-PAG-ADDRESS",
    "SYN-PAG-MISSING",
    "SYN-PAG-NETWORK",
    "SYN-PAG-TLS",
    "PagerDuty has no region",
)


@dataclass(frozen=True, slots=True)
class _Key:
    value: str
    where: str


def name_of(setup: Setup, told: Told, talk: Talk) -> str:
    """That of the only account there is, where nobody says another."""
    from syncd.connections.joining.setup import named
    from syncd.store import integrations

    if told.name:
        return named(told.name)
    with setup.db.read() as tx:
        there = [one.slug for one in integrations.all_of(tx).values() if one.system == "pagerduty"]
    if len(there) == 1:
        return there[0]
    if not talk.can_ask:
        known = f"; {', '.join(there)} are there" if there else ""
        raise Misconfigured(f"The account has no name yet{known}; give it one by --name.")
    return named(typed("A name for the account, part of its webhook address", _USUAL_NAME))


def existing(setup: Setup, name: str) -> Integration | None:
    from syncd.store import integrations

    with setup.db.read() as tx:
        it = integrations.get(tx, name)
    if it is not None and it.system != "pagerduty":
        raise Conflict(f"{name} is not a PagerDuty account; give this one another name by --name.")
    return it


def tell_existing(it: Integration, told: Told, talk: Talk) -> None:
    """What stays as it was is said, also where a flag says otherwise."""
    sync = "two-way" if it.is_two_way else "one-way"
    sender = it.settings.get("from", "")
    writer = "nobody" if it.is_read_only else sender
    talk.finished(
        f"{it.slug} is connected already: {it.account_host or it.base_url}, writes as {writer}, sync: {sync}."
    )
    if told.is_two_way is not None and told.is_two_way != it.is_two_way:
        other = "on" if told.is_two_way else "off"
        talk.say(f"Its sync stays {sync}; `syncd integrations two-way {it.slug} {other}` changes that.")
    if told.email and told.email.strip().casefold() != sender.casefold():
        talk.say(f"Its writes stay those of {sender}; `syncd integrations set {it.slug} --email ADDRESS` changes that.")
    if not is_asked_for(told.key_file):
        talk.say(f"Its key stays as it is; `syncd integrations rotate {it.slug}` changes it.")


def connect(setup: Setup, name: str, told: Told, talk: Talk, hooks: str) -> Reached:
    from syncd.connections.joining.pagerduty import add_pagerduty
    from syncd.connections.joining.services import chosen

    tell_what_to_click(hooks)
    key, seen = _reached(setup, name, told, talk)
    talk.say(seen.says)
    if told.service:
        chosen(seen.services, told.service)  # Before anything is stored.
    terms = _terms(told, talk)
    terms.refuse_without_consent()
    email = told.email or seen.owner or _sender(seen, told, talk)
    reached = add_pagerduty(
        setup, name, api_key=key.value, email=email, terms=terms, where=key.where, ca_file=told.ca_file
    )
    sync = "two-way" if terms.is_two_way else "one-way"
    talk.finished(f"{name} is connected to {reached.host}, writes as {reached.writer}, sync: {sync}.")
    mind(reached.warnings)
    return reached


def _reached(setup: Setup, name: str, told: Told, talk: Talk) -> tuple[_Key, Seen]:
    """What is refused is asked for again, where somebody can be asked: the key alone, or where it is sent."""
    from syncd.connections.joining.pagerduty import look

    key = _given(told, talk)
    while True:
        try:
            return key, look(setup, name, api_key=key.value, where=key.where, ca_file=told.ca_file, by=told.by)
        except Conflict:
            raise  # Another key of the same account would be refused as well.
        except (Misconfigured, Unavailable) as error:
            is_of_the_place = str(error).startswith(_OF_THE_PLACE)
            if isinstance(error, Unavailable) and not (is_of_the_place and talk.can_ask):
                raise
            say(f"syncd: {error}", err=True)
            if not talk.can_ask:
                raise typer.Exit(1) from None
        # Whatever a file or the environment holds was just refused.
        another = "" if is_of_the_place else hidden("API key (nothing: the same at another region)", may_be_empty=True)
        key = replace(key, value=another) if another else replace(key, where=_region())


def _region(usual: str | None = None) -> str:
    """What is none is not repeated, nor offered again: it may be a key that was pasted here."""
    from syncd.systems.pagerduty import client

    while True:
        where = typed("Its region: us, eu or an address", usual)
        try:
            client.base_url(where)
        except Misconfigured:
            say("That is no region; give us, eu or an address like https://host/path.", err=True)
        else:
            return where


def _given(told: Told, talk: Talk) -> _Key:
    where = told.where
    if not where:
        where = _region("us") if talk.can_ask else "us"
    return _Key(asked_secret(told.key_file, "API key"), where)


def _terms(told: Told, talk: Talk) -> Terms:
    from syncd.connections.joining.terms import Terms

    has_consented = told.has_consented or (talk.can_ask and _consented(talk))
    Terms(told.by, has_consented, is_two_way=False).refuse_without_consent()
    is_two_way = told.is_two_way
    if is_two_way is None:
        is_two_way = confirmed("Shall what people do in PagerDuty change cases too (two-way sync)?")
    return Terms(told.by, has_consented, is_two_way, told.is_read_only)


def _consented(talk: Talk) -> bool:
    """Who declines by a slip loses nothing of what was typed."""
    from syncd.connections.joining.terms import PROCESSED

    while not confirmed(f"{PROCESSED} Do you consent?"):
        talk.say("Nothing can be connected without it; Ctrl-C leaves, and nothing is stored.")
    return True


def _sender(seen: Seen, told: Told, talk: Talk) -> str:
    """Where nobody can be asked it is missed only now: a personal key needs none."""
    if told.is_read_only:
        return ""
    people = [Choice(one.email, one.name) for one in seen.users if one.can_respond]
    if not talk.can_ask:
        named = ", ".join(one.key for one in people[:_MOST_NAMED]) or "none who may respond"
        raise Misconfigured(f"No user is named for our writes; name one of PagerDuty's by --email: {named}.")
    return picked("The user our writes are made as", people, talk.say)
