"""The ORM rows of the plain pipeline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Case(Base):
    __tablename__ = "plain_cases"
    incident_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    priority: Mapped[str] = mapped_column(String(8))


class Event(Base):
    __tablename__ = "plain_events"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("plain_cases.incident_id"))
    kind: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
