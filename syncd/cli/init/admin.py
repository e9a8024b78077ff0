"""The last step: nobody can sign in yet, so whoever sets everything up is given a link to be the first admin by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.settings import Settings
    from syncd.store.database import Database


def link(db: Database, settings: Settings, by: str) -> dict[str, Any] | None:
    """None where there is an admin already. One that was printed before opens nothing any more."""
    from syncd.cli.local import site_of
    from syncd.flow.access import first_admin

    if not first_admin.is_wanted(db):
        return None
    made = first_admin.link(db, site_of(settings, db), by=by)
    return {"link": made.address, "until": made.until}
