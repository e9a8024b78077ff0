"""An account that is there already: another credential for it, and whether it still takes the one it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from syncd.connections import in_use, key_age
from syncd.connections.probes import written
from syncd.core.connection import ROTATED, Kind
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store import connection_log, diagnoses, integrations
from syncd.store.database import Tx
from syncd.store.integrations import IN_USE, Integration
from syncd.systems.pagerduty import client

from . import casedesk, kept, pasted, service_key
from .history import begun, failing
from .renewed import Renewed
from .setup import Setup


class _Joined(Protocol):
    """What each system's own file knows of its accounts."""

    def renewed(self, setup: Setup, it: Integration, credential: str, email: str, /) -> Renewed: ...

    def checked(self, setup: Setup, it: Integration, /) -> Mapping[str, str]: ...


_KINDS: Mapping[str, _Joined] = {"pagerduty": kept, "casedesk": casedesk, "events": service_key}


def rotate(setup: Setup, slug: str, credential: str, *, email: str = "", by: str = "") -> Sequence[str]:
    """Give an account another credential, and PagerDuty's another user for our writes where one is named.

    What their refusal held goes on with the next sweep; what to mind about them.
    """
    return rotate_as_read(setup, setup.integration(slug), credential, email=email, by=by)


def rotate_as_read(setup: Setup, it: Integration, credential: str, *, email: str, by: str) -> Sequence[str]:
    """For whoever has taken something else from `it` before, which has to be its own still."""
    slug = it.slug
    warnings, sealed, new = renew_at(setup, it, credential, email, by)
    is_new = is_other(setup, it, new)
    with failing(setup, slug, by), setup.db.write() as tx:
        now = setup.db.now(tx)
        there = locked_unchanged(tx, it)
        age = key_age.stored(now) if is_new else {}
        integrations.reseal(tx, slug, sealed, {**there.settings, **new.stored, **age})
        integrations.probe_later(tx, slug, now)
        written.write(tx, slug, new.answers, written.uses_of(there), now)
        ask_what_it_sees(tx, there, now)
        detail = ROTATED if is_new else "The same credential was given again."
        connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)
        note_sender(tx, it, new.settings, by, now)
    setup.learn(it, new.account_host)
    return warnings


def note_sender(tx: Tx, it: Integration, settings: Mapping[str, str], by: str, now: datetime) -> None:
    """In whose name writes go out is a thing of its own, for whoever reads the account's history."""
    writes_as = settings.get("from", it.writes_as)
    if writes_as == it.writes_as:
        return
    detail = f"Writes go out as {writes_as or 'nobody'} (was {it.writes_as or 'nobody'})."
    connection_log.add(tx, it.slug, Kind.UPDATED, now=now, by=by, detail=detail)


def is_other(setup: Setup, it: Integration, new: Renewed) -> bool:
    """Who names another user for our writes, or another address, may give the key there is, which grows no younger by that. One that
    cannot be opened any more is taken for another.
    """
    try:
        return setup.credentials(it) != new.credentials
    except Misconfigured:
        return True


def ask_what_it_sees(tx: Tx, it: Integration, now: datetime) -> None:
    """Whether another key sees the whole account is asked by the next sweep: until then what was found of the one before is told."""
    if it.gives_evidence:
        diagnoses.ask(tx, it.slug, now)


def renew_at(
    setup: Setup, it: Integration, credential: str, email: str, by: str
) -> tuple[Sequence[str], bytes, Renewed]:
    """Checked where `it` says it is, and sealed; nothing is stored yet. What to mind comes first."""
    pasted.refuse_misplaced(credential, e_mail_address=email)
    kind = _kind_of(setup, it.slug)
    with begun(setup, it.slug, Kind.REINITIATED, by):
        new = kind.renewed(setup, it, credential, email)
        _refuse_another_account(it, new)
    return new.warnings, seal(setup, it, new), new


def seal(setup: Setup, it: Integration, new: Renewed) -> bytes:
    return setup.vault.seal(f"integration:{it.slug}", new.credentials)


def locked_unchanged(tx: Tx, it: Integration) -> Integration:
    """The questions took their time, and their answers are about the account as `it` was: where, which one, by which key, as whom."""
    there = integrations.lock(tx, it.slug)
    if there is None:
        raise NotFound(f"{it.slug} was removed meanwhile; `syncd integrations list` shows those there are.")
    if _asked_of(there) != _asked_of(it):
        raise Conflict(f"{it.slug} was changed meanwhile, so nothing of this was stored; try again.")
    return there


def _asked_of(it: Integration) -> tuple[object, ...]:
    said = {name: value for name, value in it.settings.items() if name != IN_USE}  # What is sealed says it as well.
    return it.base_url, it.account_host, it.sealed, said


def address_of(it: Integration, where: str) -> str:
    return client.base_url(where) if it.system == "pagerduty" else where.strip().rstrip("/")


def _refuse_another_account(it: Integration, new: Renewed) -> None:
    """Its links would lead to incidents that this key has never heard of."""
    if it.account_host and new.account_host and it.account_host != new.account_host:
        raise Conflict(
            f"This key is of {new.account_host}, and {it.slug} is {it.account_host}; add that account under a name of its own, or "
            f"move this one there, which ends its links: `syncd integrations rotate {it.slug} --move`."
        )


def _kind_of(setup: Setup, slug: str) -> _Joined:
    kind = _KINDS.get(setup.integration(slug).system)
    if kind is None:
        raise Conflict(f"{slug} has no credential; the built-in cases live in this database.")
    return kind


def check(setup: Setup, slug: str) -> Mapping[str, str]:
    """What a credential check says, in words for a person."""
    it = setup.integration(slug)
    kind = _KINDS.get(it.system)
    if kind is None:
        return {"credential": "none is needed"}
    which = _learnt(setup, it)  # Also of one that is refused, which is when somebody asks.
    answers = kind.checked(setup, it)
    return {"credential": answers["credential"], "in use": which, **answers}


def _learnt(setup: Setup, it: Integration) -> str:
    """Which credential is in use; an earlier release has not written that down."""
    found = in_use.told(setup.credentials(it))
    if it.in_use != found:
        with setup.db.write() as tx:
            there = integrations.lock(tx, it.slug)
            if there is not None and there.sealed == it.sealed:
                integrations.configure(tx, it.slug, {**there.settings, IN_USE: found})
    return found
