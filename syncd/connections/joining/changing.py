"""Changing an account that is joined: where it is asked, whom our writes are made as, and consent that nobody has recorded yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.connections import key_age
from syncd.connections.grant import grant_of
from syncd.core.connection import Kind
from syncd.errors import Conflict, Misconfigured
from syncd.store import connection_log, integrations
from syncd.store.integrations import Agreed

from . import accounts
from .history import failing
from .setup import Setup, refuse_same_account
from .terms import PROCESSED


def refuse_stored_credential(given: str) -> None:
    """A secret is told to nobody but the address that it was given for."""
    if not given.strip():
        raise Misconfigured(
            "Another address needs the credential once more: the stored one is never sent to a new address."
        )


def move(setup: Setup, slug: str, where: str, credential: str, *, email: str = "", by: str = "") -> Sequence[str]:
    """Ask it elsewhere from now on, after what stands there has accepted the credential; what to mind about it."""
    refuse_stored_credential(credential)
    it = setup.integration(slug)
    base_url = accounts.address_of(it, where)
    moved = replace(it, base_url=base_url)
    warnings, sealed, new = accounts.renew_at(setup, moved, credential, email, by)
    is_new = accounts.is_other(setup, it, new)
    with failing(setup, slug, by), setup.db.write() as tx:
        there = accounts.locked_unchanged(tx, it)
        refuse_same_account(tx, slug, new.account_host)
        now = setup.db.now(tx)
        integrations.move(tx, slug, base_url)
        integrations.reseal(
            tx, slug, sealed, {**there.settings, **new.stored, **(key_age.stored(now) if is_new else {})}
        )
        integrations.probe_later(tx, slug, now)
        accounts.ask_what_it_sees(tx, there, now)
        detail = f"It is asked at {base_url} instead of {there.base_url}."
        connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)
        accounts.note_sender(tx, it, new.settings, by, now)
    return warnings


def send_as(setup: Setup, slug: str, email: str, by: str) -> Sequence[str]:
    """Our writes are made as another user, by the credential there is; what to mind about it."""
    it = setup.integration(slug)
    credentials = setup.credentials(it)
    if grant_of(credentials) is not None:
        raise Conflict(
            f"{slug} is connected by OAuth, and who its writes are made as is said there: `syncd integrations authorise {slug}`."
        )
    return accounts.rotate_as_read(setup, it, next(iter(credentials.values())), email=email, by=by)


def consent(setup: Setup, slug: str, by: str) -> bool:
    """For an account that an earlier release added. False: somebody has consented before."""
    with setup.db.write() as tx:
        there = integrations.lock(tx, slug)
        if there is None or there.system != "pagerduty":
            raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
        if there.consented_at is not None:
            return False
        now = setup.db.now(tx)
        agreed = Agreed(by, is_two_way=there.is_two_way, is_read_only=there.is_read_only)
        integrations.agree(tx, slug, agreed, now)
        connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=f"Consented: {PROCESSED}")
    return True
