"""What errands say in words: the texts of notes and comments, as they stand on the side that they were written to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from .columns import many
from .database import Tx
from .tables import errands

_TEXTS = select(errands.c.id, errands.c.text).where(errands.c.id.in_(many("ids")), errands.c.text != "")


def words_of(tx: Tx, ids: Collection[int]) -> Mapping[int, str]:
    """Of those errands that have any, and are still kept."""
    return {row.id: row.text for row in tx.execute(_TEXTS, {"ids": sorted(ids)})} if ids else {}
