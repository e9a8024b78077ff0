"""The table of what people and programs have done here. The database itself lets no row be changed but to end it, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, Column, Index, Named, Table, Text, TypedColumns, event

from .columns import Json, Moment, Name, Serial, Word
from .tables import metadata


class ActionColumns(TypedColumns):
    """Written before it is done, so that it is not done without a row; and ended when it has been."""

    id = Column(Serial, primary_key=True)
    at: Named[datetime] = Column(Moment)
    who: Named[str] = Column(Name)
    known_as: Named[str] = Column(Word)
    way: Named[str] = Column(Word)
    action: Named[str] = Column(Word)  # what a role needs for it
    act: Named[str] = Column(Text)  # the route or the command
    named: Named[Any] = Column(Json)  # on what
    outcome: Named[str] = Column(Word)  # begun, done, refused, failed
    status: Named[int | None] = Column()  # of the HTTP answer, or the code that a command left with
    detail: Named[str] = Column(Text, default="")  # the code of a refusal
    ended_at: Named[datetime | None] = Column(Moment)
    taken_rows: Named[int | None] = Column(BigInteger)  # that went out, of what takes something out of here
    taken_bytes: Named[int | None] = Column(BigInteger)  # that went out
    taken_sha256: Named[str | None] = Column(Word)  # of exactly these bytes; empty where it broke off


actions = Table(
    "actions",
    metadata,
    ActionColumns,
    Index("ix_actions_who", "who", "id"),
    Index("ix_actions_action", "action", "id"),
    Index("ix_actions_at", "at", "id"),
)

_WHAT_IT_WAS = "id, at, who, known_as, way, action, act, named"
_SAYS = "a row of the action log is never changed"
_SQLITE = (
    f"CREATE TRIGGER actions_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON actions BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
    (
        "CREATE TRIGGER actions_end_once BEFORE UPDATE ON actions WHEN OLD.outcome <> 'begun' "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    ),
)
_POSTGRESQL = (
    f"CREATE FUNCTION actions_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$",
    f"CREATE TRIGGER actions_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON actions FOR EACH ROW EXECUTE FUNCTION actions_stand()",
    (
        "CREATE TRIGGER actions_end_once BEFORE UPDATE ON actions FOR EACH ROW WHEN (OLD.outcome <> 'begun') "
        "EXECUTE FUNCTION actions_stand()"
    ),
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        event.listen(actions, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]  # SQLAlchemy has left its types out.
