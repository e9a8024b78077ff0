"""What goes out about the daemon itself: how much has been counted for those who watch it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Named, Table, TypedColumns

from .columns import Json, Moment, Serial, Word
from .tables import metadata


class TallyColumns(TypedColumns):
    """What a table's rows came to, up to one of them: those that are thrown away later stay counted."""

    book = Column(Word, primary_key=True)  # a store.tallies.Book
    upto: Named[int] = Column(Serial)  # the last row that is in it
    totals: Named[Any] = Column(Json)
    counted_at: Named[datetime] = Column(Moment)


tallies = Table("tallies", metadata, TallyColumns)
