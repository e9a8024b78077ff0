"""What alembic runs for every command: the migrations, in the transaction that schema.py has opened."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from syncd.store import tables_of_accounts
from syncd.store.columns import Moment


def rendered(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """How a draft spells what is ours: a migration must not change when our own types do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["tx"],
    target_metadata=tables_of_accounts.integrations.metadata,
    render_as_batch=True,  # SQLite cannot alter a table; alembic copies it instead
    render_item=rendered,
)
with context.begin_transaction():
    context.run_migrations()
