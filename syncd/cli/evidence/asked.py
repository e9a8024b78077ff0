"""What several commands of evidence ask for: the database, the account that is meant, and the question as people type it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from syncd.cli.existing import existing_database
from syncd.configuration import load
from syncd.connections.vault import Vault
from syncd.errors import NotFound
from syncd.evidence.answering import Question
from syncd.evidence.bundle.making import report_in
from syncd.evidence.known import Kept, Known
from syncd.evidence.report.period import period_of
from syncd.evidence.report.plain import Plain
from syncd.settings import Settings
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.evidence import leaving, snapshots
from syncd.store.evidence.snapshots import Snapshot
from syncd.store.integrations import Integration

from .account import chosen


@dataclass(frozen=True, slots=True)
class Here:
    settings: Settings
    db: Database
    known: Known

    def vault(self) -> Vault:
        from syncd.connections.master_key import open_vault

        return open_vault(self.settings, self.db)

    def account(self, name: str) -> Integration:
        slug = chosen(self.db, name)
        with self.db.read() as tx:
            return integrations.all_of(tx)[slug]

    def question(self, name: str, period: str, by: str) -> Question:
        account = self.account(name)
        with self.db.read() as tx:
            now = self.db.now(tx)
        subdomain = account.account_host.partition(".")[0]
        return Question(account.slug, subdomain, period_of(period, now), self.settings.evidence, by, now)

    def slug(self, name: str) -> str:
        """Of what was answered, also about an account that is gone by now."""
        if not name:
            return chosen(self.db, name)
        with self.db.read() as tx:
            return leaving.known_as(tx, name)

    def snapshot(self, name: str, number: int) -> Snapshot:
        slug = self.slug(name)
        with self.db.read() as tx:
            found = snapshots.get(tx, slug, number)
        if found is None:
            raise NotFound(f"{slug} has no snapshot {number}; `syncd evidence snapshots` shows those there are.")
        return found

    def kept_report(self, name: str, number: int) -> Plain:
        return report_in(self.snapshot(name, number))


@contextmanager
def here(config: Path | None) -> Iterator[Here]:
    settings = load(config)
    with existing_database(settings) as db:
        yield Here(settings, db, Kept())
