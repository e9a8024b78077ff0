"""What several commands of evidence ask for: the database, the account that is meant, and the question as people type it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.cli.existing import existing_database
from syncd.configuration import load
from syncd.connections.vault import Vault
from syncd.evidence.desk import Desk
from syncd.settings import Settings
from syncd.store.evidence import leaving

from .account import chosen

if TYPE_CHECKING:
    from syncd.evidence.answering import Question
    from syncd.evidence.bundle.making import Maker
    from syncd.evidence.report.plain import Plain
    from syncd.store.database import Database
    from syncd.store.evidence.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Here:
    """The desk, where an account need not be named if there is only one."""

    settings: Settings
    desk: Desk

    @property
    def db(self) -> Database:
        return self.desk.db

    def vault(self) -> Vault:
        from syncd.connections.master_key import open_vault

        return open_vault(self.settings, self.db)

    def maker(self) -> Maker:
        from syncd.evidence.bundle.making import Maker

        return Maker(self.db, self.vault(), self.desk.known)

    def account(self, name: str) -> str:
        return chosen(self.db, name)

    def question(self, name: str, period: str, by: str) -> Question:
        return self.desk.question(self.account(name), period, by)

    def report(self, name: str, period: str, by: str) -> Plain:
        return self.desk.report(self.account(name), period, by)

    def slug(self, name: str) -> str:
        """Of what was answered, also about an account that is gone by now."""
        if not name:
            return self.account(name)
        with self.db.read() as tx:
            return leaving.known_as(tx, name)

    def snapshot(self, name: str, number: int) -> Snapshot:
        return self.desk.snapshot(self.slug(name), number)

    def given_before(self, name: str, number: int) -> Plain:
        return self.desk.given_before(self.slug(name), number)


@contextmanager
def here(config: Path | None) -> Iterator[Here]:
    settings = load(config)
    with existing_database(settings) as db:
        yield Here(settings, Desk(db, settings.evidence, settings.evidence_roster))
