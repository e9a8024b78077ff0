"""What does not get to where it is to go, counted by the account that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select, type_coerce

from syncd.core.changes import Side
from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome

from .columns import says, says_one_of
from .database import Tx
from .errands import LIVE, ON_ITS_WAY
from .tables import deliveries, errands, links


@dataclass(frozen=True, slots=True)
class Late:
    account: str
    links: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    account: str
    reason: str
    changes: int


@dataclass(frozen=True, slots=True)
class Unopened:
    account: str
    cases: int
    link: int  # the first of them
    case_id: str
    reason: str


_ACCOUNT = case((errands.c.side == Side.INCIDENT, links.c.integration), else_=links.c.case_system)


def late(tx: Tx, before: datetime) -> Sequence[Late]:
    """Changes that nothing holds and that were asked for before that."""
    since = type_coerce(func.coalesce(errands.c.received_at, errands.c.created_at), errands.c.created_at.type)
    on_its_way = and_(says_one_of(errands.c.state, LIVE), errands.c.state.in_(ON_ITS_WAY), since < before)
    told = select(_ACCOUNT.label("account"), errands.c.link_id, since.label("since"))
    found = told.join(links, links.c.id == errands.c.link_id).where(on_its_way).subquery()
    oldest = type_coerce(func.min(found.c.since), errands.c.created_at.type)
    counted = select(found.c.account, func.count(found.c.link_id.distinct()), oldest).group_by(found.c.account)
    return [Late(*row) for row in tx.execute(counted)]


def refused(tx: Tx) -> Sequence[Refused]:
    """The dead whom nobody has dealt with, by what they were refused for."""
    is_open = and_(says(errands.c.state, ErrandState.DEAD), errands.c.dealt_with == "")
    is_why = and_(deliveries.c.errand_id == errands.c.id, says(deliveries.c.outcome, Outcome.FAILED))
    told = select(_ACCOUNT.label("account"), deliveries.c.reason, errands.c.id).where(is_open)
    found = told.join(links, links.c.id == errands.c.link_id).join(deliveries, is_why).subquery()
    groups = (found.c.account, found.c.reason)
    return [Refused(*row) for row in tx.execute(select(*groups, func.count(found.c.id.distinct())).group_by(*groups))]


def unopened(tx: Tx) -> Sequence[Unopened]:
    """Cases that got no incident, by the account that it was to be opened in."""
    is_failed = says(links.c.state, LinkState.FAILED)
    groups = select(func.count().label("cases"), func.min(links.c.id).label("first")).where(is_failed)
    found = groups.group_by(links.c.integration).subquery()
    first = select(links.c.integration, found.c.cases, links.c.id, links.c.case_id, links.c.reason)
    return [Unopened(*row) for row in tx.execute(first.join(found, found.c.first == links.c.id))]
