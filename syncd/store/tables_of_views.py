"""The table of saved views."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Named, Table, Text, TypedColumns

from .columns import Moment, Name, Word
from .tables import metadata


class SavedViewColumns(TypedColumns):
    """A query of deliveries under a name, as it was typed: a release that does not know it any more can still show it."""

    owner = Column(Name, primary_key=True)  # empty: everybody
    name = Column(Word, primary_key=True)
    query: Named[str] = Column(Text)
    saved_by: Named[str] = Column(Text)
    saved_at: Named[datetime] = Column(Moment)


saved_views = Table("saved_views", metadata, SavedViewColumns)
