"""`syncd connectors add`, `list` and `types`."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.integrations import elsewhere
from syncd.cli.joining import SecretFile, asked_secret, joining, mind
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .group import connectors

_KEY = "integration key of the service"
#: As pickers show them.
TYPES: Sequence[Mapping[str, str]] = (
    {
        "type": "PagerDuty Incidents",
        "badge": "Bi-directional",
        "path": "bidirectional",
        "needs": "an integration: --integration and --service",
        "sends": "cases",
        "comes back": "status, priority, notes and resolution notes",
    },
    {
        "type": "PagerDuty",
        "badge": "Service key",
        "path": "service_key",
        "needs": "the integration key of one service, and no integration",
        "sends": "cases and alerts",
        "comes back": "nothing",
    },
)


_LISTED = ("name", "path", "integration", "state", "service", "also", "cases", "priorities")


@connectors.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The connector's name.")],
    path: Annotated[
        str,
        typer.Option(
            help="bidirectional (PagerDuty Incidents) or service_key (one way, one service). It stays as it is made."
        ),
    ] = "bidirectional",
    integration: Annotated[str, typer.Option(help="bidirectional: the PagerDuty account.")] = "",
    service: Annotated[
        str, typer.Option(help="bidirectional: the service incidents are opened on, its id or its name.")
    ] = "",
    also: Annotated[
        list[str] | None,
        typer.Option(
            help="bidirectional: another service that a case may ask for, its id or its name; may be given again."
        ),
    ] = None,
    service_name: Annotated[str, typer.Option(help="service_key: what its service is called.")] = "",
    where: Annotated[str | None, typer.Option(help="service_key: us (when left out), eu or an address.")] = None,
    cases: Annotated[str, typer.Option(help="The case system.")] = "cases",
    priority: Annotated[
        list[str] | None,
        typer.Option(
            help="P1=NAME; proposed from PagerDuty's own when left out. service_key: critical, error, warning or info."
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE: unacknowledged, case_reopened, priority, resolution_note, note_edits, title, body."
        ),
    ] = None,
    ca_file: Annotated[
        str, typer.Option(help="service_key: a file of certificate authorities to trust instead of the usual ones.")
    ] = "",
    secret_file: SecretFile = None,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a connector, with the priorities of both sides matched.

    With --path service_key its key is read from SYNCD_SECRET, a file or a hidden prompt, and asked before it is sealed.
    """
    from syncd.connections.joining.paths import BIDIRECTIONAL, refuse_what_does_not_fit

    words = {
        "--integration": integration,
        "--service": service,
        "--service-name": service_name,
        "--where": where,
        "--ca-file": ca_file,
        "--secret-file": secret_file,
        "--also": " ".join(also or ()),
    }
    refuse_what_does_not_fit(path, words)
    chosen = dict(one.partition("=")[::2] for one in policy or ())
    if server:
        elsewhere.refuse_files(ca_file)
        fields = {"integration": integration, "service": service, "service_name": service_name, "where": where or ""}
        if path != BIDIRECTIONAL:
            fields["secret"] = asked_secret(secret_file, _KEY)
        fields |= {"name": name, "path": path, "cases": cases, "by": who(by)}
        lists = {"also": list(also or ()), "priorities": list(priority or ())}
        _add_elsewhere(server, {**fields, **lists, "policy": chosen})
    elif path == BIDIRECTIONAL:
        _add_bidirectional(config, name, integration, (service, also or ()), cases, priority or (), chosen, who(by))
    else:
        at = (service_name, where or "us", ca_file, secret_file)
        _add_service_key(config, name, at, cases, priority or (), chosen, who(by))


def _add_elsewhere(server: str, fields: Mapping[str, Any]) -> None:
    with elsewhere.there(server) as far:
        _tell(far.add_connector(dict(fields)))


def _add_bidirectional(
    config: Path | None,
    name: str,
    integration: str,
    services: tuple[str, Sequence[str]],
    cases: str,
    priorities: Sequence[str],
    policy: Mapping[str, str],
    by: str,
) -> None:
    from syncd.connections.joining.connectors import add_connector
    from syncd.console.told_connectors import made_known

    with joining(config) as setup:
        made = add_connector(
            setup,
            name,
            integration=integration,
            service=services[0],
            case_system=cases,
            priorities=priorities,
            policy=policy,
            by=by,
            also=services[1],
        )
        told = made_known(setup, made)
    _tell(told)


def _add_service_key(
    config: Path | None,
    name: str,
    at: tuple[str, str, str, Path | None],
    cases: str,
    priorities: Sequence[str],
    policy: Mapping[str, str],
    by: str,
) -> None:
    from syncd.connections.joining.service_key import add_service_key, refuse_before_asking
    from syncd.console.told_connectors import made_known

    service_name, where, ca_file, secret_file = at
    with joining(config) as setup:
        refuse_before_asking(setup, name, cases)
        made = add_service_key(
            setup,
            name,
            key=asked_secret(secret_file, _KEY),
            service_name=service_name,
            case_system=cases,
            where=where,
            ca_file=ca_file,
            priorities=priorities,
            policy=policy,
            by=by,
        )
        told = made_known(setup, made)
    _tell(told)


def _tell(told: Mapping[str, Any]) -> None:
    for pair in told["priorities"]:
        say(f"{pair['case']} = {pair['name']}")
    mind(told["warnings"])
    say(told["says"])


@connectors.command("list")
def list_connectors(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every connector, with its badge, how its account is, and in a table above it what to do where that is disconnected."""
    from syncd.cli.output import Form, form_of, show
    from syncd.console.v1.connectors import ConnectorsApi
    from syncd.core.harmless import printable

    with joining(config) as setup:
        rows = ConnectorsApi(setup.db).found()
    if form_of(output) is Form.TABLE:
        for banner in dict.fromkeys(row["banner"] for row in rows if row["banner"]):
            say(printable(banner))
    show(rows, output, columns=_LISTED, listed="connectors")


@connectors.command("types")
def types(output: OutputOption = None) -> None:
    """The two kinds of connector there are, and what each of them carries."""
    from syncd.cli.output import show

    show([dict(one) for one in TYPES], output)
