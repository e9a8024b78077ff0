"""`syncd integrations authorise`: an account is connected by OAuth, or connected anew."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, is_asked_for, joining, mind
from syncd.cli.reach import Json, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import NewName, integrations
from .terms import Consent, ReadOnly, TwoWay, agreed_terms

if TYPE_CHECKING:
    from pathlib import Path

    from syncd.cli.remote import Remote
    from syncd.connections.joining.reach import Reached
    from syncd.connections.joining.setup import Setup
    from syncd.connections.oauth.authorising import Begun
    from syncd.store.integrations import Integration

_LOOK_EVERY = 1.0
_CLICKS = """In PagerDuty: Integrations, App Registration, New App, OAuth 2.0.
  classic   Classic User OAuth, with {access} access
  scoped    Scoped OAuth, with the scopes {scopes}
  app       the same; it acts as itself and nobody has to agree
Redirect URL, exactly: {redirect}
PagerDuty then shows a client id and, once, a client secret."""
_AGAIN = "{name} is agreed to again by what it is connected by: {in_use}. Its redirect URL there has to be, exactly: {redirect}"


@integrations.command("authorise")
def authorise(
    name: NewName,
    client_id: Annotated[str, typer.Option(help="As PagerDuty shows it; without one, how to get one is printed.")] = "",
    kind: Annotated[str, typer.Option(help="Of the application: classic, scoped (when left out) or app.")] = "",
    email: Annotated[
        str, typer.Option(help="Kind app: the user our writes are made as. Else it is whoever agrees.")
    ] = "",
    where: Annotated[str, typer.Option(help="us (when left out), eu or the REST API's address.")] = "",
    subdomain: Annotated[str, typer.Option(help="Kind app: acme of acme.pagerduty.com.")] = "",
    sign_in: Annotated[str, typer.Option(help="The authorisation server, where it is not PagerDuty's usual one.")] = "",
    ca_file: Annotated[
        str, typer.Option(help="A file of certificate authorities to trust instead of the usual ones.")
    ] = "",
    consent: Consent = False,
    two_way: TwoWay = None,
    read_only: ReadOnly = False,
    by: By = None,
    secret_file: SecretFile = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Connect a PagerDuty account by OAuth, or connect it anew: the client secret comes from SYNCD_SECRET or a file.

    It prints an address to open, and waits until somebody has agreed there. Ctrl-C ends only the waiting. An account that is connected
    by OAuth already needs no more than its name: what is left out is as it was.
    """
    from syncd.cli.local import site_of
    from syncd.configuration import load
    from syncd.connections.oauth import authorising, connecting
    from syncd.connections.oauth.application import Named, application
    from syncd.connections.oauth.wanted import Place, wanted

    if server:
        elsewhere.refuse_files(ca_file)
        asked: Json = {"email": email, "where": where, "subdomain": subdomain, "sign_in": sign_in, "by": who(by)}
        asked |= {"client_id": client_id, "secret": _secret(client_id, secret_file), **({"kind": kind} if kind else {})}
        asked |= {"read_only": True} if read_only else {}
        _authorise_elsewhere(server, name, asked, consent=consent, is_two_way=two_way)
        return
    settings = load(config)
    with joining(config) as setup:
        redirect = authorising.redirect_of(site_of(settings, setup.db))
        there = _there(setup, name)
        is_read = read_only if there is None else there.is_read_only
        _tell_what_to_do(name, there, client_id, redirect, is_read_only=is_read)
        named = Named(client_id, _secret(client_id, secret_file), kind)
        client, place = application(setup, name, named, Place(where, sign_in, ca_file, subdomain))
        terms = None
        if there is None:
            terms = agreed_terms(who(by), consent=consent, is_two_way=two_way, is_read_only=read_only)
        it = wanted(setup, name, client, place, email=email, by=who(by), terms=terms)
        if it.is_application:
            _tell(connecting.connect_application(setup, it))
            return
        begun = authorising.begin(setup, it, redirect)
        say(begun.url)
        _wait(setup, begun, is_reachable=bool(settings.site_told()))


