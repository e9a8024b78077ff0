"""What is kept of a restored backup: each account's gap, whether it has been read since, and errands that look first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update

from syncd.core.gap import LOOKED_FOR
from syncd.core.lifecycle import ArrivalState

from .arrivals import Record
from .columns import Moment, says, says_one_of
from .database import Tx
from .errands import LYING
from .tables import arrivals, errands, links
from .tables_of_accounts import integrations
from .tables_of_cases import cases
from .tables_of_looks import reconciles
from .tables_of_upkeep import heartbeats

_STEP = 1000  # cases are numbered on from the second next multiple


def last_sign_of_life(tx: Tx) -> datetime | None:
    """The restored database stood still from then on, a moment before its backup was made."""
    return tx.execute(select(func.max(heartbeats.c.at))).scalar_one()


def begin(tx: Tx, slug: str, since: datetime, until: datetime) -> None:
    """What an earlier restore has forgotten and nobody has read yet is of this gap, too."""
    is_open = and_(integrations.c.gap_since < since, integrations.c.gap_read_at.is_(None))
    earlier = case((is_open, integrations.c.gap_since), else_=literal(since, Moment()))
    values = {"gap_since": earlier, "gap_until": until, "gap_read_at": None}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values))


def end(tx: Tx, slug: str, now: datetime) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(gap_read_at=now))


def is_read(tx: Tx, slug: str, event_type: str) -> bool:
    """Whether its lists were followed to their end, and every record found there was tried. One that cannot be read yet keeps its
    own link waiting.
    """
    is_to_be_listed = exists().where(reconciles.c.integration == slug, reconciles.c.state != "done")
    is_to_be_read = exists().where(
        arrivals.c.source == slug,
        says(arrivals.c.state, ArrivalState.NEW),
        arrivals.c.event_type == event_type,
        arrivals.c.attempt == 0,
    )
    return not tx.execute(select(or_(is_to_be_listed, is_to_be_read))).scalar_one()


_IS_TO_BE_READ = and_(says(arrivals.c.state, ArrivalState.NEW), arrivals.c.reconcile_id.is_not(None))
_IS_OF_GAP = and_(integrations.c.slug == arrivals.c.source, arrivals.c.received_at <= integrations.c.gap_read_at)


def unread(tx: Tx) -> frozenset[Record]:
    """Records that could not be read yet, of accounts that have been read otherwise."""
    left = select(arrivals.c.source, arrivals.c.record).where(_IS_TO_BE_READ, _IS_OF_GAP)
    return frozenset((row[0], row[1]) for row in tx.execute(left))


def has_unread_record() -> ColumnElement[bool]:
    """Of a link, among links: one of its two records."""
    is_case = and_(arrivals.c.source == links.c.case_system, arrivals.c.record == links.c.case_id)
    is_incident = and_(arrivals.c.source == links.c.integration, arrivals.c.record == links.c.incident_id)
    return exists().where(or_(is_case, is_incident), _IS_TO_BE_READ, _IS_OF_GAP)


def doubt(tx: Tx, slug: str, not_before: datetime) -> int:
    """Everything that lies here for this account and is not known to be undone. How many."""
    is_later = errands.c.next_at > not_before
    which = and_(
        _goes_to(slug),
        says_one_of(errands.c.state, LYING),
        errands.c.kind.in_(LOOKED_FOR),
    )
    next_at = case((is_later, errands.c.next_at), else_=literal(not_before, Moment()))
    return tx.execute(update(errands).where(which).values(is_doubtful=True, next_at=next_at)).rowcount


def _goes_to(slug: str) -> ColumnElement[bool]:
    mine = or_(
        and_(errands.c.side == "case", links.c.case_system == slug),
        and_(errands.c.side == "incident", links.c.integration == slug),
    )
    return exists().where(links.c.id == errands.c.link_id, mine)


def number_on(tx: Tx, slug: str) -> int:
    """No case gets a number again that a forgotten one may have had. Twice in a row changes nothing the second time."""
    highest = tx.execute(select(func.coalesce(func.max(cases.c.number), 0))).scalar_one()
    floor = (highest // _STEP + 2) * _STEP
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(numbers_from=floor))
    if tx.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("cases", "number")
        tx.execute(select(func.setval(sequence, floor - 1)))
    return floor
