"""`syncd integrations set`: an account is asked elsewhere, or consent is recorded."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, joining, mind
from syncd.cli.who import By, who

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
    secret_file: SecretFile = None,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    """Change where an account is asked, or whom our writes are made as; it is checked before anything is stored."""
    from syncd.connections.joining import accounts, changing
    from syncd.errors import Misconfigured

    if not (where or email or consent):
        message = "Nothing is to be changed; name --where, --email or --consent."
        raise Misconfigured(message)
    with joining(config) as setup:
        it = setup.integration(name)
        if where:
            secret = asked_secret(secret_file, "credential")
            mind(changing.move(setup, name, where, secret, email=email, by=who(by)))
            typer.echo(f"{name} is asked at {setup.integration(name).base_url} from now on.")
        elif email:
            secret = next(iter(setup.credentials(it).values()))
            mind(accounts.rotate(setup, name, secret, email=email, by=who(by)))
            typer.echo(f"Our writes to {name} are made as {email} from now on.")
        if consent:
            is_new = changing.consent(setup, name, who(by))
            typer.echo(f"{name}: consent is recorded." if is_new else f"{name}: consent was recorded before.")
