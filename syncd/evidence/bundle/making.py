"""Making a bundle: every file goes by once, the manifest is signed, the snapshot is kept, and only then the file takes its place.

Whoever dies on the way leaves a file with another name, or a snapshot whose bundle was never given: never half a bundle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from syncd.connections.vault import Vault
from syncd.evidence.answering import Question, answer
from syncd.evidence.collecting.digests import digest_of
from syncd.evidence.facts.account import Facts
from syncd.evidence.known import Known, pages_for
from syncd.evidence.pseudonyms import Pseudonyms, masked, masked_report, people_in
from syncd.evidence.report.plain import Plain, canonical, plain
from syncd.store.database import Database, Tx
from syncd.store.evidence import snapshots
from syncd.store.evidence.pages import RawPage
from syncd.store.evidence.snapshots import Snapshot

from .archive import Archive, Written, packed, unpacked
from .contents import REPORT, files
from .keys import pseudonym_key, signer
from .layout import MANIFEST, SIGNATURE
from .manifest import Manifest, sha256
from .placing import placed, refuse_taken
from .signing import Signer

Progress = Callable[[str, int], None]  # a file's name, and how many of its bytes have gone by


def untold(_name: str, _size: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class Maker:
    db: Database
    vault: Vault
    known: Known

    def make(
        self, question: Question, to: Path | None, *, hides_names: bool = False, tell: Progress = untold
    ) -> Snapshot:
        """`to` nowhere: the snapshot alone is kept, with the digests of all that a bundle would have."""
        key = signer(self.db, self.vault)
        with placed(to) as place:
            archive = Archive(place.file)
            report, written = self._contents(archive, question, tell, hides=hides_names)
            with self.db.write() as tx:
                snapshots.hold(tx)
                refuse_taken(to)
                kept = _snapshot(tx, question, report, written, key, hides_names=hides_names)
                archive.add(MANIFEST, (kept.manifest,))
                archive.add(SIGNATURE, (kept.signature,))
                archive.close()
                place.settle()
                snapshots.add(tx, kept)
            place.number = kept.number
        return kept

    def _contents(
        self, archive: Archive, question: Question, tell: Progress, *, hides: bool
    ) -> tuple[Plain, list[Written]]:
        with self.db.read() as tx:
            facts, report, names = self._answer(tx, question, hides=hides)
            found = files(facts, report, self._pages(tx, question), names)
            written = [archive.add(name, _told(name, pieces, tell)) for name, pieces in found]
        return report, written

    def _answer(self, tx: Tx, question: Question, *, hides: bool) -> tuple[Facts, Plain, Pseudonyms | None]:
        if not hides:
            facts, report = answer(tx, self.known, question)
            return facts, plain(report), None
        names = self._pseudonyms(tx, question)
        facts, report = answer(tx, self.known, question, lambda found: masked(found, names))
        return facts, masked_report(plain(report), names), names

    def _pseudonyms(self, tx: Tx, question: Question) -> Pseudonyms:
        """Pages name people whom the list of users has no more, so they are looked through first."""
        users = self.known.facts(tx, question.slug, question.window, question.known_at).users.rows
        ids = {one.address: one.id for one in users if one.address}

        def user_of(address: str) -> str:
            return ids.get(digest_of(self.db, self.vault)(address), "") if ids else ""

        names = Pseudonyms(pseudonym_key(self.db, self.vault), {one.id: one.name for one in users}, user_of)
        for page in self._pages(tx, question):
            for who, name in people_in(page.body):
                names.learn(who, name)
        return names

    def _pages(self, tx: Tx, question: Question) -> Iterator[RawPage]:
        return pages_for(self.known, tx, question.slug, question.window, question.known_at, question.made_at)


def _told(name: str, pieces: Iterable[bytes], tell: Progress) -> Iterator[bytes]:
    for piece in pieces:
        tell(name, len(piece))
        yield piece


def _snapshot(
    tx: Tx, question: Question, report: Plain, written: list[Written], key: Signer, *, hides_names: bool
) -> Snapshot:
    before = snapshots.newest(tx, question.slug)
    manifest = Manifest(
        account=question.slug,
        subdomain=question.subdomain,
        number=1 if before is None else before.number + 1,
        previous="" if before is None else before.sha256,
        window_start=report["window"]["start"],
        window_end=report["window"]["end"],
        known_at=report["known_at"],
        made_at=report["made_at"],
        asked_by=report["asked_by"],
        version=report["tool"]["version"],
        has_pseudonyms=hides_names,
        fingerprint=key.fingerprint,
        public_key=key.pem,
        files=tuple(written),
    )
    signed = manifest.written()
    return Snapshot(
        integration=question.slug,
        number=manifest.number,
        known_at=question.known_at,
        window_start=question.window.start,
        window_end=question.window.end,
        made_at=question.made_at,
        asked_by=question.asked_by,
        fingerprint=key.fingerprint,
        manifest=signed,
        sha256=sha256(signed),
        previous=manifest.previous,
        signature=key.sign(signed),
        report=packed(canonical(report)),
    )


def report_in(kept: Snapshot) -> Plain:
    """As it was given."""
    found: Plain = json.loads(unpacked(kept.report))
    return found


def excerpt(kept: Snapshot, to: Path) -> None:
    """What proves a snapshot whose bundle was never given, or is lost: its signed manifest, and the report."""
    with placed(to) as place:
        archive = Archive(place.file)
        archive.add_packed(REPORT, kept.report)
        archive.add(MANIFEST, (kept.manifest,))
        archive.add(SIGNATURE, (kept.signature,))
        archive.close()
