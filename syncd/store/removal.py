"""What goes with an account or a connector: its links end, what waits for them is withdrawn, and its own rows are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState

from . import authors
from . import links as links_kept
from .columns import says_one_of
from .database import Tx
from .errands import LIVE, StoredErrand, as_stored
from .evidence import leaving
from .links import StoredLink
from .tables import errands, links
from .tables_of_accounts import authorisations, connectors, diagnoses, hook_secrets, integrations, probes, watches
from .tables_of_looks import polled, reconciles


@dataclass(frozen=True, slots=True)
class Going:
    """An account, with all that leads to it, or a single connector."""

    account: str = ""
    connector: str = ""

    @property
    def links(self) -> ColumnElement[bool]:
        """Those that have not ended."""
        is_of_account = or_(links.c.integration == self.account, links.c.case_system == self.account)
        is_mine = links.c.connector == self.connector if self.connector else is_of_account
        return is_mine & (links.c.state != LinkState.ENDED)


def count_links(tx: Tx, going: Going) -> int:
    return tx.execute(select(func.count()).select_from(links).where(going.links)).scalar_one()


def first_cases(tx: Tx, going: Going, limit: int) -> list[str]:
    """Those whose links end, the newest first: what people still work on."""
    return list(tx.scalars(select(links.c.case_id).where(going.links).order_by(links.c.id.desc()).limit(limit)))


def link_ids(tx: Tx, going: Going, limit: int) -> list[int]:
    return list(tx.scalars(select(links.c.id).where(going.links).order_by(links.c.id).limit(limit)))


def count_errands(tx: Tx, going: Going) -> int:
    mine = errands.c.link_id.in_(select(links.c.id).where(going.links))
    which = (mine, says_one_of(errands.c.state, LIVE))
    return tx.execute(select(func.count()).select_from(errands).where(*which)).scalar_one()


def stored(tx: Tx, going: Going) -> list[StoredLink]:
    return links_kept.which(tx, going.links)


def with_errands(tx: Tx, going: Going) -> set[int]:
    """Links for which something waits, is held or is out."""
    mine = errands.c.link_id.in_(select(links.c.id).where(going.links))
    return set(tx.scalars(select(errands.c.link_id).where(mine, says_one_of(errands.c.state, LIVE)).distinct()))


def withdraw(tx: Tx, ids: Sequence[int]) -> list[StoredErrand]:
    """All of these links that wait, are held or are out: whoever comes back with one writes nothing. Under their locks."""
    which = (errands.c.link_id.in_(ids), says_one_of(errands.c.state, LIVE))
    found = [as_stored(row) for row in tx.execute(select(errands).where(*which).order_by(errands.c.id))]
    ended = {"state": ErrandState.WITHDRAWN, "held_reason": "", "token": "", "lease_until": None}
    tx.execute(update(errands).where(errands.c.id.in_([one.id for one in found])).values(**ended))
    return found


def connectors_of(tx: Tx, slug: str) -> list[str]:
    uses = or_(connectors.c.integration == slug, connectors.c.case_system == slug)
    return list(tx.scalars(select(connectors.c.name).where(uses).order_by(connectors.c.name)))


def forget(tx: Tx, slug: str) -> str:
    """Rows of deliveries, hooks that came and the history of its connection stay; its evidence under this name, if there is any."""
    account_host = tx.execute(
        select(integrations.c.account_host).where(integrations.c.slug == slug)
    ).scalar_one_or_none()
    left = forget_found(tx, slug, account_host or "")
    tx.execute(delete(connectors).where(or_(connectors.c.integration == slug, connectors.c.case_system == slug)))
    tx.execute(delete(integrations).where(integrations.c.slug == slug))
    return left


def forget_found(tx: Tx, slug: str, account_host: str) -> str:
    """What was found, asked and agreed at this account: what signs its hooks, how it was watched and looked over. Its evidence stays,
    under the name that is returned.
    """
    tx.execute(delete(hook_secrets).where(hook_secrets.c.integration == slug))
    tx.execute(delete(watches).where(watches.c.integration == slug))
    tx.execute(delete(reconciles).where(reconciles.c.integration == slug))
    tx.execute(delete(polled).where(polled.c.integration == slug))
    tx.execute(delete(probes).where(probes.c.integration == slug))
    tx.execute(delete(diagnoses).where(diagnoses.c.integration == slug))
    tx.execute(delete(authorisations).where(authorisations.c.integration == slug))
    authors.forget(tx, slug)
    return leaving.leave_behind(tx, slug, account_host)
