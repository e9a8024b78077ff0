"""`syncd integrations add` and `rotate`: an account is connected, or gets another credential."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, joining, mind

from .group import Name, NewName, integrations


@integrations.command("add")
def add(
    name: NewName,
    email: Annotated[str, typer.Option(help="PagerDuty: the user our writes are made as.")] = "",
    where: Annotated[
        str | None, typer.Option(help="PagerDuty: us (when left out), eu or an address. Case system: its address.")
    ] = None,
    system: Annotated[str, typer.Option(help="pagerduty or casedesk.")] = "pagerduty",
    writes_as: Annotated[str, typer.Option(help="Case system: the account our writes are made with.")] = "syncd",
    ca_file: Annotated[
        str, typer.Option(help="A file of certificate authorities to trust instead of the usual ones.")
    ] = "",
    secret_file: SecretFile = None,
    config: ConfigOption = None,
) -> None:
    """Check an account's credential with the account itself, then store it sealed."""
    from syncd.connections.joining.casedesk import add_casedesk
    from syncd.connections.joining.pagerduty import add_pagerduty
    from syncd.errors import Misconfigured

    if system not in {"pagerduty", "casedesk"}:
        message = f"--system {system} is none that can be added; it is pagerduty or casedesk."
        raise Misconfigured(message)
    if system == "casedesk" and email:
        message = "A case system has no --email, which is PagerDuty's; name the account our writes are made with by --writes-as."
        raise Misconfigured(message)
    if system == "casedesk" and not where:
        message = "A case system has no usual address; give its own by --where."
        raise Misconfigured(message)
    if system == "pagerduty" and not email:
        message = "No user is named for our writes; name one of PagerDuty's by --email."
        raise Misconfigured(message)
    with joining(config) as setup:
        setup.refuse_taken(name)
        secret = asked_secret(secret_file, "API key" if system == "pagerduty" else "API token")
        if system == "casedesk":
            add_casedesk(setup, name, base_url=where or "", token=secret, writes_as=writes_as, ca_file=ca_file)
            typer.echo(
                f"{name} is connected. Its hooks go to /hooks/{name}; add their secret: syncd integrations webhook {name}"
            )
            return
        reached = add_pagerduty(setup, name, api_key=secret, email=email, where=where or "us", ca_file=ca_file)
        typer.echo(
            f"{name} is connected. Services: {reached.services}; key: {reached.key}; writes as {reached.sender}."
        )
        mind(reached.warnings)


@integrations.command("rotate")
def rotate(
    name: Name,
    email: Annotated[str, typer.Option(help="PagerDuty: another user whom our writes are made as.")] = "",
    secret_file: SecretFile = None,
    config: ConfigOption = None,
) -> None:
    """Give an account another credential; what the old one's refusal held goes on in order."""
    from syncd.connections.joining import accounts

    with joining(config) as setup:
        warnings = accounts.rotate(setup, name, asked_secret(secret_file, "new credential"), email=email)
    typer.echo(f"{name} has its new credential; what was held goes on within seconds.")
    mind(warnings)
