"""Evidence of an account that goes, or whose place another one takes: it stays under a name that nobody else will have, until the same
account comes back under its old one.

By which account it is PagerDuty's address of it tells (`account_host`), and never what it is called here.
"""

from __future__ import annotations

from sqlalchemy import Table, delete, func, insert, select, update

from syncd.store.columns import says
from syncd.store.database import Tx
from syncd.store.tables_of_accounts import integrations
from syncd.store.tables_of_answers import (
    evidence_acceptances,
    evidence_exceptions,
    evidence_results,
    evidence_snapshots,
)
from syncd.store.tables_of_evidence import evidence_collections, evidence_incidents, evidence_left, evidence_seen

from . import collections

_OVER = [{"why": "failed", "part": "", "needs": "the account was removed, or moved, while it was collected"}]
_NUMBERED = (
    ("", evidence_collections),
    ("r", evidence_results),
    ("a", evidence_acceptances),
    ("s", evidence_snapshots),
)
_ALL = (*(table for _, table in _NUMBERED), evidence_incidents, evidence_seen, evidence_exceptions)


def leave_behind(tx: Tx, slug: str, account_host: str = "") -> str:
    """The name; empty: there is none. Whoever is collecting finds that it is his no more."""
    collections.forget_to_come(tx, slug)
    name = name_of(tx, slug)
    if not name:
        return ""
    mine = evidence_collections.c.integration == slug
    begun = func.coalesce(evidence_collections.c.begun_at, evidence_collections.c.asked_at)
    ended = {"state": collections.DONE, "ended_at": begun, "lease_until": None, "missing": _OVER}
    tx.execute(
        update(evidence_collections).where(mine, ~says(evidence_collections.c.state, collections.DONE)).values(**ended)
    )
    _rename(tx, slug, name)
    tx.execute(insert(evidence_left).values(name=name, integration=slug, account_host=account_host))
    return name


def take_back(tx: Tx, slug: str, account_host: str) -> bool:
    """Of the same account under the same name: its evidence goes on where it ended. False: there is none, or some of another one."""
    same = (evidence_left.c.integration == slug, evidence_left.c.account_host == account_host)
    last = select(evidence_left.c.name).where(*same).order_by(evidence_left.c.id.desc()).limit(1)
    name = tx.execute(last).scalar_one_or_none() if account_host else None
    if name is None or name_of(tx, slug):
        return False
    _rename(tx, name, slug)
    tx.execute(delete(evidence_left).where(evidence_left.c.name == name))
    return True


def name_of(tx: Tx, slug: str) -> str:
    """Under which it would be left now; empty: there is nothing."""
    for prefix, table in _NUMBERED:
        last = tx.execute(select(func.max(table.c.id)).where(table.c.integration == slug)).scalar_one()
        if last is not None:
            return f"{slug[:40]}/{prefix}{last}"
    return ""


def known_as(tx: Tx, slug: str) -> str:
    """Where the evidence of an account stands that is called so, or was called so last and is gone."""
    if (
        name_of(tx, slug)
        or tx.execute(select(integrations.c.slug).where(integrations.c.slug == slug)).first() is not None
    ):
        return slug
    last = select(evidence_left.c.name).where(evidence_left.c.integration == slug).order_by(evidence_left.c.id.desc())
    return tx.execute(last.limit(1)).scalar_one_or_none() or slug


def is_left_of(name: str, slug: str) -> bool:
    """Whether this is a name that evidence of an account called so was left under."""
    return name.rpartition("/")[0] == slug[:40]


def _rename(tx: Tx, old: str, new: str) -> None:
    table: Table
    for table in _ALL:
        tx.execute(update(table).where(table.c.integration == old).values(integration=new))
