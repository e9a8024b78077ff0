"""`syncd integrations set`: an account is asked elsewhere, acts as the person or not, or consent is recorded."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, joining, mind
from syncd.cli.reach import ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import Name, integrations


@integrations.command("set")
def change(
    name: Name,
    where: Annotated[
        str, typer.Option(help="Another address; asks for the secret again, which no new address is sent.")
    ] = "",
    email: Annotated[str, typer.Option(help="PagerDuty: another user whom our writes are made as.")] = "",
    consent: Annotated[
        bool, typer.Option("--consent", help="Record your consent for an account that an earlier release added.")
    ] = False,
    act_as_person: Annotated[
        str,
        typer.Option(
            metavar="on|off", help="PagerDuty: whether what people change on cases is written in their own names."
        ),
    ] = "",
    read_only: Annotated[
        str,
        typer.Option(
            metavar="on|off", help="PagerDuty: whether it is only read; off once its credential may write there."
        ),
    ] = "",
    evidence: Annotated[
        str, typer.Option(metavar="on|off", help="PagerDuty: whether evidence is collected from it.")
    ] = "",
    secret_file: SecretFile = None,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Change where an account is asked, or in whose names it is written to; it is checked before anything is stored."""
    from syncd.connections.joining import acting, changing, collected, reading
    from syncd.console import told_joining
    from syncd.console.told import acting_switched, evidence_switched, reading_switched
    from syncd.errors import Misconfigured

    if not (where or email or consent or act_as_person or read_only or evidence):
        message = (
            "Nothing is to be changed; name --where, --email, --act-as-person, --read-only, --evidence or --consent."
        )
        raise Misconfigured(message)
    _refuse_position("--act-as-person", act_as_person)
    _refuse_position("--read-only", read_only)
    _refuse_position("--evidence", evidence)
    if server:
        acts = {"act_as_person": act_as_person == "on"} if act_as_person else {}
        acts |= {"read_only": read_only == "on"} if read_only else {}
        acts |= {"evidence": evidence == "on"} if evidence else {}
        fields = {"by": who(by), "where": where, "email": email, "consent": consent, **acts}
        given = {"secret": asked_secret(secret_file, "credential")} if where else {}
        elsewhere.said(elsewhere.act(server, name, "set", {**fields, **given}))
        return
    with joining(config) as setup:
        setup.integration(name)
        if where:
            secret = asked_secret(secret_file, "credential")
            mind(changing.move(setup, name, where, secret, email=email, by=who(by)))
            say(told_joining.moved(setup, name))
        elif email:
            mind(changing.send_as(setup, name, email, who(by)))
            say(told_joining.sent_as(setup, name))
        if read_only:
            is_changed = reading.switch(setup, name, is_on=read_only == "on", by=who(by))
            say(reading_switched(setup.integration(name), is_changed=is_changed))
        if act_as_person:
            is_changed = acting.switch(setup, name, is_on=act_as_person == "on", by=who(by))
            say(acting_switched(setup.integration(name), is_changed=is_changed))
        if evidence:
            is_changed = collected.switch(setup, name, is_on=evidence == "on", by=who(by))
            say(evidence_switched(setup.integration(name), is_changed=is_changed))
        if consent:
            say(told_joining.consented(name, is_new=changing.consent(setup, name, who(by))))


def _refuse_position(switch: str, given: str) -> None:
    from syncd.errors import Misconfigured

    if given not in {"", "on", "off"}:
        message = f"{given} is no position of {switch}; it is on or off."
        raise Misconfigured(message)
