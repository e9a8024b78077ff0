"""The commands that connect accounts and make connectors. Secrets come from a file, the environment or a hidden prompt."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from .daemon import ConfigOption

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup
    from syncd.connections.webhooks.rotation import Rotated, Rotation

integrations = typer.Typer(
    help="Accounts: PagerDuty ones and case systems.", no_args_is_help=True, rich_markup_mode=None
)
connectors = typer.Typer(
    help="An integration aimed at one PagerDuty service.", no_args_is_help=True, rich_markup_mode=None
)

SECRET_VARIABLE = "SYNCD_SECRET"  # noqa: S105  the variable's name
Name = Annotated[str, typer.Argument(help="Its name, part of its webhook address: small letters, digits, hyphens.")]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help=f"Read the secret from this file, not {SECRET_VARIABLE}.")
]


@contextmanager
def _setup(config: Path | None) -> Iterator[Setup]:
    from syncd.connections.joining.builtin import ensure_builtin
    from syncd.connections.joining.setup import Setup
    from syncd.connections.master_key import open_vault
    from syncd.settings import load
    from syncd.wiring import site

    from .existing import existing_database

    settings = load(config)
    with existing_database(settings) as db:
        # A person's shell need not have the daemon's settings: whoever only looks in does not move the cases.
        ensure_builtin(db, site(settings), is_home=False)
        yield Setup(db, open_vault(settings, db), db.clock, settings.outgoing())


def _secret(file: Path | None, what: str) -> str:
    """Never from the command line, where everybody on the machine can read it."""
    from syncd.errors import Misconfigured

    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{file} cannot be read ({error.strerror}); it should hold the {what}."
            raise Misconfigured(message) from error
        except UnicodeDecodeError:
            # Without its cause, which quotes what was read.
            message = f"{file} holds no text; it should hold the {what}."
            raise Misconfigured(message) from None
    if os.environ.get(SECRET_VARIABLE):
        return os.environ[SECRET_VARIABLE].strip()
    if sys.stdin.isatty():
        try:
            return str(typer.prompt(what, hide_input=True, err=True)).strip()
        except typer.Abort:  # Ctrl-C: nothing was found and nothing was done.
            raise typer.Exit(130) from None
    message = f"The {what} is missing; put it into {SECRET_VARIABLE} or a file named by --secret-file."
    raise Misconfigured(message)


def _mind(warnings: Sequence[str]) -> None:
    for warning in warnings:
        typer.echo(f"Mind: {warning}", err=True)


@integrations.command("add")
def add_integration(
    name: Name,
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
    with _setup(config) as setup:
        setup.refuse_taken(name)
        secret = _secret(secret_file, "API key" if system == "pagerduty" else "API token")
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
        _mind(reached.warnings)


@integrations.command("rotate")
def rotate(
    name: Name,
    email: Annotated[str, typer.Option(help="PagerDuty: another user whom our writes are made as.")] = "",
    secret_file: SecretFile = None,
    config: ConfigOption = None,
) -> None:
    """Give an account another credential; what the old one's refusal held goes on in order."""
    from syncd.connections.joining import accounts

    with _setup(config) as setup:
        warnings = accounts.rotate(setup, name, _secret(secret_file, "new credential"), email=email)
    typer.echo(f"{name} has its new credential; what was held goes on within seconds.")
    _mind(warnings)


