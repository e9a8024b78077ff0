"""`syncd integrations webhook`: what a source signs its hooks with, given by a person or made by PagerDuty."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, joining
from syncd.cli.reach import Json, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import Name, integrations

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup
    from syncd.connections.webhooks.rotation import Rotation


@integrations.command("webhook")
def webhook(
    name: Name,
    secret_file: SecretFile = None,
    create: Annotated[
        bool, typer.Option("--create", help="Have PagerDuty make the subscription; needs public_url.")
    ] = False,
    service: Annotated[
        str, typer.Option(help="With --create: the events of this service (its id or its name), not of all.")
    ] = "",
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="Replace what --create made: another secret, at today's public_url, no gap."),
    ] = False,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Add the secret that a source signs its hooks with, or have the webhook made, or made anew."""
    from syncd.configuration import load
    from syncd.connections.webhooks.making import add_hook_secret
    from syncd.console import told_joining
    from syncd.errors import Misconfigured

    if (create or rotate) and secret_file is not None:
        message = f"With --{'create' if create else 'rotate'} PagerDuty makes the secret; leave --secret-file out."
        raise Misconfigured(message)
    if rotate and (create or service):
        message = "--rotate replaces each subscription as it is; leave --create and --service out."
        raise Misconfigured(message)
    if server and (rotate or create):
        fields = {} if rotate else {"service": service}
        act = "rotate" if rotate else "create"
        say_made(elsewhere.act(server, name, f"webhook/{act}", {"by": who(by), **fields}))
        return
    if server:
        secret = asked_secret(secret_file, "webhook secret")
        elsewhere.said(elsewhere.act(server, name, "webhook", {"by": who(by), "secret": secret}))
        return
    with joining(config) as setup:
        if rotate or create:
            made = rotation(setup, name, load(config).public_url, who(by))
            say_made(told_joining.webhooks_made(name, made.run() if rotate else made.create(service)))
            return
        add_hook_secret(setup, name, asked_secret(secret_file, "webhook secret"), by=who(by))
        say(told_joining.secret_added(name))


def rotation(setup: Setup, name: str, public_url: str, by: str) -> Rotation:
    from time import sleep

    from syncd.connections.webhooks.rotation import Rotation
    from syncd.connections.webhooks.successor import PING_WITHIN

    said = iter([f"Waiting for the new one's ping, {PING_WITHIN:.0f} s at most ..."] if sys.stderr.isatty() else [])

    def rest(seconds: float) -> None:
        for line in said:
            say(line, err=True)
        sleep(seconds)

    return Rotation(setup, name, public_url, rest, by)


def say_made(told: Json) -> None:
    for one in told["made"]:
        say(one["says"])