def _authorise_elsewhere(server: str, name: str, asked: Json, *, consent: bool, is_two_way: bool | None) -> None:
    with elsewhere.there(server) as far:
        if asked["client_id"] and name not in {one["name"] for one in far.integrations()}:
            is_read = bool(asked.get("read_only"))
            terms = agreed_terms(asked["by"], consent=consent, is_two_way=is_two_way, is_read_only=is_read)
            asked = {**asked, "consent": True, "two_way": terms.is_two_way}
        answer = far.act_on_integration(name, "authorise", asked)
        if answer["state"] == "done":
            elsewhere.said(answer)
            return
        say(answer["url"])
        say(f"{answer['says']} Waiting ...", err=True)
        try:
            elsewhere.said(_awaited(far, name, answer["authorisation"]))
        except KeyboardInterrupt:
            say("\nNothing is lost: that address can be opened until then.", err=True)
            raise typer.Exit(130) from None


def _awaited(far: Remote, name: str, digest: str) -> Json:
    from time import sleep

    from syncd.errors import Misconfigured

    while (found := far.authorisation(name, digest))["state"] in {"waiting", "taken"}:
        sleep(_LOOK_EVERY)
    if found["state"] != "done":
        raise Misconfigured(found["says"])
    return found


def _secret(client_id: str, file: Path | None) -> str:
    """Nobody is asked for it where no application is named: then that which is kept is meant, if there is one."""
    if not client_id.strip() and is_asked_for(file):
        return ""
    return asked_secret(file, "client secret")


def _there(setup: Setup, name: str) -> Integration | None:
    """What was agreed upon when it was connected first stands."""
    from syncd.store import integrations as store

    with setup.db.read() as tx:
        return store.get(tx, name)


def _tell_what_to_do(
    name: str, there: Integration | None, client_id: str, redirect: str, *, is_read_only: bool
) -> None:
    from syncd.systems.pagerduty.oauth import NEEDED, READ

    if there is not None and there.is_by_oauth and not client_id.strip():
        say(_AGAIN.format(name=name, in_use=there.in_use or "OAuth", redirect=redirect), err=True)
    else:
        access, scopes = ("read", READ) if is_read_only else ("write", NEEDED)
        say(_CLICKS.format(access=access, scopes=" ".join(scopes), redirect=redirect), err=True)


def _tell(reached: Reached) -> None:
    from syncd.connections.oauth.authorising import told

    say(told(reached))
    mind(reached.warnings)


def _wait(setup: Setup, begun: Begun, *, is_reachable: bool) -> None:
    until = f"{begun.expires_at:%H:%M} UTC"
    try:
        if is_reachable:
            say(f"Open that address and agree; waiting until {until} ...", err=True)
            _await(setup, begun)
        else:
            say("Open that address and agree, then paste the address the browser was sent to, at once:", err=True)
            _paste(setup, begun, sys.stdin.readline())
    except KeyboardInterrupt:
        say(f"\nNothing is lost: that address can be opened until {until}.", err=True)
        raise typer.Exit(130) from None


def _paste(setup: Setup, begun: Begun, line: str) -> None:
    """A code lives thirty seconds. Where the browser is on this machine the daemon has taken it already."""
    from syncd.connections.oauth.authorising import finish, parts_of

    if line.strip():
        _tell(finish(setup, parts_of(line)))
    elif not _is_over(setup, begun):
        say("Nobody has agreed yet; run the command again and paste the address.", err=True)
        raise typer.Exit(1)


def _await(setup: Setup, begun: Begun) -> None:
    from time import sleep

    while not _is_over(setup, begun):
        sleep(_LOOK_EVERY)


def _is_over(setup: Setup, begun: Begun) -> bool:
    """Says how it ended, or raises, if it has."""
    from syncd.connections.oauth.outcome import outcome
    from syncd.errors import Misconfigured

    found = outcome(setup.db, begun.digest)
    if found is None or found.state == "expired":
        message = "Nobody has agreed in time; run the command again."
        raise Misconfigured(message)
    if found.state == "failed":
        raise Misconfigured(found.says)
    if found.is_over:
        say(found.says)
        mind(found.warnings)
    return found.is_over