@integrations.command("list")
def list_integrations(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every account: whether it is connected, and whether a person has paused it or only observes it."""
    from syncd.console.api_integrations import IntegrationsApi

    from .output import show

    with _setup(config) as setup:
        rows = IntegrationsApi(setup.db).found()
    show(rows, output)


@integrations.command("test")
def check_integration(name: Name, config: ConfigOption = None) -> None:
    """Ask the account whether it still takes the credential."""
    from syncd.connections.joining import accounts

    with _setup(config) as setup:
        _say_whom_we_ask(setup, name)
        for what, answer in accounts.check(setup, name).items():
            typer.echo(f"{what}: {answer}")
        _say_whether_it_is_still_disconnected(setup, name)


def _say_whether_it_is_still_disconnected(setup: Setup, name: str) -> None:
    """A credential that works again lets nothing go by itself: a worker has to have asked as well."""
    from syncd.core.lifecycle import IntegrationState
    from syncd.flow.accounts import ASK_AGAIN_EVERY
    from syncd.store import integrations as store

    with setup.db.read() as tx:
        it = store.get(tx, name)
    if it is not None and it.state is IntegrationState.DISCONNECTED:
        typer.echo(
            f"state: still disconnected; a worker asks it again within {ASK_AGAIN_EVERY.total_seconds():.0f} s and then "
            f"lets everything go, and `syncd integrations rotate {name}` with the same credential does so at once"
        )


def _say_whom_we_ask(setup: Setup, name: str) -> None:
    """A far side that hangs is waited for in silence, which on a terminal looks like a fault of ours."""
    from syncd.store import integrations as store

    if not sys.stderr.isatty():
        return
    with setup.db.read() as tx:
        it = store.get(tx, name)
    if it is not None and it.sealed is not None:
        typer.echo(f"Asking {urlsplit(it.base_url).hostname} ...", err=True)


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
    config: ConfigOption = None,
) -> None:
    """Add the secret that a source signs its hooks with, or have the webhook made, or made anew."""
    from syncd.connections.webhooks.making import add_hook_secret
    from syncd.errors import Misconfigured
    from syncd.settings import load

    if (create or rotate) and secret_file is not None:
        message = f"With --{'create' if create else 'rotate'} PagerDuty makes the secret; leave --secret-file out."
        raise Misconfigured(message)
    if rotate and (create or service):
        message = "--rotate replaces each subscription as it is; leave --create and --service out."
        raise Misconfigured(message)
    with _setup(config) as setup:
        if rotate or create:
            made = _rotation(setup, name, load(config).public_url)
            _tell_made(name, made.run() if rotate else made.create(service))
            return
        add_hook_secret(setup, name, _secret(secret_file, "webhook secret"))
        typer.echo(f"{name}: the secret is sealed; hooks signed with it are taken at /hooks/{name}.")


def _rotation(setup: Setup, name: str, public_url: str) -> Rotation:
    from time import sleep

    from syncd.connections.webhooks.rotation import PING_WITHIN, Rotation

    said = iter([f"Waiting for the new one's ping, {PING_WITHIN:.0f} s at most ..."] if sys.stderr.isatty() else [])

    def rest(seconds: float) -> None:
        for line in said:
            typer.echo(line, err=True)
        sleep(seconds)

    return Rotation(setup, name, public_url, rest)


def _tell_made(name: str, made: Sequence[Rotated]) -> None:
    for one in made:
        if not one.is_made:
            typer.echo(
                f"{name}: subscription {one.new} sends the same as {one.old}, whose secret was lost and which was deleted."
            )
        elif one.old:
            typer.echo(f"{name}: subscription {one.new} has proved its secret, and {one.old} was deleted.")
        else:
            typer.echo(f"PagerDuty made subscription {one.new}; its secret is sealed.")


@connectors.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The connector's name.")],
    integration: Annotated[str, typer.Option(help="The PagerDuty account.")],
    service: Annotated[str, typer.Option(help="The service incidents are opened on: its id or its name.")],
    cases: Annotated[str, typer.Option(help="The case system.")] = "cases",
    priority: Annotated[
        list[str] | None, typer.Option(help="P1=NAME; proposed from PagerDuty's own when left out.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE: unacknowledged, case_reopened, priority, resolution_note, note_edits, title, body."
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Make a connector, with the priorities of both sides matched."""
    from syncd.connections.joining.connectors import add_connector

    with _setup(config) as setup:
        made = add_connector(
            setup,
            name,
            integration=integration,
            service=service,
            case_system=cases,
            priorities=priority or (),
            policy=dict(one.partition("=")[::2] for one in policy or ()),
        )
    for pair in made.connector.priorities:
        typer.echo(f"{pair['case']} = {pair['name'] or pair['incident']}")
    if made.warning:
        _mind([made.warning])
    elif unmapped := [*made.unmapped, *(f"PagerDuty's {one}" for one in made.unheard)]:
        _mind([f"Not mapped: {', '.join(unmapped)}; such a priority is recorded and not sent."])
    typer.echo(f"{made.connector.name} opens incidents on {made.connector.service_name} for {cases}.")


@connectors.command("list")
def list_connectors(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every connector, with its badge."""
    from syncd.store import integrations as store

    from .output import show

    with _setup(config) as setup, setup.db.read() as tx:
        rows = [
            {
                "name": one.name,
                "path": "Bi-directional" if one.path == "bidirectional" else "Service key",
                "integration": one.integration,
                "service": one.service_name or one.service_id,
                "cases": one.case_system,
                "priorities": " ".join(f"{pair['case']}={pair['name'] or pair['incident']}" for pair in one.priorities),
            }
            for one in store.all_connectors(tx).values()
        ]
    show(rows, output)
