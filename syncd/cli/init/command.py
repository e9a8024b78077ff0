"""The command itself: its flags, its steps in their order, and what is said to whoever interrupts it."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.integrations.terms import Consent, ReadOnly
from syncd.cli.joining import SecretFile
from syncd.cli.reach import OutputOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .asking import Talk
from .told import Told

_INTERRUPTED = 130


def init(
    name: Annotated[str, typer.Option(help="The account's name, part of its webhook address.")] = "",
    where: Annotated[str, typer.Option(help="us (when left out and nobody can be asked), eu or an address.")] = "",
    email: Annotated[str, typer.Option(help="The PagerDuty user our writes are made as.")] = "",
    key_file: SecretFile = None,
    consent: Consent = False,
    two_way: Annotated[
        bool | None, typer.Option("--two-way/--one-way", help="Whether what happens in PagerDuty changes cases too.")
    ] = None,
    read_only: ReadOnly = False,
    service: Annotated[str, typer.Option(help="The service incidents are opened on, its id or its name.")] = "",
    connector: Annotated[str, typer.Option(help="The connector's name; after its service when left out.")] = "",
    cases: Annotated[str, typer.Option(help="The case system.")] = "cases",
    priority: Annotated[
        list[str] | None, typer.Option(help="P1=NAME; proposed from PagerDuty's own when left out.")
    ] = None,
    ca_file: Annotated[
        str, typer.Option(help="A file of certificate authorities to trust instead of the usual ones.")
    ] = "",
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Connect a PagerDuty account, make a connector and a webhook, and check everything. Exit 1 when a check or the key fails.

    On a terminal it asks for what no flag says; elsewhere it asks nothing. Nothing is stored before it was checked. Run again it says
    what is there already, and goes on from there.
    """
    from syncd.cli.output import form_of

    form_of(output)
    talk = Talk(output)
    told = Told(
        name,
        where,
        email,
        key_file,
        ca_file,
        consent,
        two_way,
        read_only,
        service,
        connector,
        cases,
        priority or (),
        who(by),
    )
    try:
        found, checks = _all(config, told, talk)
    except (KeyboardInterrupt, typer.Abort):
        raise _interrupted(talk) from None
    except typer.Exit as left:
        if left.exit_code == _INTERRUPTED:
            raise _interrupted(talk) from None
        raise
    is_fine = not any(one["mark"] == "FAIL" for one in checks)
    _tell_end(found, checks, talk)
    raise typer.Exit(0 if is_fine else 1)


def _all(config: Path | None, told: Told, talk: Talk) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    from syncd.cli.joining import joining
    from syncd.configuration import load
    from syncd.console.told_joining import hook_address

    from . import account, admin, connector, webhook

    public_url = load(config).public_url
    with joining(config) as setup:
        name = account.name_of(setup, told, talk)
        hooks, there = hook_address(name, public_url), account.existing(setup, name)
        sender = connector.existing(setup, name, told)
        if not talk.can_ask:
            told.refuse_missing(is_new=there is None, has_connector=sender is not None)
        if there is None:
            account.connect(setup, name, told, talk, hooks)
        else:
            account.tell_existing(there, told, talk)
        if sender is None:
            made = connector.make(setup, name, told, talk)
        else:
            talk.finished(f"{sender.name} is there already: it opens incidents on {sender.service_name}.")
            made = sender
        subscription = webhook.subscribe(setup, name, public_url, told.by, talk)
        it = setup.integration(name)
        opened = admin.link(setup.db, load(config), told.by)
    found = {
        "integration": {"name": name, "account": it.account_host, "hooks": hooks, "is_new": there is None},
        "connector": {"name": made.name, "service": made.service_name, "is_new": sender is None},
        "webhook": {"subscription": subscription, "is_polled": not subscription},
        "first_admin": opened,
    }
    return found, _checked(config, name, talk)


def _checked(config: Path | None, name: str, talk: Talk) -> Sequence[Mapping[str, Any]]:
    from syncd.cli.doctor import Wide, checks, line
    from syncd.console.v1.checks import shown

    found = []
    for one in checks(config, name, Wide()):
        talk.say(line(one))
        found.append(shown(one))
    return found


def _tell_end(found: dict[str, Any], checks: Sequence[Mapping[str, Any]], talk: Talk) -> None:
    from syncd.cli.output import show_one

    sender, service = found["connector"]["name"], found["connector"]["service"]
    following = [
        f'syncd trial {found["integration"]["name"]} --service "{service}"',
        f'syncd cases open "A first case" --priority P3 --connector {sender}',
        "syncd status",
    ]
    if not talk.is_for_people:
        show_one({**found, "checks": list(checks), "next": following}, talk.output)
        return
    if found["first_admin"]:
        talk.say(f"Open this to come in as the first admin; it opens once, within 24 h: {found['first_admin']['link']}")
    failed = [one["check"] for one in checks if one["mark"] == "FAIL"]
    done = f"Set up, but for what is marked FAIL above ({', '.join(failed)})." if failed else "All is set up."
    talk.say(f"{done} What to do next; the first says who would be paged, and asks:")
    for one in following:
        talk.say(f"  {one}")


def _interrupted(talk: Talk) -> typer.Exit:
    done = " ".join(talk.done) or "Nothing was stored."
    say(f"\nInterrupted. {done} `syncd init` goes on from there.", err=True)
    return typer.Exit(_INTERRUPTED)
