"""How long an account is left alone because it asked for that: a 429 is about a credential, and not about the one request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, or_, select, update

from .columns import Moment
from .database import Tx
from .tables_of_accounts import integrations


def ask(tx: Tx, slug: str, until: datetime) -> None:
    """Of several answers the one that asks for most stands."""
    is_longer = or_(integrations.c.rests_until.is_(None), integrations.c.rests_until < until)
    tx.execute(update(integrations).where(integrations.c.slug == slug, is_longer).values(rests_until=until))


def not_before(whose: ColumnElement[bool], moment: datetime) -> ColumnElement[datetime]:
    """That moment, or when this account has rested: whoever hastens what was put off goes back no further."""
    rests = select(integrations.c.rests_until).where(whose, integrations.c.rests_until > moment).scalar_subquery()
    return func.coalesce(rests, literal(moment, Moment()))
