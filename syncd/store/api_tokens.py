"""API tokens: found by the id that stands in them, kept for good, written to when one was used only now and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from .columns import storable
from .database import Tx
from .tables_of_access import api_tokens


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: str
    name: str
    digest: bytes
    role: str
    integrations: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> str:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "good"


def add(tx: Tx, one: ApiToken) -> None:
    values = {name: getattr(one, name) for name in ("id", "digest", "role", "created_at", "expires_at")}
    said = {"name": storable(one.name), "created_by": storable(one.created_by), "integrations": list(one.integrations)}
    tx.execute(insert(api_tokens).values(**values, **said))


def get(tx: Tx, token_id: str) -> ApiToken | None:
    row = tx.execute(select(api_tokens).where(api_tokens.c.id == storable(token_id))).one_or_none()
    return None if row is None else _token(row)


def meant(tx: Tx, reference: str) -> ApiToken | None:
    """By its id or its name."""
    wanted = storable(reference)
    which = or_(api_tokens.c.id == wanted, api_tokens.c.name == wanted)
    row = tx.execute(select(api_tokens).where(which).order_by(api_tokens.c.id).limit(1)).one_or_none()
    return None if row is None else _token(row)


def listing(tx: Tx) -> Sequence[ApiToken]:
    """Oldest first, those that were revoked as well."""
    return [_token(row) for row in tx.execute(select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id))]


def revoke(tx: Tx, token_id: str, *, by: str, now: datetime) -> bool:
    """False: it was revoked before."""
    which = (api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
    return tx.execute(update(api_tokens).where(*which).values(revoked_at=now, revoked_by=storable(by))).rowcount == 1


def of_account(tx: Tx, slug: str, now: datetime) -> Sequence[ApiToken]:
    """Those that are good and whose scope names it."""
    return [one for one in listing(tx) if slug in one.integrations and one.state(now) == "good"]


def take_account(tx: Tx, slug: str, *, by: str, now: datetime) -> Sequence[ApiToken]:
    """It goes: another may be called so one day. A token for it alone ends, since one without a scope would reach all."""
    tx.execute(select(api_tokens.c.id).order_by(api_tokens.c.id).with_for_update())
    found = of_account(tx, slug, now)
    for one in found:
        if left := [name for name in one.integrations if name != slug]:
            tx.execute(update(api_tokens).where(api_tokens.c.id == one.id).values(integrations=left))
        else:
            revoke(tx, one.id, by=by, now=now)
    return found


def used(tx: Tx, token_id: str, *, now: datetime, unless_since: datetime) -> None:
    last = api_tokens.c.last_used_at
    which = (api_tokens.c.id == token_id, or_(last.is_(None), last < unless_since))
    tx.execute(update(api_tokens).where(*which).values(last_used_at=now))


def _token(row: Row[*tuple[Any, ...]]) -> ApiToken:
    return ApiToken(
        row.id,
        row.name,
        row.digest,
        row.role,
        tuple(row.integrations),
        row.created_at,
        row.created_by,
        row.expires_at,
        row.revoked_at,
        row.revoked_by,
        row.last_used_at,
    )
