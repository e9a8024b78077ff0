"""The tables of accounts that act as the person: whom an address of the case side belongs to, and in whose names was written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Named, Table, Text, TypedColumns

from .columns import Moment, Name, Serial, Word
from .tables import metadata


class AuthorColumns(TypedColumns):
    """What PagerDuty has said of one e-mail address, for a while; also that it shows no such user."""

    integration = Column(Word, primary_key=True)
    email = Column(Name, primary_key=True)  # in small letters
    user_id: Named[str] = Column(Name, default="")
    login: Named[str] = Column(Text, default="")  # as PagerDuty spells it
    name: Named[str] = Column(Text, default="")
    why_not: Named[str] = Column(Text, default="")  # nothing is written in this person's name
    asked_at: Named[datetime] = Column(Moment)
    until: Named[datetime] = Column(Moment)  # after that it is asked anew


authors = Table("authors", metadata, AuthorColumns)


class PenNameColumns(TypedColumns):
    """An attempt that may have been made in somebody's name. It is written before the attempt is made."""

    errand_id = Column(Serial, primary_key=True)
    attempt = Column(Serial, primary_key=True)
    link_id: Named[int] = Column(Serial)
    user_id: Named[str] = Column(Name)
    field: Named[str] = Column(Word)  # empty: words, or an opening
    value: Named[str] = Column(Text, default="")
    begun_at: Named[datetime] = Column(Moment)
    landed_by: Named[datetime | None] = Column(Moment)  # by the record's own clock, once the far side has answered


pen_names = Table("pen_names", metadata, PenNameColumns, Index("ix_pen_names_link", "link_id", "begun_at"))
