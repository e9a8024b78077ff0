"""An authorisation has two halves: somebody is sent to PagerDuty to agree, and a browser comes back with a code."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from syncd.connections.joining import ways
from syncd.connections.joining.history import note
from syncd.connections.joining.reach import Reached
from syncd.connections.joining.setup import Setup, talking
from syncd.core.connection import Kind
from syncd.errors import Conflict, GrantRefused, Misconfigured, SyncdError, cause_of
from syncd.store import authorisations
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import CODE_SECONDS, Given, Redemption

from . import connecting
from .outcome import kept
from .wanted import Wanted

CALLBACK = "/oauth/callback"
LASTS = timedelta(minutes=30)  # for a person to register an application, sign in and agree
_SIGN_IN = "the client id and its secret, as PagerDuty shows them where the application is registered"


@dataclass(frozen=True, slots=True)
class Begun:
    url: str = field(repr=False)  # for the person to open
    digest: str
    expires_at: datetime


def redirect_of(site: str) -> str:
    return f"{site.rstrip('/')}{CALLBACK}"


def begin(setup: Setup, it: Wanted, redirect: str) -> Begun:
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    it, digest = replace(it, redirect=redirect, verifier=verifier), digest_of(state)
    sealed = setup.vault.seal(_purpose(digest), it.sealable())
    with setup.db.write() as tx:
        now = setup.db.now(tx)
        ends = now + LASTS
        authorisations.add(tx, digest, it.slug, sealed=sealed, by=it.by, now=now, expires_at=ends)
    connecting.begun(setup, it)
    note(
        setup,
        it.slug,
        Kind.DELEGATED,
        by=it.by,
        detail=f"A link to agree by was handed out: it is good until {ends:%Y-%m-%d %H:%M} UTC.",
    )
    url = oauth.authorisation_url(it.identity, it.client, redirect, state, verifier, it.scopes)
    return Begun(url, digest, ends)


def finish(setup: Setup, came: Mapping[str, str]) -> Reached:
    """With what stands in the address a browser was sent back to. It counts once, whatever comes of it."""
    it, digest = _taken(setup, came.get("state", ""))
    try:
        reached = connecting.connected(setup, it, _redeemed(setup, it, came))
    except SyncdError as error:
        connecting.failed(setup, it, str(error))
        _end(setup, digest, kept(str(error)), is_done=False)
        raise
    _end(setup, digest, kept(told(reached), reached.warnings), is_done=True)
    return reached


def parts_of(address: str) -> Mapping[str, str]:
    """Of a redirect address that somebody has copied out of a browser."""
    return dict(parse_qsl(urlsplit(address.strip()).query))


def told(reached: Reached) -> str:
    at = f" to {reached.host} ({reached.region})" if reached.host else ""
    return (
        f"{reached.slug} is connected{at}. Users: {reached.users}; services: {reached.services}; "
        f"token: {reached.kind}; writes as {reached.writer}; sync: {ways.told(reached.slug, is_two_way=reached.is_two_way)}"
    )


def digest_of(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _taken(setup: Setup, state: str) -> tuple[Wanted, str]:
    """Only whoever was given the state can have sent it, and only once."""
    digest = digest_of(state)
    with setup.db.write() as tx:
        there = authorisations.get(tx, digest)
        sealed = authorisations.take(tx, digest, setup.db.now(tx))
    if there is None or not hmac.compare_digest(there.digest, digest):
        raise Misconfigured(
            "This is no answer to an authorisation that was begun here; begin one by `syncd integrations authorise`."
        )
    if sealed is None:
        raise Conflict(
            "This authorisation was answered already, or its time is over; "
            f"begin another: `syncd integrations authorise {there.integration}`."
        )
    return Wanted.opened(there.integration, setup.vault.unseal(_purpose(digest), sealed)), digest


def _redeemed(setup: Setup, it: Wanted, came: Mapping[str, str]) -> Given:
    if came.get("error"):
        raise Misconfigured(f"{oauth.denied(came['error'])}; authorise again when that is settled: nothing was stored.")
    code = came.get("code", "")
    if not code:
        raise Misconfigured(
            "The answer holds no code; copy the whole address of the page the browser was sent back to."
        )
    redemption = Redemption(code, it.redirect, it.verifier)
    hidden = (it.client.secret, code, it.verifier)
    http = oauth.sign_in(it.identity, hidden, verify=it.ca_file or None, outgoing=setup.outgoing)
    try:
        with talking(_SIGN_IN):
            return oauth.redeemed(http, setup.trip("connect"), it.client, redemption)
    except Misconfigured as error:
        if isinstance(error.__cause__, GrantRefused):
            raise Misconfigured(
                f"{cause_of(str(error.__cause__))}; a code is taken once and for {CODE_SECONDS} seconds, so authorise again."
            ) from error
        raise
    finally:
        http.close()


def _end(setup: Setup, digest: str, said: str, *, is_done: bool) -> None:
    with setup.db.write() as tx:
        authorisations.end(tx, digest, said, is_done=is_done)


def _purpose(digest: str) -> str:
    return f"authorisation:{digest}"
