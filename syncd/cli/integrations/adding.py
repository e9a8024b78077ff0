"""`syncd integrations add`: an account is connected."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, is_asked_for, joining, mind
from syncd.cli.reach import Json, OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import NewName, integrations
from .terms import ActAsPerson, Consent, GivesEvidence, ReadOnly, TwoWay, agreed_terms, tell_what_to_click

if TYPE_CHECKING:
    from syncd.connections.joining.reach import Reached


@integrations.command("add")
def add(
    name: NewName,
    email: Annotated[str, typer.Option(help="PagerDuty: the user our writes are made as.")] = "",
    where: Annotated[
        str | None, typer.Option(help="PagerDuty: us (when left out), eu or an address. Case system: its address.")
    ] = None,
    system: Annotated[str, typer.Option(help="pagerduty or casedesk.")] = "pagerduty",
    consent: Consent = False,
    two_way: TwoWay = None,
    read_only: ReadOnly = False,
    act_as_person: ActAsPerson = False,
    evidence: GivesEvidence = False,
    writes_as: Annotated[str, typer.Option(help="Case system: the account our writes are made with.")] = "syncd",
    ca_file: Annotated[
        str, typer.Option(help="A file of certificate authorities to trust instead of the usual ones.")
    ] = "",
    secret_file: SecretFile = None,
    by: By = None,
    output: OutputOption = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Check an account's credential with the account itself, then store it sealed."""
    from syncd.cli.output import form_of
    from syncd.configuration import load
    from syncd.connections.joining import collected
    from syncd.connections.joining.casedesk import add_casedesk
    from syncd.connections.joining.kinds import refuse_what_does_not_fit
    from syncd.connections.joining.pagerduty import add_pagerduty
    from syncd.console.told_joining import desk_connected, hook_address

    form_of(output)
    given = consent or read_only or act_as_person or evidence or two_way is not None
    refuse_what_does_not_fit(system, email, where, is_of_pagerduty=given)
    if server:
        elsewhere.refuse_files(ca_file)
        fields: Json = {"name": name, "system": system, "by": who(by), "where": where or "", "email": email}
        if system == "casedesk":
            fields = {**fields, "writes_as": writes_as, "secret": asked_secret(secret_file, "API token")}
        else:
            terms = agreed_terms(
                who(by), consent=consent, is_two_way=two_way, is_read_only=read_only, acts_as_person=act_as_person
            )
            agreed = {
                "consent": True,
                "two_way": terms.is_two_way,
                "read_only": read_only,
                "act_as_person": act_as_person,
                "evidence": evidence,
            }
            fields = {**fields, **agreed, "secret": asked_secret(secret_file, "API key")}
        _add_elsewhere(server, fields, output)
        return
    with joining(config) as setup:
        setup.refuse_taken(name)
        if system == "casedesk":
            secret = asked_secret(secret_file, "API token")
            add_casedesk(
                setup, name, base_url=where or "", token=secret, writes_as=writes_as, ca_file=ca_file, by=who(by)
            )
            say(desk_connected(name))
            return
        terms = agreed_terms(
            who(by), consent=consent, is_two_way=two_way, is_read_only=read_only, acts_as_person=act_as_person
        )
        hooks = hook_address(name, load(config).public_url)
        if is_asked_for(secret_file):
            tell_what_to_click(hooks)
        secret = asked_secret(secret_file, "API key")
        reached = add_pagerduty(
            setup, name, api_key=secret, email=email, terms=terms, where=where or "us", ca_file=ca_file
        )
        if evidence:
            collected.switch(setup, name, is_on=True, by=who(by))
    _tell(reached, output, hooks, is_two_way=terms.is_two_way)
    mind(reached.warnings)


def _tell(reached: Reached, output: str | None, hooks: str, *, is_two_way: bool) -> None:
    from syncd.cli.output import tell
    from syncd.console.told_joining import connected

    tell(connected(reached, hooks, is_two_way=is_two_way), output)


def _add_elsewhere(server: str, fields: Json, output: str | None) -> None:
    from syncd.cli.output import tell

    with elsewhere.there(server) as far:
        answer = far.add_integration(fields)
    warnings = answer.pop("warnings", ())
    tell(answer, output)
    mind(warnings)
