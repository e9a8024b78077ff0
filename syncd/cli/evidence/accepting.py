"""`syncd evidence accept`: living with what a check finds, for a time and with a reason."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who
from syncd.errors import Misconfigured

from .group import Account, evidence

if TYPE_CHECKING:
    from syncd.store.evidence.acceptances import Accepted

    from .asked import Here

_COLUMNS = ("id", "integration", "check", "subject", "state", "until", "by", "why")


@evidence.command()
def accept(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    check: Annotated[str, typer.Argument(help="The check, like SVC-01; with --list or --withdraw none.")] = "",
    subject: Annotated[
        str, typer.Argument(help="The id of what is accepted; whatever the check finds when left out.")
    ] = "",
    until: Annotated[str, typer.Option(help="The last day on which it counts, like 2026-12-31, or a moment.")] = "",
    why: Annotated[str, typer.Option(help="The reason: an auditor reads it.")] = "",
    withdraw: Annotated[int | None, typer.Option(help="Take this acceptance back; it stays on record.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Every acceptance, those that are over as well.")] = False,
    integration: Account = "",
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Accept what a check finds: it is told as accepted, by whom, until when and why, and is a fail again after that."""
    from syncd.cli.output import form_of, show, tell

    from .asked import here

    form_of(output)
    if server:
        given = {"check": check, "subject": subject, "until": until, "why": why, "by": who(by)}
        _do_far(server, integration, given, withdraw, output, is_listed=listed)
        return
    with here(config) as asked:
        if listed:
            from syncd.evidence.accepting import listing

            show([_shown(asked, one) for one in listing(asked.db, integration)], output, columns=_COLUMNS)
            return
        if withdraw is not None:
            from syncd.evidence.accepting import told_of_withdrawal
            from syncd.evidence.accepting import withdraw as take_back

            gone = take_back(asked.db, withdraw, who(by))
            tell({**_shown(asked, gone), "says": told_of_withdrawal(asked.db, gone)}, output)
            return
        tell(_accepted(asked, check, subject, until, why, integration, who(by)), output)


def _do_far(
    server: str, name: str, given: dict[str, Any], withdraw: int | None, output: str | None, *, is_listed: bool
) -> None:
    from syncd.cli.output import show, tell

    from .elsewhere import there

    with there(server) as far:
        if is_listed:
            show(far.acceptances(name), output, columns=_COLUMNS)
        elif withdraw is not None:
            tell(far.withdraw(name, {"acceptance": withdraw, "by": given["by"]}), output)
        else:
            _require(given["check"], given["until"])
            made = far.accept(name, given)
            made.pop("is_found")
            _mind(made.pop("mind"))
            tell(made, output)


def _accepted(asked: Here, check: str, subject: str, until: str, why: str, integration: str, by: str) -> dict[str, Any]:
    from syncd.evidence.accepting import accept as take
    from syncd.evidence.report.period import end_of
    from syncd.store.evidence.acceptances import Wanted

    _require(check, until)
    wanted = Wanted(check, by, end_of(until), why, subject)
    taken = take(asked.desk, asked.account(integration), wanted)
    one = taken.acceptance
    _mind(taken.mind)
    said = f"Acceptance {one.id}: {one.check} {one.subject or 'as a whole'} until {one.until:%Y-%m-%d %H:%M} UTC, by {one.by}."
    return {**_shown(asked, one), "says": said}


def _mind(what: str) -> None:
    if what:
        say(what, err=True)


def _require(check: str, until: str) -> None:
    if not check or not until:
        raise Misconfigured(
            "An acceptance takes a check and --until, like `syncd evidence accept SVC-05 --until 2026-12-31 --why TEXT`."
        )


def _shown(asked: Here, one: Accepted) -> dict[str, Any]:
    from syncd.evidence.accepting import state_of

    with asked.db.read() as tx:
        return {**asdict(one), "state": state_of(one, asked.db.now(tx))}
